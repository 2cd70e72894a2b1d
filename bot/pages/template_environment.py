"""The Jinja environment of the pages: what templates may call, and the values that every page has.

Everything that a template prints is escaped, unless a function here has escaped it and returns ``Markup``.
"""

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.i18n.language import Language
from bot.i18n.message_catalogue import DEFAULT, clock, shown_difference, signed
from bot.pages import addresses
from bot.pages.drawings import percent, sparkline_path
from bot.render.png.picture_texts import clipped, extreme_of, gap_in_words, name_of, shape_in_words
from bot.render.text import found_notes, term_text
from index.search.coverage import Gap, Subject
from index.search.excerpts import Excerpt, excerpt_of
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.receipts import sentence_anchor
from index.transcripts.links import episode_page
from scoring.axis import Axis

SITE_NAME = "Counterpoint"

TINT_STEPS = 10
"""Colours of positions on either side of the middle: ``q0`` to ``q20`` in the style sheet."""

_LONGEST_DESCRIPTION = 300
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def make_environment(
    language: Language, axis: Axis, *, site: str | None, is_live: bool, policy: str, style: str
) -> Environment:
    """Return the environment in which all templates are rendered.

    Args:
        language: of the pages.
        axis: the axis of positions.
        site: address of the site without a slash at its end, or None where it is not known.
        is_live: True if a server answers searches, False if the pages are files.
        policy: the Content-Security-Policy of every page.
        style: the style sheet.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.globals |= _functions(language, axis) | {
        "site": site,
        "is_live": is_live,
        "name": SITE_NAME,
        "policy": policy,
        "style": Markup(style),  # noqa: S704 - our own file
    }
    environment.filters |= _filters(language, axis)
    return environment


def _functions(language: Language, axis: Axis) -> dict[str, Any]:
    """Return what templates call by name, and values of the language and the axis."""
    return {
        "axis": axis,
        "lang": language.locale,
        "low_pole": language.pole(axis.low_pole),
        "high_pole": language.pole(axis.high_pole),
        "low_meaning": language.of_axis("pole_meaning", axis.low_pole, axis.low_meaning),
        "high_meaning": language.of_axis("pole_meaning", axis.high_pole, axis.high_meaning),
        "axis_question": language.of_axis("axis_question", axis.name, axis.question),
        "edges": format_list([signed(edge.position) for edge in axis.edges], locale=language.locale),
        "say": lambda key, **fields: _in_page(language.say, key, fields),
        "count": language.count,
        "link": lambda address, text: Markup('<a href="{}">{}</a>').format(address, text),
        "dated": lambda day: Markup('<time datetime="{}">{}</time>').format(
            day.isoformat(), _unbroken(day_in_words(day, language))
        ),
        "bold": lambda text: Markup("<b>{}</b>").format(text),
        "read_told": lambda second: _read_told(second, language),
        "marker_name": lambda kind, record: _marker_name(kind, record, language),
        "marker_told": lambda kind, record: _marker_told(kind, record, language),
        "corrected_told": lambda corrected: format_list(
            [
                language.say("page.search.taken", taken=taken, typed=typed)
                for typed, taken in corrected.items()
            ],
            locale=language.locale,
        ),
        "notes_told": lambda found: found_notes(found, language.say),
        "excerpt": excerpt_of,
        "said_at": lambda record, said: sentence_anchor(record.piece, said.start),
        "passage_at": lambda passage: sentence_anchor(*passage.beginning),
        "shown_difference": shown_difference,
        "gap_told": lambda subject, gap, up: _gap_told(subject, gap, up, language),
    }


def _filters(language: Language, axis: Axis) -> dict[str, Callable[..., Any]]:
    """Return what templates put values through."""
    return {
        "signed": signed,
        "clock": clock,
        "day": lambda day: _unbroken(day_in_words(day, language)),
        "minutes": lambda seconds: language.say("page.episode.minutes", n=max(1, round(seconds / 60))),
        "points": lambda pull: format_decimal(pull, "+0.0;−0.0", locale=language.locale),
        "band": lambda position: language.band(axis.band_of(position)),
        "band_name": language.band,
        "lens": lambda lens: language.lens(lens).lower(),
        "tint": lambda position: f"q{round(position / 100 * TINT_STEPS) + TINT_STEPS}",
        "x": lambda position: f"{percent(position)}%",
        "anchor": lambda record: addresses.slice_anchor(record.piece.ordinal),
        "when": lambda record: _when(record, language),
        "speech": speech_of,
        "quoted": lambda said: quoted_of(said, language),
        "paragraphs": _paragraphs,
        "shape": lambda profile: shape_in_words(profile, None, language, 5),
        "terms": lambda terms: ", ".join(map(term_text, terms)),
        "sparkline": sparkline_path,
        "question": lambda question: language.say("counterbalance.question", question=question),
        "subject_name": lambda subject: name_of(subject, language),
        "description": description_of,
        "xml": lambda text: _NO_XML.sub("", text),
    }


def description_of(episode: EpisodeRecord) -> str:
    """Return what an episode is about in a sentence or two, for cards and feeds."""
    about = episode.about
    told = about.summary or about.why_it_matters or ""
    return clipped(" ".join(told.split()), _LONGEST_DESCRIPTION) or about.title


def speech_of(record: SliceRecord) -> Markup:
    """Return a slice's words as paragraphs, one for each turn, every sentence with its anchor and second."""
    piece = record.piece
    turns = dict(piece.turns)
    parts: list[str] = []
    for number, (start, end) in enumerate(piece.units(), start=1):
        if start == 0 or start in turns:
            parts.append("</p><p>" if parts else "<p>")
            speaker = piece.speaker_at(start)
            if speaker:
                parts.append(f'<b class="who">{escape(speaker)}</b> ')
        second = piece.second_at(start)
        when = "" if second is None else f' data-t="{second:.1f}"'
        words = escape(piece.text[start:end])
        parts.append(f'<span id="s{piece.ordinal + 1}-{number}"{when}>{words}</span> ')
    return Markup("".join((*parts, "</p>")))  # noqa: S704 - foreign text is escaped above


