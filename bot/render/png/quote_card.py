"""The quote card: words, who said them, where they stand and where they can be read; one quote, or two that answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n.language import Language
from bot.i18n.message_catalogue import clock, signed
from bot.render.png.canvas import LEFT, PIXELS, RIGHT, Box, Canvas
from bot.render.png.lettering import SMALL, SMALL_BOLD, Block, Face, Lettering
from bot.render.png.marks import across, band_names, by_band, line_between, marker, strip
from bot.render.png.picture_texts import clipped
from bot.render.theme import INK, QUIET, RULE, colour_of
from index.search.excerpts import Excerpt
from index.storage.records import EpisodeRecord, SliceRecord

MOST_QUOTES = 2
_INDENT = 14.0
_WORDS = ((Face(20.0, 560), 4), (Face(16.5, 540), 8), (Face(14.0, 520), 16))
_WORDS_OF_PAIR = ((Face(15.5, 540), 5), (Face(13.5, 520), 9), (Face(12.5, 500), 14))
_NAME = Face(13.0, 680)
_TOP, _UNDER_WORDS, _BETWEEN, _SCALE, _FOOT = 16.0, 46.0, 18.0, 44.0, 14.0


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote to draw.

    Attributes:
        text: the words.
        speaker: who said them, or None.
        title: of the episode.
        second: when, or None without times.
        position: -100 to 100.
    """

    text: str
    speaker: str | None
    title: str
    second: float | None
    position: float

    @classmethod
    def of(cls, episode: EpisodeRecord, record: SliceRecord, excerpt: Excerpt) -> "Quote":
        """Return the quote of an excerpt of a slice."""
        title, position = episode.about.title, record.reading.position
        return cls(excerpt.text, excerpt.speaker, title, excerpt.start_s, position)


def draw_quotes(quotes: Sequence[Quote], link: str | None, language: Language) -> bytes:
    """Draw one quote, or two that answer each other, as a PNG, 1600 pixels wide.

    Args:
        quotes: one or two.
        link: where the first can be read, or None.
        language: of its words, with the axis that positions are on.

    Raises:
        ValueError: there is no quote, or there are more than two.
    """
    if not 1 <= len(quotes) <= MOST_QUOTES:
        raise ValueError(f"a card has one quote or two, not {len(quotes)}")
    lettering = Lettering(PIXELS)
    faces = _WORDS if len(quotes) == 1 else _WORDS_OF_PAIR
    blocks = [
        lettering.set_in(language.say("picture.quoted", text=quote.text), RIGHT - LEFT - _INDENT, faces)
        for quote in quotes
    ]
    height = _TOP + sum(block.height + _UNDER_WORDS for block in blocks) + _BETWEEN * (len(quotes) - 1)
    foot = lettering.set_in(_without_receipt(link), RIGHT - LEFT, ((SMALL, 3),)) if link is not None else None
    canvas = Canvas(height + _SCALE + (foot.height + _FOOT if foot is not None else 0), lettering)
    y = _TOP
    for number, (quote, block) in enumerate(zip(quotes, blocks, strict=True)):
        if number:
            canvas.rectangle(Box(LEFT, y + 2, RIGHT, y + 2.5), RULE)
            y += _BETWEEN
        y = _draw_quote(canvas, y, quote, block, language)
    _draw_scale(canvas, y, quotes, language)
    y += _SCALE
    for line in foot.lines if foot is not None else ():
        y += SMALL.size * 1.22
        canvas.text((LEFT, y), line, SMALL, QUIET)
    return canvas.png()


def quotes_alt(quotes: Sequence[Quote], language: Language) -> str:
    """Describe the card in words."""
    told = []
    for quote in quotes:
        who = quote.speaker or quote.title
        band = language.band_within(language.axis.band_of(quote.position))
        told.append(
            f"{who}: {language.say('picture.quoted', text=quote.text)} ({signed(quote.position)}, {band})."
        )
    return clipped(" ".join(told))


def _without_receipt(link: str) -> str:
    """Return a link as a person would type it: the receipt and the scheme are for programs."""
    return re.sub(r"\?r=[^#]*", "", re.sub(r"^https?://", "", link))


def _draw_quote(canvas: Canvas, y: float, quote: Quote, block: Block, language: Language) -> float:
    """Draw the words beside a bar in the colour of their position, and who said them where; return the y below."""
    left, bottom = LEFT + _INDENT, y + block.height + _UNDER_WORDS - 10
    canvas.rounded(Box(LEFT, y + 2, LEFT + 4, bottom), 2, colour_of(quote.position))
    y = canvas.block((left, y), block)
    room = RIGHT - left
    who = canvas.lettering.shortened(quote.speaker or quote.title, _NAME, room)
    canvas.text((left, y + 18), who, _NAME)
    stand = f"{signed(quote.position)} {language.band(language.axis.band_of(quote.position))}"
    end = canvas.text((left, y + 33), stand, SMALL_BOLD, INK)
    place = ["" if quote.second is None else clock(quote.second), quote.title if quote.speaker else ""]
    told = " · ".join(part for part in place if part)
    if told:
        shown = canvas.lettering.shortened(told, SMALL, RIGHT - end - 8)
        canvas.text((end + 8, y + 33), shown, SMALL, QUIET)
    return y + _UNDER_WORDS


def _draw_scale(canvas: Canvas, y: float, quotes: Sequence[Quote], language: Language) -> None:
    """Draw the scale with a marker for each quote, and a line between two."""
    strip(canvas, Box(LEFT, y + 10, RIGHT, y + 20), language.axis)
    band_names(canvas, LEFT, RIGHT, y + 35, language)
    places = [across(LEFT, RIGHT, quote.position) for quote in quotes]
    if len(quotes) == MOST_QUOTES:
        line_between(canvas, places[0], places[1], y + 6, (quotes[0].position, quotes[1].position))
    for x, quote in zip(places, quotes, strict=True):
        within = min(max(x, LEFT + 8), RIGHT - 8)
        marker(canvas, (within, y + 15), by_band(quote.position, language.axis), 5.6)
