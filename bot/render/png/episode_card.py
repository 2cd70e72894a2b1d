"""The episode card: where a conversation stands, how it moves, and between which limits."""

from collections.abc import Sequence

from bot.i18n.language import Language
from bot.i18n.message_catalogue import signed, whole_shares
from bot.render.png.canvas import LEFT, PIXELS, RIGHT, Box, Canvas
from bot.render.png.lettering import FIGURE, SMALL, SMALL_BOLD, TEXT, TITLE, Block, Face, Lettering
from bot.render.png.marks import HIGHEST, LOWEST, MEDIAN, across, band_names, bands_above, bars, marker, strip
from bot.render.png.picture_texts import (
    by_line,
    confidence_of,
    extreme_of,
    lens_of,
    range_of,
    shares_of,
    short_place_of,
    slices_of,
)
from bot.render.theme import DARK, INK, QUIET, RULE, colour_of
from index.storage.records import Chapter, EpisodeRecord, SliceRecord, chapters_of
from scoring.position_arithmetic import LIMIT
from scoring.profile import Profile

_TITLE_FACES = ((TITLE, 2), (Face(16.5, 680), 2), (Face(15.0, 680), 3))
_BAND = Face(18.5, 680)
_PLOT_HEIGHT = 92.0
_DRAWN_LAST_ON_TOP = (1, 0, 2)
_CHAPTER_UNITS = 66.0


def draw_card(episode: EpisodeRecord, slices: Sequence[SliceRecord], language: Language) -> bytes:
    """Draw an episode's profile as a PNG, 1600 pixels wide.

    Args:
        episode: with its profile.
        slices: all of them in transcript order; empty for an episode without a transcript.
        language: of its words, with the axis that positions are on.
    """
    lettering = Lettering(PIXELS)
    heading = lettering.set_in(episode.about.title, RIGHT - LEFT, _TITLE_FACES)
    chapters = chapters_of(slices)
    height = (
        _head_height(episode, language)
        + heading.height
        + (_body_height(episode.profile, has_chapters=bool(chapters)) if slices else _BARE_BODY)
    )
    canvas = Canvas(height, lettering)
    y = _draw_heading(canvas, episode, heading, language)
    y = _draw_standing(canvas, y, episode, language)
    if not slices:
        _draw_bare(canvas, y, language)
        return canvas.png()
    if episode.profile.apart:
        y = _draw_legend(canvas, y, episode.profile, slices, language)
    y = _draw_arc(canvas, y, episode.profile, language)
    y = _draw_below(canvas, y, slices, chapters, language)
    _draw_statistics(canvas, y, episode.profile, language)
    return canvas.png()


_HEAD, _BY_LINE = 14.0, 16.0
_STANDING, _LEGEND, _ARC, _BELOW, _CHAPTERS, _STATISTICS = 78.0, 40.0, _PLOT_HEIGHT + 20, 18.0, 17.0, 44.0
_BARE_BODY = _STANDING + 62.0


def _body_height(profile: Profile, *, has_chapters: bool) -> float:
    legend = _LEGEND if profile.apart else 0.0
    return _STANDING + legend + _ARC + _BELOW + _CHAPTERS * has_chapters + _STATISTICS


def _head_height(episode: EpisodeRecord, language: Language) -> float:
    return _HEAD + _BY_LINE * bool(by_line(episode, language))


def _draw_heading(canvas: Canvas, episode: EpisodeRecord, heading: Block, language: Language) -> float:
    """Draw source, guests and date as far as known, over the title; return the y below them."""
    line = canvas.lettering.shortened(by_line(episode, language), SMALL, RIGHT - LEFT)
    canvas.text((LEFT, 24), line, SMALL, QUIET)
    return canvas.block((LEFT, _head_height(episode, language) - 2), heading) + 2


