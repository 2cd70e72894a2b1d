"""The library map: every episode by headline and subject, with the places where nobody stands."""

from collections.abc import Sequence

from bot.i18n.language import Language
from bot.render.png.canvas import LEFT, PIXELS, RIGHT, Box, Canvas
from bot.render.png.lettering import SMALL, SMALL_BOLD, TITLE, Face, Lettering
from bot.render.png.marks import across, band_names, bands_beside, by_band, marker, strip
from bot.render.png.picture_texts import name_of
from bot.render.theme import INK, QUIET, RULE, mixed
from index.search.coverage import Coverage, Subject
from index.storage.records import EpisodeRecord

_SUBJECT = Face(12.5, 620)
_DOT = 4.0
_HEAD, _STRIP, _FOOT = 56.0, 32.0, 8.0
_LABEL, _LANE, _GAP = 19.0, 9.5, 5.0
_MOST_LANES = 5
_EMPTY = mixed(RULE, QUIET, 0.35)


def draw_map(coverage: Coverage, language: Language) -> bytes:
    """Draw a library by subject as a PNG, 1600 pixels wide.

    Args:
        coverage: with any number of subjects, none included.
        language: of its words, with the axis that positions are on.
    """
    lettering = Lettering(PIXELS)
    lanes = [_lanes(subject.episodes) for subject in coverage.subjects]
    rows = [_LABEL + _ground(own) + _GAP for own in lanes]
    canvas = Canvas(_HEAD + _STRIP + sum(rows) + _FOOT, lettering)
    counted = language.count("count.episodes", coverage.n_episodes)
    by = language.say(f"picture.by_{coverage.by}")
    limits = [language.say("picture.quoted", text=coverage.topic) if coverage.topic else by]
    told = " · ".join((counted, *([coverage.source] if coverage.source else []), *limits))
    canvas.text((LEFT, 31), language.say("picture.map"), TITLE)
    canvas.text((LEFT, 48), lettering.shortened(told, SMALL, RIGHT - LEFT), SMALL, QUIET)
    strip(canvas, Box(LEFT, _HEAD, RIGHT, _HEAD + 10), language.axis)
    band_names(canvas, LEFT, RIGHT, _HEAD + 24, language)
    y = _HEAD + _STRIP
    for subject, own, height in zip(coverage.subjects, lanes, rows, strict=True):
        _draw_subject(canvas, y, subject, own, language)
        y += height
    return canvas.png()


def _ground(lanes: Sequence[int]) -> float:
    return _LANE * (max(lanes, default=0) + 1) + 6


def _lanes(episodes: Sequence[EpisodeRecord]) -> list[int]:
    """Return for each dot the first lane in which it hides none before it; where all are full, the first."""
    xs = [across(LEFT, RIGHT, episode.profile.headline) for episode in episodes]
    lanes: list[int] = []
    for number, x in enumerate(xs):
        taken = {lanes[other] for other in range(number) if abs(xs[other] - x) < 2 * _DOT + 2.4}
        free = [lane for lane in range(_MOST_LANES) if lane not in taken]
        lanes.append(free[0] if free else 0)
    return lanes


def _draw_subject(
    canvas: Canvas, y: float, subject: Subject, lanes: Sequence[int], language: Language
) -> None:
    """Draw a subject's name and lack over its episodes."""
    axis, lack = language.axis, _lack(subject, language)
    room = RIGHT - LEFT - (canvas.lettering.width(lack, SMALL) + 12 if lack else 0)
    count = str(len(subject.episodes))
    name = canvas.lettering.shortened(name_of(subject, language), _SUBJECT, room - 24)
    end = canvas.text((LEFT, y + 14), name, _SUBJECT)
    canvas.text((end + 6, y + 14), count, SMALL_BOLD, QUIET)
    if lack:
        canvas.text((RIGHT, y + 14), lack, SMALL, INK, align=1)
    box = Box(LEFT, y + _LABEL, RIGHT, y + _LABEL + _ground(lanes))
    bands_beside(canvas, box, axis)
    for gap in subject.gaps:
        is_low = gap.band == axis.bands[0]
        edge = across(LEFT, RIGHT, axis.edges[0 if is_low else -1].position)
        wing = box._replace(right=edge) if is_low else box._replace(left=edge)
        canvas.hatching(wing, _EMPTY)
    for episode, lane in zip(subject.episodes, lanes, strict=True):
        x = across(LEFT, RIGHT, episode.profile.headline)
        marker(
            canvas, (x, box.bottom - 3 - _LANE * (lane + 0.5)), by_band(episode.profile.headline, axis), _DOT
        )


def _lack(subject: Subject, language: Language) -> str:
    """Say in a few words which wing is missing."""
    if not subject.gaps:
        return ""
    if len(subject.gaps) == 2:
        return language.say("picture.no_wing")
    return language.say("picture.no_band", band=language.band_within(subject.gaps[0].band))
