"""Places in an episode that one can go to: buttons into the recording, and a select of chapters or slices."""

from collections.abc import Sequence
from typing import TypeVar

import discord
from discord import ui

from bot.app.service import EpisodeCard
from bot.discord.custom_ids import ReadingPress
from bot.discord.language import Speech
from bot.discord.limits import CHOICE_MOST, OPTIONS_MOST, Detail, cut, size
from bot.discord.markup import folded
from bot.discord.rendering.parts import Row, link_button, row
from bot.i18n.catalogue import signed
from index.storage.records import SliceRecord
from scoring.arc import Turn, sharpest_turns

_MARKERS = ("low", "median", "high")
_LEAST_CHAPTERS = 2
_LEAST_WORDS = 20
_PLACEHOLDER_MOST = 150

T = TypeVar("T")


def jump_row(speech: Speech, card: EpisodeCard, detail: Detail) -> Row | None:
    """Buttons into the recording: to the three markers and the two sharpest turns, labelled with their times.

    A slice has one button, that of its first name; None where nothing has a time and an address.
    """
    axis = speech.axis
    poles = (axis.low_pole, "", axis.high_pole)
    targets = [*zip(_MARKERS, poles, card.episode.profile.markers, strict=False)]
    targets += [("rise" if one.change > 0 else "fall", "", one.ordinal) for one in turns_of(card)]
    buttons, taken = [], set()
    for name, pole, ordinal in targets:
        second = card.slices[ordinal].piece.start_s
        url = card.episode.link_at(second)
        if ordinal not in taken and url is not None and size(url) <= max(detail.link, 60):
            taken.add(ordinal)
            label = speech.say(f"jump.{name}", pole=speech.pole(pole), second=second)
            buttons.append(link_button(label, url))
    return row(*buttons)


def turns_of(card: EpisodeCard) -> tuple[Turn, ...]:
    """The two sharpest turns of an episode's arc, in transcript order."""
    return sharpest_turns(card.episode.profile.arc)


def card_select(speech: Speech, card: EpisodeCard, detail: Detail) -> Row | None:
    """A select of the episode's chapters, or of slices all over it where it has none. None without slices."""
    starts = chapters_of(card.slices)
    ordinals = spread_over(starts or range(len(card.slices)), _most(detail))
    options = [_option(speech, card.slices[at], detail, by_chapter=bool(starts)) for at in ordinals]
    placeholder = speech.say("places.chapters" if starts else "places.slices")
    return _select(ReadingPress(card.episode.slug, 0, "open"), placeholder, options)


def near_select(speech: Speech, card: EpisodeCard, ordinal: int, detail: Detail) -> Row | None:
    """A select of the slices around one, a page of them. None where there is no other."""
    first = ordinal // _most(detail) * _most(detail)
    page = card.slices[first : first + _most(detail)]
    if len(page) <= 1:
        return None
    options = [_option(speech, one, detail, by_chapter=False) for one in page]
    placeholder = speech.say("places.near", first=first + 1, last=first + len(page), of=len(card.slices))
    return _select(ReadingPress(card.episode.slug, ordinal, "pick"), placeholder, options)


def chapters_of(slices: Sequence[SliceRecord]) -> list[int]:
    """The first slice of each chapter; none where there are fewer than two."""
    starts = [
        at
        for at, record in enumerate(slices)
        if record.piece.chapter is not None
        and (at == 0 or slices[at - 1].piece.chapter != record.piece.chapter)
    ]
    return starts if len(starts) >= _LEAST_CHAPTERS else []


def spread_over(items: Sequence[T], most: int) -> list[T]:
    """``items``, or ``most`` of them at even steps, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    if most <= 1:
        return list(items[:most])
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _most(detail: Detail) -> int:
    return min(OPTIONS_MOST, 5 * detail.items)


def _select(press: ReadingPress, placeholder: str, options: list[discord.SelectOption]) -> Row | None:
    if not options:
        return None
    placeholder = cut(placeholder, _PLACEHOLDER_MOST)
    return ui.ActionRow(ui.Select(custom_id=str(press), placeholder=placeholder, options=options))


def _option(speech: Speech, record: SliceRecord, detail: Detail, *, by_chapter: bool) -> discord.SelectOption:
    """When, and what: a chapter's name, or where a slice stands over its first words."""
    piece, position = record.piece, record.reading.position
    when = (
        speech.say("picture.place.slice", number=piece.ordinal + 1)
        if piece.start_s is None
        else speech.say("passage.clock", second=piece.start_s)
    )
    stand = f"{signed(position)} {speech.band(record.reading.band)}"
    n_words = detail.quote // 8
    if by_chapter:
        name = cut(folded(piece.chapter or "") or "–", max(8, min(detail.name, 64)))
        words = stand
    else:
        name, words = stand, cut(folded(piece.text), max(1, n_words)) if n_words >= _LEAST_WORDS else ""
    return discord.SelectOption(
        label=cut(f"{when} · {name}", CHOICE_MOST),
        value=str(piece.ordinal),
        description=words if n_words >= _LEAST_WORDS and words else None,
    )