def _draw_standing(canvas: Canvas, y: float, episode: EpisodeRecord, language: Language) -> float:
    """Draw the headline in figures, its band, lens and confidence; then the strip."""
    profile = episode.profile
    canvas.polygon([(LEFT, y + 16), (LEFT + 10, y + 16), (LEFT + 5, y + 23)], INK)
    end = canvas.text((LEFT + 16, y + 28), signed(profile.headline), FIGURE, INK)
    canvas.text((end + 7, y + 28), language.band(profile.band), _BAND, INK)
    canvas.text((RIGHT, y + 14), lens_of(profile, language), SMALL, QUIET, align=1)
    canvas.text((RIGHT, y + 28), confidence_of(profile, language), SMALL, QUIET, align=1)
    top = y + 42
    strip(canvas, Box(LEFT, top, RIGHT, top + 15), language.axis)
    band_names(canvas, LEFT, RIGHT, top + 29, language)
    _needle(canvas, across(LEFT, RIGHT, profile.headline), top, top + 15)
    if profile.apart:
        for ordinal, mark in zip(_DRAWN_LAST_ON_TOP, (MEDIAN, LOWEST, HIGHEST), strict=True):
            x = across(LEFT, RIGHT, profile.arc[profile.apart[ordinal]])
            marker(canvas, (min(max(x, LEFT + 8), RIGHT - 8), top + 7.5), mark)
    return y + _STANDING


def _needle(canvas: Canvas, x: float, top: float, bottom: float) -> None:
    """Draw the headline on the strip: a line across it with a head above."""
    canvas.rectangle(Box(x - 1.5, top - 3, x + 1.5, bottom + 2), DARK)
    canvas.rectangle(Box(x - 0.75, top - 3, x + 0.75, bottom + 1.5), INK)
    canvas.polygon([(x - 5, top - 8), (x + 5, top - 8), (x, top - 1)], INK)


def _draw_legend(
    canvas: Canvas, y: float, profile: Profile, slices: Sequence[SliceRecord], language: Language
) -> float:
    """Draw the three markers with their positions and times."""
    lowest, _, highest = (profile.arc[ordinal] for ordinal in profile.apart)
    low, high = extreme_of("low", lowest, language), extreme_of("high", highest, language)
    names = (low, language.say("picture.median"), high)
    of_highest = max(profile.apart, key=lambda ordinal: profile.arc[ordinal])
    place = short_place_of(slices[of_highest], language)
    above = canvas.lettering.width(signed(highest), SMALL_BOLD) + 4 + canvas.lettering.width(place, SMALL)
    last = max(canvas.lettering.width(high, SMALL), above) + 17
    lefts = (LEFT, LEFT + 122, RIGHT - last)
    marks = (LOWEST, MEDIAN, HIGHEST)
    for name, mark, left, ordinal in zip(names, marks, lefts, profile.apart, strict=True):
        marker(canvas, (left + 6, y + 12), mark, 5.2)
        end = canvas.text((left + 17, y + 16), signed(profile.arc[ordinal]), SMALL_BOLD)
        canvas.text((end + 4, y + 16), short_place_of(slices[ordinal], language), SMALL, INK)
        canvas.text((left + 17, y + 30), name, SMALL, QUIET)
    return y + _LEGEND


def _draw_arc(canvas: Canvas, y: float, profile: Profile, language: Language) -> float:
    """Draw one bar a slice over shaded bands, with the markers at their slices."""
    axis = language.axis
    low, high = (
        language.named("pole_short", pole, language.pole(pole)) for pole in (axis.low_pole, axis.high_pole)
    )
    counted = language.say("picture.arc", slices=slices_of(profile.n_slices, language))
    canvas.text((LEFT, y + 12), counted, SMALL_BOLD, INK)
    legend = language.say("picture.arc_legend", low=low, high=high)
    canvas.text((RIGHT, y + 12), legend, SMALL, QUIET, align=1)
    plot = Box(LEFT, y + 19, RIGHT, y + 19 + _PLOT_HEIGHT)
    bands_above(canvas, plot, axis)
    bars(canvas, Box(LEFT + 1, plot.top + 2, RIGHT - 1, plot.bottom - 2), profile.arc, limit=LIMIT)
    marks = zip(_DRAWN_LAST_ON_TOP, (MEDIAN, LOWEST, HIGHEST), strict=True) if profile.apart else ()
    for ordinal, mark in marks:
        place = profile.apart[ordinal]
        x = LEFT + 1 + (RIGHT - LEFT - 2) * (place + 0.5) / profile.n_slices
        at = across(plot.bottom - 2, plot.top + 2, profile.arc[place])
        marker(canvas, (x, min(max(at, plot.top + 6), plot.bottom - 6)), mark, 4.6)
    return y + _ARC


