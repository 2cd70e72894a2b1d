"""Pages as text: what the service answers goes in, HTML and XML come out. Nothing is read, kept or sent."""

import base64
import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.app.service import Appearance, EpisodePage
from bot.i18n.language import Language
from bot.i18n.message_catalogue import DEFAULT, MessageCatalogue, clock, language_name, signed
from bot.pages import addresses
from bot.pages.drawings import RAMP, arc_bands, arc_bars, band_shares, percent, sparkline_path, swarm_of
from bot.render.png.picture_texts import (
    card_alt,
    clipped,
    gap_in_words,
    map_alt,
    most_of,
    name_of,
    shape_in_words,
    shares_of,
)
from bot.render.text import found_notes, outcome_name
from bot.render.theme import colour_of, spread
from index.search.answers import Found, Passage
from index.search.coverage import Coverage, Gap, Subject
from index.search.excerpts import Excerpt, excerpt_of
from index.storage.records import EpisodeRecord, SliceRecord, chapters_of
from index.text.receipts import sentence_anchor
from index.text.tokens import fold
from index.transcripts.links import episode_page, video_id_in, video_url
from scoring.axis import Axis

HERE = Path(__file__).resolve().parent

POLICY = (
    "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' blob:; connect-src 'self'; "
    "frame-src https://www.youtube-nocookie.com; media-src https:; form-action 'self'; base-uri 'none'"
)
"""Content-Security-Policy of every page, but for the digest of its style sheet: nothing but the site's own files, and a
player once it is asked for."""

SITE_NAME = "Counterpoint"

_STEPS = 10
_LONGEST_DESCRIPTION = 300
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKER_SHAPES = {
    "lowest": "M-8-9H8L0 7z",
    "median": "M0-8a8 8 0 1 0 .01 0z",
    "highest": "M-8 9H8L0-7z",
}


