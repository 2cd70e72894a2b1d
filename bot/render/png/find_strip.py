"""The find strip: where the passages that answer stand on the axis, and where they lie in their episodes."""

from collections.abc import Sequence

from bot.i18n.language import Language
from bot.i18n.message_catalogue import signed
from bot.render.png.canvas import LEFT, PIXELS, RIGHT, Box, Canvas, Point
from bot.render.png.lettering import SMALL, SMALL_BOLD, Face, Lettering
from bot.render.png.marks import NUMBER_RADIUS, across, band_names, bands_beside, bars, numbered, strip
from bot.render.theme import INK, PLOT, QUIET, RULE
from index.search.answers import EpisodeHit, Found, Passage

MOST_EPISODES = 5
"""Episodes drawn; the rest are counted in a line."""

_QUESTION_FACES = ((Face(16.5, 680), 1), (Face(14.0, 680), 2))
_EPISODE = Face(12.5, 620)
_LANE = 2 * NUMBER_RADIUS + 3
_APART = 2 * NUMBER_RADIUS + 1.5
_MOST_LANES = 4
_HEAD, _STRIP, _ROW, _MORE, _FOOT = 34.0, 36.0, 62.0, 18.0, 6.0


def draw_found(answer: Found, language: Language) -> bytes:
    """Draw where an answer's passages stand as a PNG, 1600 pixels wide.

    Args:
        answer: with any number of passages, none included.
        language: of its words, with the axis that positions are on.
    """
    lettering = Lettering(PIXELS)
    question = lettering.set_in(
        language.say("picture.quoted", text=answer.query), RIGHT - LEFT, _QUESTION_FACES
    )
    hits = answer.episodes[:MOST_EPISODES]
    left_out = len(answer.episodes) - len(hits)
    places = _places(answer.passages)
    depth = _LANE * (max((lane for _, lane in places), default=0.0) + 1) + 6
    height = _HEAD + question.height + depth + _STRIP + _ROW * len(hits) + _MORE * (left_out > 0) + _FOOT
    canvas = Canvas(height, lettering)
    canvas.text((LEFT, 25), _counted(answer, language), SMALL, QUIET)
    y = canvas.block((LEFT, 28.0), question)
    y = _draw_axis(canvas, y + 6, answer.passages, places, language)
    for hit in hits:
        y = _draw_episode(canvas, y, hit, answer.passages, language)
    if left_out:
        canvas.text((LEFT, y + 13), language.count("count.more_episodes", left_out), SMALL, QUIET)
    return canvas.png()


def _counted(answer: Found, language: Language) -> str:
    if not answer.passages:
        return language.say("picture.nothing")
    return language.say(
        "picture.found",
        passages=language.count("count.passages", len(answer.passages)),
        episodes=language.count("count.episodes", len(answer.episodes)),
    )


def _places(passages: Sequence[Passage]) -> list[Point]:
    """Return each disc's x, and its height above the strip in lanes.

    In the first of ``_MOST_LANES`` lanes in which it overlaps none before it; where all are taken, as little
    beside its place as it must.
    """
    places: list[Point] = []
    for passage in passages:
        exact = min(max(across(LEFT, RIGHT, passage.reading.position), LEFT + 9), RIGHT - 9)
        free = (
            (exact + sign * step * 2.0, float(lane))
            for step in range(200)
            for lane in range(_MOST_LANES)
            for sign in (1, -1)
            if LEFT + 9 <= exact + sign * step * 2.0 <= RIGHT - 9
            and all(lane != row or abs(exact + sign * step * 2.0 - x) >= _APART for x, row in places)
        )
        places.append(next(free, (exact, 0.0)))
    return places


def _beside(xs: Sequence[float]) -> list[float]:
    """Move ``xs``, ascending, apart so that no disc hides another, kept on the card."""
    moved: list[float] = []
    for x in xs:
        moved.append(max(x, moved[-1] + _APART) if moved else max(x, LEFT + 9))
    last = RIGHT - 9
    for place in range(len(moved) - 1, -1, -1):
        moved[place] = min(moved[place], last)
        last = moved[place] - _APART
    return moved


def _draw_axis(
    canvas: Canvas, y: float, passages: Sequence[Passage], places: Sequence[Point], language: Language
) -> float:
    """Draw the passages by their numbers over the strip."""
    depth = _LANE * (max((lane for _, lane in places), default=0.0) + 1) + 6
    box = Box(LEFT, y, RIGHT, y + depth)
    bands_beside(canvas, box, language.axis)
    strip(canvas, Box(LEFT, box.bottom + 3, RIGHT, box.bottom + 13), language.axis)
    band_names(canvas, LEFT, RIGHT, box.bottom + 27, language)
    for passage, (x, lane) in zip(passages, places, strict=True):
        numbered(canvas, (x, box.bottom - 3 - _LANE * (lane + 0.5)), passage.rank, passage.reading.position)
    return y + depth + _STRIP


def _draw_episode(
    canvas: Canvas, y: float, hit: EpisodeHit, passages: Sequence[Passage], language: Language
) -> float:
    """Draw an episode from start to end, with its passages where they are said."""
    profile = hit.episode.profile
    own = sorted(
        (passage for passage in passages if passage.rank in hit.ranks),
        key=lambda passage: passage.slices[0].piece.ordinal,
    )
    canvas.rectangle(Box(LEFT, y, RIGHT, y + 0.5), RULE)
    headline = signed(profile.headline)
    room = RIGHT - LEFT - canvas.lettering.width(headline, SMALL_BOLD) - 8
    canvas.text((LEFT, y + 16), canvas.lettering.shortened(hit.episode.about.title, _EPISODE, room), _EPISODE)
    canvas.text((RIGHT, y + 16), headline, SMALL_BOLD, INK, align=1)
    box = Box(LEFT, y + 22, RIGHT, y + 44)
    canvas.rounded(box, 3, PLOT)
    bars(canvas, Box(LEFT + 2, box.top + 2, RIGHT - 2, box.bottom - 2), profile.arc, limit=70, stub=0.6)
    room = RIGHT - LEFT - 4
    n_slices = max(1, profile.n_slices)
    exact = [
        LEFT + 2 + room * (passage.slices[passage.best].piece.ordinal + 0.5) / n_slices for passage in own
    ]
    for x in exact:
        canvas.rectangle(Box(x - 0.75, box.top, x + 0.75, box.bottom), INK)
    for passage, moved in zip(own, _beside(exact), strict=True):
        numbered(canvas, (moved, (box.top + box.bottom) / 2), passage.rank, passage.reading.position)
    times = " · ".join(
        language.say("picture.rank_at", rank=reading.rank, second=second)
        for reading in own
        if (second := reading.quote.start_s) is not None
    )
    told = times or language.say("picture.by_order")
    canvas.text((LEFT, y + 57), canvas.lettering.shortened(told, SMALL, RIGHT - LEFT), SMALL, QUIET)
    return y + _ROW