def _draw_below(
    canvas: Canvas,
    y: float,
    slices: Sequence[SliceRecord],
    chapters: Sequence[Chapter],
    language: Language,
) -> float:
    """Draw chapters where there are any, then start and end."""
    if chapters:
        _draw_chapters(canvas, y, len(slices), chapters)
        y += _CHAPTERS
    start_s, end_s = slices[0].piece.start_s, slices[-1].piece.end_s
    first, last = language.say("picture.start"), language.say("picture.end")
    if start_s is not None:
        first = language.say("picture.start_at", second=start_s)
        last = last if end_s is None else language.say("picture.end_at", second=end_s)
    canvas.text((LEFT, y + 12), first, SMALL, QUIET)
    canvas.text((RIGHT, y + 12), last, SMALL, QUIET, align=1)
    return y + _BELOW


def _draw_chapters(canvas: Canvas, y: float, n_slices: int, chapters: Sequence[Chapter]) -> None:
    """Draw a line a chapter, and the names that there is room for, of the longest chapters first."""

    def x_of(place: int) -> float:
        return LEFT + (RIGHT - LEFT) * place / n_slices

    for number, episode in enumerate(chapters):
        shade = QUIET if number % 2 else RULE
        canvas.rectangle(Box(x_of(episode.start) + 0.5, y + 1, x_of(episode.end) - 0.5, y + 3), shade)
    named: list[Chapter] = []
    for episode in sorted(chapters, key=lambda chapter: chapter.start - chapter.end):
        is_free = all(abs(x_of(episode.start) - x_of(other.start)) >= _CHAPTER_UNITS for other in named)
        if is_free and RIGHT - x_of(episode.start) >= _CHAPTER_UNITS:
            named.append(episode)
    named.sort(key=lambda chapter: chapter.start)
    for number, episode in enumerate(named):
        left = x_of(episode.start) + 0.5
        end = x_of(named[number + 1].start) - 6 if number + 1 < len(named) else RIGHT
        name = canvas.lettering.shortened(episode.name, SMALL, end - left - 5)
        canvas.rectangle(Box(left, y + 1, left + 1, y + 15), QUIET)
        canvas.text((left + 4, y + 14.5), name, SMALL, INK)


def _draw_statistics(canvas: Canvas, y: float, profile: Profile, language: Language) -> None:
    """Draw the line of statistics and each band's share."""
    canvas.rectangle(Box(LEFT, y + 1, RIGHT, y + 1.5), RULE)
    canvas.text((LEFT, y + 16), range_of(profile, language), SMALL, INK)
    x = LEFT
    shares = whole_shares(profile.shares)
    for share, band, position in zip(shares, language.axis.bands, (-LIMIT, 0.0, LIMIT), strict=True):
        canvas.disc(x + 3.5, y + 27.5, 3.5, colour_of(position))
        x = canvas.text((x + 10, y + 31.5), shares_of(share, band, language), SMALL, QUIET) + 12


def _draw_bare(canvas: Canvas, y: float, language: Language) -> None:
    """Draw the sentences that stand in the arc's place where no transcript is stored."""
    canvas.rectangle(Box(LEFT, y + 6, RIGHT, y + 6.5), RULE)
    canvas.text((LEFT, y + 25), language.say("picture.no_arc"), TEXT, INK)
    canvas.text((LEFT, y + 42), language.say("picture.metadata_only"), SMALL, QUIET)