class PersonIn(NamedTuple):
    """A person in an episode; ``anchor`` is empty where they are named but do not speak."""

    episode: EpisodeRecord
    role: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person with the episodes in which they appear, newest first."""

    name: str
    appearances: tuple[PersonIn, ...]


class Renderer:
    """Makes the pages of one site.

    Args:
        catalogue: every sentence.
        axis: the axis of positions.
        site: address of the site without a slash at its end, or None where it is not known.
        is_live: True if a server answers searches, False if the pages are files.
        locale: language of the pages.
    """

    def __init__(
        self,
        catalogue: MessageCatalogue,
        axis: Axis,
        *,
        site: str | None = None,
        is_live: bool = False,
        locale: str = DEFAULT,
    ) -> None:
        self.language = Language(catalogue, catalogue.language_of(locale), axis)
        self.axis = axis
        self.site = site
        self.is_live = is_live
        self._environment = _environment(self)

    @cached_property
    def version(self) -> str:
        """Return 12 hexadecimal digits that change with the pages' own code, templates, scripts, styles and words."""
        catalogue = self.language.catalogue
        words = [sorted(catalogue.languages[name].items()) for name in (DEFAULT, self.language.locale)]
        hashed = hashlib.sha256(repr((self.positions_css(), self.language.locale, words)).encode())
        for file in sorted(HERE.rglob("*")):
            if file.suffix in (".py", ".html", ".xml", ".css", ".js", ".svg"):
                hashed.update(file.read_bytes())
        return hashed.hexdigest()[:12]

    @cached_property
    def style(self) -> str:
        """Return the style sheet. It stands in every page: a slow phone would wait for a file of its own."""
        own = (HERE / "static" / "pages.css").read_text(encoding="utf-8") + self.positions_css()
        return "".join(line.strip() for line in re.sub(r"/\*.*?\*/", "", own, flags=re.DOTALL).splitlines())

    @cached_property
    def policy(self) -> str:
        """Return the Content-Security-Policy of every page; it names the style sheet by its digest."""
        digest = base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()
        return POLICY.format(style=f"'sha256-{digest}'")

    def episode(self, page: EpisodePage) -> str:
        """Return an episode's page."""
        episode, slices = page.card.episode, page.card.slices
        about, profile = episode.about, episode.profile
        chapters = chapters_of(slices)
        counter = page.counterbalance
        video_id = about.video_id or video_id_in(about.url or "")
        shares_told = ", ".join(
            shares_of(share, band, self.language)
            for share, band in zip(profile.shares, self.axis.bands, strict=True)
        )
        return self._page(
            "episode.html",
            episode_page(episode.slug),
            card=page.card,
            related=page.related,
            counter=counter,
            outcome=self.language.say(f"outcome.{outcome_name(counter)}", judge=counter.judge or ""),
            description=description_of(episode),
            picture_alt=card_alt(episode, slices, self.language),
            video_id=video_id,
            recording=video_url(video_id) if video_id else about.url,
            bars=arc_bars(slices),
            arc_bands=arc_bands(self.axis),
            shares=band_shares(profile),
            shares_told=shares_told,
            figures=self.language.count(
                "page.episode.figures",
                len(slices),
                median=profile.median,
                mean=profile.mean,
                low=profile.min,
                high=profile.max,
                p10=profile.p10,
                p90=profile.p90,
                shares=shares_told,
            ),
            markers=[
                (name, slices[ordinal]) for name, ordinal in zip(_MARKER_SHAPES, profile.apart, strict=False)
            ],
            marker_shapes=_MARKER_SHAPES,
            marker_names=self.marker_names(),
            drivers=page.card.drivers(),
            chapters=chapters,
            chapter_starts={chapter.start: chapter.name for chapter in chapters},
            provenance=_provenance(episode, self.language),
            is_captions=any(entry.kind == "captions" for entry in about.transcripts),
        )

    def library(self, episodes: Sequence[EpisodeRecord], coverage: Coverage) -> str:
        """Return the page of all episodes, newest first; those without a date come last."""
        ordered = newest_first(episodes)
        return self._page(
            "library.html",
            addresses.LIBRARY,
            episodes=ordered,
            swarm=swarm_of(episodes),
            map_told=map_alt(coverage, self.language),
            filters=(
                ("source", _known(episode.about.source for episode in episodes)),
                ("shelf", _known(episode.about.shelf for episode in episodes)),
                ("band", [(band, self.language.band(band)) for band in self.axis.bands]),
                ("lens", [(lens, self.language.lens(lens)) for lens in self.axis.lenses]),
            ),
        )

    def topics(self, coverage: Coverage) -> str:
        """Return the page of the library's subjects with the sides that are missing."""
        return self._page("topics.html", addresses.TOPICS, coverage=coverage)

    def people(self, episodes: Sequence[EpisodeRecord], appearances: Sequence[Appearance]) -> str:
        """Return the page of the people with their episodes."""
        return self._page("people.html", addresses.PEOPLE, people=people_of(episodes, appearances))

    def framework(self) -> str:
        """Return the page that explains how positions are made."""
        language = self.language
        lenses = [
            (language.lens(lens), language.named("lens_meaning", lens, meaning))
            for lens, meaning in zip(self.axis.lenses, self.axis.lens_meanings, strict=True)
        ]
        return self._page("framework.html", addresses.FRAMEWORK, lenses=lenses)

    def search(self, query: str = "", found: Found | None = None, problem: str | None = None) -> str:
        """Return the page of a search; ``problem`` is a sentence where there is no answer."""
        return self._page("search.html", addresses.SEARCH, query=query, found=found, problem=problem)

    def results(self, found: Found | None, problem: str | None = None) -> str:
        """Return what is found as a part of the page of a search."""
        template = self._environment.get_template("results.html")
        return template.render(self._common(addresses.SEARCH), found=found, problem=problem)

    def feed(self, episodes: Sequence[EpisodeRecord], most: int = 50) -> str:
        """Return an Atom feed of the newest episodes that have a date; the site's address must be known."""
        dated = [episode for episode in newest_first(episodes) if episode.about.published][:most]
        entries = [(episode, f"{episode.about.published}T00:00:00Z") for episode in dated]
        updated = entries[0][1] if entries else "1970-01-01T00:00:00Z"
        return self._page("feed.xml", addresses.FEED, entries=entries, updated=updated)

    def sitemap(self, episodes: Sequence[EpisodeRecord]) -> str:
        """Return the sitemap; the site's address must be known."""
        fixed = ("", addresses.TOPICS, addresses.PEOPLE, addresses.FRAMEWORK)
        pages = [(page, None) for page in fixed] + [
            (episode_page(episode.slug), None) for episode in episodes
        ]
        return self._page("sitemap.xml", addresses.SITEMAP, pages=pages)

    def robots(self) -> str:
        """Return ``robots.txt``: everything may be read but searches."""
        told = f"User-agent: *\nDisallow: /{addresses.SEARCH}\n"
        return told + (f"Sitemap: {self.site}/{addresses.SITEMAP}\n" if self.site else "")

    def positions_css(self) -> str:
        """Return the style sheet of the colours of positions, from -100 to 100 in steps of ten."""
        rules = []
        for step in range(-_STEPS, _STEPS + 1):
            colour = "#{:02x}{:02x}{:02x}".format(*colour_of(step * 100 / _STEPS))
            strength = min(100, round(abs(spread(step * 100 / _STEPS)) * 100))
            rules.append(f".q{step + _STEPS}{{--c:{colour};--s:{strength}%}}")
        return "\n".join(rules) + "\n"

    def words_js(self) -> str:
        """Return the script with what the pages' scripts say, by the last part of its key."""
        catalogue, before = self.language.catalogue, "page.script."
        words = {
            key.removeprefix(before): catalogue.languages[self.language.locale].get(key, text)
            for key, text in catalogue.languages[DEFAULT].items()
            if key.startswith(before)
        }
        told = json.dumps(words, ensure_ascii=False, indent=1, sort_keys=True)
        return f'"use strict";\nwindow.counterpointWords = {told};\n'

    def marker_names(self) -> dict[str, str]:
        """Return the names of the three markers of an episode's map."""
        language = self.language
        return {
            "lowest": most_of(self.axis.low_pole, language),
            "median": language.say("picture.median"),
            "highest": most_of(self.axis.high_pole, language),
        }

    def _page(self, template: str, page: str, **fields: Any) -> str:
        return self._environment.get_template(template).render(self._common(page) | fields)

    def _common(self, page: str) -> dict[str, Any]:
        return {
            "up": addresses.up_from(page),
            "here": page,
            "canonical": "" if page == addresses.LIBRARY else page,
            "ramp": RAMP,
            "bands": self._bands(),
            "query": "",
            "version": self.version,
        }

    def _bands(self) -> list[tuple[float, float, str]]:
        """Return where each band begins and ends on the scale, in percent, with its name."""
        edges = [0.0, *(percent(edge.position) for edge in self.axis.edges), 100.0]
        return [
            (edges[place], edges[place + 1], self.language.band(band))
            for place, band in enumerate(self.axis.bands)
        ]


