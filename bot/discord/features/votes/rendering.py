"""One slice and its reading: what is said there, its position and why, and the buttons to vote on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import discord
from discord import ui

from bot.app.edition_answers import said_by
from bot.app.quotes import quote_within
from bot.app.service import EpisodeCard
from bot.app.votes import KEY_LENGTH, passage_key
from bot.discord.ui.components import SLUG, AnswerAlertAction, EpisodeAction, ReadingAction
from bot.discord.ui.limits import MAX_LABEL, Detail, cut, fitted
from bot.discord.ui.markup import quoted, safe
from bot.discord.ui.parts import (
    Answer,
    Row,
    attribution,
    button,
    byline,
    colour_at,
    link_button,
    most_options,
    panel,
    position_line,
    quote_button,
    row,
    select,
    signed_tenths,
    slice_option,
    title,
)
from bot.i18n.language import Language
from bot.render.text import no_reasons_text
from index.evaluation.vote_agreement import VERDICTS, VoteVerdict
from index.search.crux_pairs import is_claim
from index.search.excerpts import Excerpt, excerpt_of
from index.storage.records import SliceRecord
from scoring.reading import telling_drivers

VoteDone = Literal["counted", "replaced", "taken_back"]
"""What a press has done: a first vote on a passage, one in place of the voter's earlier one, or none any more."""

_DRIVERS = 6
_LEAST_REST = 0.95
_LETTERS: dict[VoteVerdict, str] = {"fits": "f", "too low": "l", "too high": "h"}
_VERDICTS = {letter: verdict for verdict, letter in _LETTERS.items()}
_OFFSET = 100
_CHOSEN = "✓ "


@dataclass(frozen=True, slots=True)
class VoteAction:
    """A vote on a reading, as a button says it: ``v:<slug>:<key><verdict><position>``.

    The verdict is one letter, and the position two: a vote is on what the voter saw.

    Attributes:
        slug: of the episode.
        key: of the passage.
        verdict: on it.
        position: that was shown, a whole number from -100 to 100.
    """

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        rf"v:{SLUG}:(?P<key>[\w-]{{{KEY_LENGTH}}})(?P<verdict>[flh])(?P<position>[\da-f]{{2}})", re.ASCII
    )

    slug: str
    key: str
    verdict: VoteVerdict
    position: int

    def __str__(self) -> str:
        return f"v:{self.slug}:{self.key}{_LETTERS[self.verdict]}{self.position + _OFFSET:02x}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        return cls(
            match["slug"], match["key"], _VERDICTS[match["verdict"]], int(match["position"], 16) - _OFFSET
        )


def as_shown(position: float) -> int:
    """Return a position as a person sees it: a whole number."""
    return round(position)


def reading_answer(
    language: Language,
    card: EpisodeCard,
    ordinal: int,
    own: VoteVerdict | None = None,
    done: VoteDone | None = None,
) -> Answer:
    """Return a slice of an episode with its reading, its drivers and buttons to vote on it.

    Args:
        language: of the answer.
        card: the episode with all its slices.
        ordinal: of the slice; 0-based, and below their number.
        own: the reader's own verdict on it, or None.
        done: what the reader has just done; None where they only look.
    """
    return fitted(lambda detail: _reading(language, card, ordinal, own, detail, done=done))


def _reading(
    language: Language,
    card: EpisodeCard,
    ordinal: int,
    own: VoteVerdict | None,
    detail: Detail,
    *,
    done: VoteDone | None,
) -> Answer:
    said = done or (None if own is None else "counted")
    episode, record = card.episode, card.slices[ordinal]
    place = language.say("reading.place", number=ordinal + 1, of=len(card.slices))
    chapter = safe(record.piece.chapter, detail.name) if record.piece.chapter else ""
    shown = excerpt_of(episode, record, most=detail.prose)
    return Answer(
        f"## {title(episode, detail)}\n{byline(language, episode, detail, place, chapter)}",
        panel(
            colour_at(language, record.reading.position),
            _said(language, card, record, shown, detail),
            _why(language, card, record, detail),
        ),
        _votes(language, episode.slug, record, own),
        None if said is None else f"-# {language.say(f'vote.{said}')}",
        _buttons(language, card, ordinal),
        _uses(language, card, ordinal, shown),
        _neighbours(language, card, ordinal, detail),
    )


