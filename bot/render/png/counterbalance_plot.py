"""The counterbalance plot: an episode and its picks on one axis, with the mirror point between them."""

from bot.i18n.language import Language
from bot.i18n.message_catalogue import shown_difference, signed
from bot.render.png.canvas import LEFT, PIXELS, RIGHT, Box, Canvas
from bot.render.png.lettering import SMALL, SMALL_BOLD, TEXT, TITLE, Face, Lettering
from bot.render.png.marks import (
    MEDIAN,
    MIRROR,
    across,
    bands_beside,
    line_between,
    marker,
    numbered,
    strip,
    trail,
)
from bot.render.theme import INK, QUIET, RULE
from index.search.related import Counterbalance

_TITLE_FACES = ((Face(16.5, 680), 2), (Face(15.0, 680), 2))
_SCALE = Box(LEFT, 0, 250.0, 24)
_TRAIL = Box(262.0, 0, RIGHT, 24)
_HEAD, _OWN, _ROW, _FOOT, _NOBODY = 34.0, 68.0, 67.0, 6.0, 32.0
_METER, _TOPIC_WORDS = 34.0, 70.0
_PICK_TITLE = Face(12.5, 620)


def draw_balance(answer: Counterbalance, language: Language) -> bytes:
    """Draw who answers an episode, or who is near it, as a PNG, 1600 pixels wide.

    Args:
        answer: with any number of picks, none included.
        language: of its words, with the axis that positions are on.
    """
    lettering = Lettering(PIXELS)
    heading = lettering.set_in(answer.episode.about.title, RIGHT - LEFT, _TITLE_FACES)
    rows = _ROW * len(answer.picks) if answer.picks else _NOBODY
    canvas = Canvas(_HEAD + heading.height + _OWN + rows + _FOOT, lettering)
    head = "picture.counterbalance" if answer.outcome == "crux" else "picture.near_by"
    canvas.text((LEFT, 25), language.say(head), SMALL_BOLD, QUIET)
    y = canvas.block((LEFT, 28.0), heading)
    y = _draw_own(canvas, y + 6, answer, language)
    for place in range(len(answer.picks)):
        y = _draw_pick(canvas, y, answer, place, language=language)
    if not answer.picks:
        canvas.text((LEFT, y + 18), language.say("picture.nobody"), TEXT, INK)
    return canvas.png()


def _draw_own(canvas: Canvas, y: float, answer: Counterbalance, language: Language) -> float:
    """Draw the episode itself with its mirror point; the scale's names stand under it."""
    axis, own, profile = language.axis, answer.standing.position, answer.episode.profile
    end = canvas.text((LEFT, y + 13), signed(own), TITLE)
    canvas.text((end + 6, y + 13), language.band(axis.band_of(own)), _PICK_TITLE)
    mirror = language.say("picture.mirror", mirror=answer.mirror)
    end = canvas.text((RIGHT, y + 13), mirror, SMALL, QUIET, align=1)
    width = canvas.lettering.width(mirror, SMALL)
    marker(canvas, (end - width - 10, y + 9), MIRROR, 4.4)
    top = y + 24
    strip(canvas, Box(_SCALE.left, top + 4, _SCALE.right, top + 18), axis)
    marker(canvas, (across(_SCALE.left, _SCALE.right, answer.mirror), top + 11), MIRROR, 5.2)
    marker(canvas, (across(_SCALE.left, _SCALE.right, own), top + 11), MEDIAN, 6)
    trail(canvas, Box(_TRAIL.left, top, _TRAIL.right, top + 22), profile.arc)
    ends = f"◀ {language.pole(axis.low_pole)}", f"{language.pole(axis.high_pole)} ▶"
    canvas.text((_SCALE.left, top + 33), ends[0], SMALL, QUIET)
    canvas.text((_SCALE.right, top + 33), ends[1], SMALL, QUIET, align=1)
    canvas.text((_TRAIL.right, top + 33), language.say("picture.trails"), SMALL, QUIET, align=1)
    return y + _OWN


def _draw_pick(canvas: Canvas, y: float, answer: Counterbalance, place: int, *, language: Language) -> float:
    """Draw a pick: its title, its place on the scale beside the episode's, its trail, the figures."""
    opposed, number = answer.picks[place], place + 1
    own, there = answer.standing.position, opposed.standing.position
    canvas.rectangle(Box(LEFT, y + 1, RIGHT, y + 1.5), RULE)
    canvas.text(
        (LEFT, y + 17),
        canvas.lettering.shortened(f"{number}  {opposed.episode.about.title}", _PICK_TITLE, RIGHT - LEFT),
        _PICK_TITLE,
    )
    box = Box(_SCALE.left, y + 23, _SCALE.right, y + 45)
    bands_beside(canvas, box, language.axis)
    middle = (box.top + box.bottom) / 2
    here_x, there_x = (across(box.left, box.right, position) for position in (own, there))
    line_between(canvas, here_x, there_x, middle, (own, there))
    mirror_x = across(box.left, box.right, answer.mirror)
    canvas.rectangle(Box(mirror_x - 0.5, box.top, mirror_x + 0.5, box.bottom), INK)
    marker(canvas, (mirror_x, box.top + 1), MIRROR, 3.2)
    marker(canvas, (here_x, middle), MEDIAN, 5)
    numbered(canvas, (min(max(there_x, box.left + 9), box.right - 9), middle), number, there)
    trail(canvas, Box(_TRAIL.left, box.top, _TRAIL.right, box.bottom), opposed.episode.profile.arc)
    end = canvas.text((LEFT, y + 59), signed(there), SMALL_BOLD)
    difference = language.say("picture.difference", difference=shown_difference(own, there))
    end = canvas.text((end + 8, y + 59), difference, SMALL_BOLD)
    if opposed.crux is not None:
        room = RIGHT - _METER - _TOPIC_WORDS - end - 16
        question = language.say("picture.question", question=opposed.crux.question)
        canvas.text((end + 8, y + 59), canvas.lettering.shortened(question, SMALL, room), SMALL, QUIET)
    _draw_meter(canvas, y + 59, opposed.pick.candidate.topic, language)
    return y + _ROW


def _draw_meter(canvas: Canvas, baseline: float, topic: float, language: Language) -> None:
    """Draw how close the topics are, 0 to 1, in figures and as a bar."""
    start = RIGHT - _METER
    canvas.rounded(Box(start, baseline - 7, RIGHT, baseline - 2), 2.5, RULE)
    filled = start + _METER * min(1.0, max(0.06, topic))
    canvas.rounded(Box(start, baseline - 7, filled, baseline - 2), 2.5, INK)
    canvas.text((start - 6, baseline), language.say("picture.topic", topic=topic), SMALL, QUIET, align=1)
