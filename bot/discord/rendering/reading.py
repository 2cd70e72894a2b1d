"""One slice and its reading: what is said there, where that stands, and why."""

from collections.abc import Sequence

from bot.app.service import EpisodeCard
from bot.discord.custom_ids import EpisodePress, ReadingPress
from bot.discord.language import Speech
from bot.discord.limits import Detail, fitted
from bot.discord.markup import quoted, shown
from bot.discord.rendering.parts import (
    Answer,
    Row,
    attribution,
    button,
    byline,
    colour_of,
    link_button,
    panel,
    row,
    signed_tenths,
    title,
)
from bot.discord.rendering.places import near_select
from index.search.excerpts import excerpt_of
from index.storage.records import SliceRecord

_DRIVERS = 6
_LEAST_REST = 0.95


def reading_answer(speech: Speech, card: EpisodeCard, ordinal: int, *, rows: Sequence[Row] = ()) -> Answer:
    """A slice of an episode with its reading and its drivers.

    Args:
        speech: the language.
        card: the episode with all its slices.
        ordinal: which of them; 0-based, and below their number.
        rows: more rows of buttons, shown right under the panel; at most three.
    """
    return fitted(lambda detail: _reading(speech, card, ordinal, rows, detail))


def _reading(speech: Speech, card: EpisodeCard, ordinal: int, rows: Sequence[Row], detail: Detail) -> Answer:
    episode, record = card.episode, card.slices[ordinal]
    place = speech.say("reading.place", number=ordinal + 1, of=len(card.slices))
    chapter = shown(record.piece.chapter, detail.name) if record.piece.chapter else ""
    return Answer(
        f"## {title(episode, detail)}\n{byline(speech, episode, detail, place, chapter)}",
        panel(
            colour_of(speech, record.reading.position),
            _said(speech, card, record, detail),
            _why(speech, record, detail),
        ),
        *rows,
        _buttons(speech, card, ordinal),
        near_select(speech, card, ordinal, detail),
    )


def _said(speech: Speech, card: EpisodeCard, record: SliceRecord, detail: Detail) -> str:
    """The words that tell most, with what pulls in bold; when and by whom; where that stands."""
    reading = record.reading
    excerpt = excerpt_of(card.episode, record, most=detail.prose)
    small = (
        speech.say("card.lens", lens=speech.lens(reading.lens)),
        speech.say("confidence." + reading.confidence),
        speech.say("reason." + reading.reason),
    )
    return "\n".join(
        (
            f"> {'…' if excerpt.begins_inside else ''}{quoted(excerpt.text, excerpt.marks, detail.prose)}",
            attribution(speech, excerpt.start_s, excerpt.link, excerpt.speaker, detail),
            speech.stand(reading.position),
            "-# " + " · ".join(part for part in small if part),
        )
    )


def _why(speech: Speech, record: SliceRecord, detail: Detail) -> str:
    reading = record.reading
    lines = [f"### {speech.say('reading.why')}"]
    for one in reading.drivers[: min(_DRIVERS, detail.items + 1)]:
        text = shown(one.text, detail.name)
        key = "reading.phrase" if one.kind == "phrase" else "card.near"
        lines.append(speech.say(key, pull=f"**{signed_tenths(one.pull)}**", statement=text, phrase=text))
    if not reading.drivers:
        lines.append(speech.say("reading.no_driver"))
    elif abs(reading.rest) >= _LEAST_REST:
        lines.append("-# " + speech.say("reading.rest", pull=signed_tenths(reading.rest)))
    return "\n".join(lines)


def _buttons(speech: Speech, card: EpisodeCard, ordinal: int) -> Row | None:
    """Into the recording, to the card, and to the slices before and after."""
    slug, second = card.episode.slug, card.slices[ordinal].piece.start_s
    turning = [
        button(speech.say(f"button.{name}"), ReadingPress(slug, place, "turn"))
        for name, place in (("earlier", ordinal - 1), ("later", ordinal + 1))
        if 0 <= place < len(card.slices)
    ]
    return row(
        *turning,
        button(speech.say("button.card"), EpisodePress(slug, "card")),
        link_button(speech.say("button.recording"), card.episode.link_at(second)),
    )