def description_of(episode: EpisodeRecord) -> str:
    """Return what an episode is about in a sentence or two, for cards and feeds."""
    about = episode.about
    told = about.summary or about.why_it_matters or ""
    return clipped(" ".join(told.split()), _LONGEST_DESCRIPTION) or about.title


def newest_first(episodes: Sequence[EpisodeRecord]) -> list[EpisodeRecord]:
    """Return episodes by date, newest first, ties by slug; those without a date come last."""
    by_slug = sorted(episodes, key=lambda episode: episode.slug)
    return sorted(by_slug, key=lambda episode: episode.about.published or datetime.date.min, reverse=True)


def people_of(episodes: Sequence[EpisodeRecord], appearances: Sequence[Appearance]) -> list[Person]:
    """Return everybody who speaks or is named as host or guest, in alphabetical order."""
    by_slug = {episode.slug: episode for episode in episodes}
    found: dict[str, tuple[str, dict[str, PersonIn]]] = {}

    def add(name: str, episode: EpisodeRecord, anchor: str) -> None:
        roles = {fold(host): "host" for host in episode.about.hosts}
        roles |= {fold(guest): "guest" for guest in episode.about.guests}
        _, own = found.setdefault(fold(name), (name, {}))
        own.setdefault(episode.slug, PersonIn(episode, roles.get(fold(name), "speaks"), anchor))

    for appearance in appearances:
        if appearance.slug in by_slug:
            add(appearance.name, by_slug[appearance.slug], f"p{appearance.ordinal + 1}")
    for episode in episodes:
        for name in (*episode.about.hosts, *episode.about.guests):
            add(name, episode, "")
    people = []
    for _, (name, own) in sorted(found.items()):
        order = newest_first([appearance.episode for appearance in own.values()])
        people.append(Person(name, tuple(own[episode.slug] for episode in order)))
    return people


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
    ends_inside = said.text[-1:].isalnum() or said.text[-1:] == ","
    parts += [escape(said.text[at:]), escape(f"…{end_mark}" if ends_inside else end_mark)]
    return Markup("".join(parts))  # noqa: S704 - foreign text is escaped above