def quoted_of(said: Excerpt, language: Language) -> Markup:
    """Return an excerpt in the language's quotation marks, with its marks."""
    begin, end_mark = language.say("picture.quoted", text="\0").split("\0")
    parts: list[str] = [escape(f"{begin}…" if said.begins_inside else begin)]
    at = 0
    for start, end in said.marks:
        parts += [escape(said.text[at:start]), "<mark>", escape(said.text[start:end]), "</mark>"]
        at = end
    parts += [escape(said.text[at:]), escape(f"…{end_mark}" if said.ends_inside else end_mark)]
    return Markup("".join(parts))  # noqa: S704 - foreign text is escaped above


def day_in_words(day: datetime.date, language: Language) -> str:
    """Return a date as it is written out in a language, such as ``12 Mar 2026`` or ``12. März 2026``."""
    return format_date(day, "d MMM y" if language.locale == DEFAULT else "long", locale=language.locale)


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _in_page(say: Callable[..., str], key: str, fields: dict[str, object]) -> str:
    """Return a sentence for a page; it is markup if one of its fields is, and the others are escaped then."""
    if not any(isinstance(value, Markup) for value in fields.values()):
        return say(key, **fields)
    escaped = {name: escape(value) if isinstance(value, str) else value for name, value in fields.items()}
    return Markup(say(key, **escaped))  # noqa: S704 - foreign text is escaped above


def _read_told(second: float | None, language: Language) -> str:
    return (
        language.say("page.search.read")
        if second is None
        else language.say("page.search.read_at", second=second)
    )


def _marker_name(kind: str, record: SliceRecord, language: Language) -> str:
    """Return the name of a marker of an episode's map, as its picture has it."""
    if kind == "median":
        return language.say("picture.median")
    return extreme_of("low" if kind == "lowest" else "high", record.reading.position, language)


def _marker_told(kind: str, record: SliceRecord, language: Language) -> str:
    return language.say(
        "page.episode.marker",
        marker=_marker_name(kind, record, language),
        position=record.reading.position,
        place=_when(record, language),
    )


def _gap_told(subject: Subject, gap: Gap, up: str, language: Language) -> Markup:
    """Return what a missing wing lacks, with a link to the nearest voice."""

    def titled(episode: EpisodeRecord) -> str:
        return Markup('<a href="{}">{}</a>').format(up + episode_page(episode.slug), episode.about.title)

    told = gap_in_words(subject, gap, language, shown=lambda text: str(escape(text)), titled=titled)
    return Markup(told)  # noqa: S704 - texts of the library are escaped above


def _when(record: SliceRecord, language: Language) -> str:
    piece = record.piece
    if piece.start_s is None:
        return language.say("page.episode.ordinal", number=piece.ordinal + 1)
    return clock(piece.start_s)


def _paragraphs(text: str) -> Markup:
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(" ".join(block.split())) for block in blocks)