def _said(
    language: Language, card: EpisodeCard, record: SliceRecord, excerpt: Excerpt, detail: Detail
) -> str:
    """Return the words that pull most, phrases that tell in bold; when and by whom they were said; the position.

    Three dots tell that the slice goes on.
    """
    read = record.reading
    small = (
        language.say("card.lens", lens=language.lens(read.lens)),
        language.say("confidence." + read.confidence),
    )
    marks = excerpt.marks if telling_drivers(read, card.wings) else ()
    more = " …" if record.piece.text[excerpt.end :].strip() else ""
    return "\n".join(
        (
            f"> {'…' if excerpt.begins_inside else ''}{quoted(excerpt.text, marks, detail.prose)}{more}",
            attribution(language, excerpt, detail),
            position_line(language, read.position),
            "-# " + " · ".join(small),
        )
    )


def _why(language: Language, card: EpisodeCard, record: SliceRecord, detail: Detail) -> str:
    read = record.reading
    if unexplained := no_reasons_text(read, card.wings, language.say):
        return unexplained
    lines = [f"### {language.say('reading.why')}"]
    drivers = telling_drivers(read, card.wings)[: min(_DRIVERS, detail.items + 1)]
    named = len(record.piece.chars_by_speaker()) > 1
    for driver in drivers:
        text, pull = safe(driver.text, detail.name), f"**{signed_tenths(driver.pull)}**"
        if driver.kind == "statement":
            lines.append(language.say("card.near", pull=pull, statement=text))
            continue
        speaker = said_by(record, driver) if named else None
        who = f" ({safe(speaker, detail.name)})" if speaker else ""
        lines.append(language.say("reading.phrase", pull=pull, phrase=text) + who)
    rest = read.position - sum(driver.pull for driver in drivers)
    if not drivers:
        lines.append(language.say("reading.no_driver"))
    elif abs(rest) >= _LEAST_REST:
        lines.append("-# " + language.say("reading.rest", pull=signed_tenths(rest)))
    return "\n".join(lines)


def _votes(language: Language, slug: str, record: SliceRecord, own: VoteVerdict | None) -> Row:
    """Return the three buttons: it fits, it is too far to the one side, too far to the other."""
    key = passage_key(language.axis.name, record.piece.text)
    position = as_shown(record.reading.position)
    return ui.ActionRow(
        *(
            ui.Button[Any](
                label=cut((_CHOSEN if verdict == own else "") + language.verdict(verdict), MAX_LABEL),
                custom_id=str(VoteAction(slug, key, verdict, position)),
                style=discord.ButtonStyle.success if verdict == own else discord.ButtonStyle.secondary,
            )
            for verdict in VERDICTS
        )
    )


def _buttons(language: Language, card: EpisodeCard, ordinal: int) -> Row | None:
    """Return buttons to the slices before and after, to the card, and into the recording."""
    slug, second = card.episode.slug, card.slices[ordinal].piece.start_s
    turning = [
        button(language.say(f"button.{name}"), ReadingAction(slug, place, "turn"))
        for name, place in (("earlier", ordinal - 1), ("later", ordinal + 1))
        if 0 <= place < len(card.slices)
    ]
    return row(
        *turning,
        button(language.say("button.card"), EpisodeAction(slug, "card")),
        link_button(language.say("button.recording"), card.episode.link_at(second)),
    )


def _uses(language: Language, card: EpisodeCard, ordinal: int, shown: Excerpt) -> Row | None:
    """Return buttons for what to do with the passage: a picture of its quote and, of a claim, a wish for its answer."""
    record = card.slices[ordinal]
    told = button(language.say("button.when_answered"), AnswerAlertAction(card.episode.slug, ordinal))
    return row(
        quote_button(language, quote_within(card.episode, record, shown)),
        told if is_claim(language.axis, card.episode, record) else None,
    )


def _neighbours(language: Language, card: EpisodeCard, ordinal: int, detail: Detail) -> Row | None:
    """Return a select of the slices around one, a page of them. None where there is no other."""
    first = ordinal // most_options(detail) * most_options(detail)
    page = card.slices[first : first + most_options(detail)]
    if len(page) <= 1:
        return None
    options = [slice_option(language, record, detail, by_chapter=False) for record in page]
    placeholder = language.say("places.near", first=first + 1, last=first + len(page), of=len(card.slices))
    return select(ReadingAction(card.episode.slug, ordinal, "pick"), placeholder, options)