def _environment(renderer: Renderer) -> Environment:
    language, axis = renderer.language, renderer.axis
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.globals |= {
        "axis": axis,
        "site": renderer.site,
        "is_live": renderer.is_live,
        "name": SITE_NAME,
        "policy": renderer.policy,
        "style": Markup(renderer.style),  # noqa: S704 - our own file
        "lang": language.locale,
        "low_pole": language.pole(axis.low_pole),
        "high_pole": language.pole(axis.high_pole),
        "low_meaning": language.named("pole_meaning", axis.low_pole, axis.low_meaning),
        "high_meaning": language.named("pole_meaning", axis.high_pole, axis.high_meaning),
        "axis_question": language.named("axis_question", axis.name, axis.question),
        "edges": format_list([signed(edge.position) for edge in axis.edges], locale=language.locale),
        "say": lambda key, **fields: _in_page(language.say, key, fields),
        "count": language.count,
        "link": lambda address, text: Markup('<a href="{}">{}</a>').format(address, text),
        "bold": lambda text: Markup("<b>{}</b>").format(text),
        "read_told": lambda second: _read_told(second, language),
        "marker_told": lambda kind, record: _marker_told(renderer, kind, record),
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
        "passage_at": _passage_anchor,
        "gap_told": lambda subject, gap, up: _gap_told(subject, gap, up, language),
    }
    environment.filters |= {
        "signed": signed,
        "clock": clock,
        "day": lambda day: day_in_words(day, language).replace(" ", "\N{NO-BREAK SPACE}"),
        "minutes": lambda seconds: language.say("page.episode.minutes", n=max(1, round(seconds / 60))),
        "points": lambda pull: format_decimal(pull, "+0.0;−0.0", locale=language.locale),
        "band": lambda position: language.band(axis.band_of(position)),
        "band_name": language.band,
        "lens": lambda lens: language.lens(lens).lower(),
        "tint": lambda position: f"q{round(position / 100 * _STEPS) + _STEPS}",
        "x": lambda position: f"{percent(position)}%",
        "anchor": lambda record: addresses.slice_anchor(record.piece),
        "when": lambda record: _when(record, language),
        "speech": speech_of,
        "quoted": lambda said: quoted_of(said, language),
        "paragraphs": _paragraphs,
        "shape": lambda profile: shape_in_words(profile, None, language, 5),
        "sentence": lambda text: f"{text[:1].upper()}{text[1:]}.",
        "sparkline": sparkline_path,
        "question": lambda question: language.say("counterbalance.question", question=question),
        "subject_name": lambda subject: name_of(subject, language),
        "description": description_of,
        "xml": lambda text: _NO_XML.sub("", text),
    }
    return environment


def day_in_words(day: datetime.date, language: Language) -> str:
    """Return a date as it is written out in a language, such as ``12 Mar 2026`` or ``12. März 2026``."""
    return format_date(day, "d MMM y" if language.locale == DEFAULT else "long", locale=language.locale)


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


def _marker_told(renderer: "Renderer", kind: str, record: SliceRecord) -> str:
    return renderer.language.say(
        "page.episode.marker",
        marker=renderer.marker_names()[kind],
        position=record.reading.position,
        place=_when(record, renderer.language),
    )


def _gap_told(subject: Subject, gap: Gap, up: str, language: Language) -> Markup:
    """Return what a missing wing lacks, with a link to the nearest voice."""

    def titled(episode: EpisodeRecord) -> str:
        return Markup('<a href="{}">{}</a>').format(up + episode_page(episode.slug), episode.about.title)

    told = gap_in_words(subject, gap, language, shown=lambda text: str(escape(text)), titled=titled)
    return Markup(told)  # noqa: S704 - texts of the library are escaped above


def _passage_anchor(passage: Passage) -> str:
    before = sum(len(record.piece.text) + 1 for record in passage.slices[: passage.best])
    return sentence_anchor(passage.slices[passage.best].piece, passage.quote.start - before)


def _known(values: Iterator[str | None]) -> list[tuple[str, str]]:
    return [(value, value) for value in sorted({value for value in values if value}, key=fold)]


def _when(record: SliceRecord, language: Language) -> str:
    piece = record.piece
    if piece.start_s is None:
        return language.say("page.episode.segment", number=piece.ordinal + 1)
    return clock(piece.start_s)


def _paragraphs(text: str) -> Markup:
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(" ".join(block.split())) for block in blocks)


def _provenance(episode: EpisodeRecord, language: Language) -> str:
    about = episode.about
    told = []
    for entry in about.transcripts:
        kind = f"{entry.kind}_{entry.track}" if entry.track else entry.kind
        parts = [
            language.say(f"provenance.{kind}"),
            entry.language and language_name(entry.language.partition("-")[0], language.locale),
            entry.stored and language.say("provenance.stored", date=day_in_words(entry.stored, language)),
        ]
        told.append(", ".join(part for part in parts if part))
    if not told:
        return language.say("page.episode.not_stored")
    if about.video_id:
        told.append(language.say("provenance.video", video=about.video_id))
    told.append(language.count("provenance.segments", episode.n_segments))
    untimed = "" if episode.is_timed else " " + language.say("provenance.untimed")
    return f"{' · '.join(told)}.{untimed}"
