"""Pages as text: what the service answers goes in, HTML and XML come out. Nothing is read, kept or sent."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.app.service import Appearance, EpisodePage
from bot.i18n.language import Language
from bot.i18n.message_catalogue import DEFAULT, MessageCatalogue, language_name, whole_shares
from bot.pages import addresses
from bot.pages.drawings import RAMP, arc_bands, arc_bars, band_shares, percent, swarm_of
from bot.pages.people import newest_first, people_of
from bot.pages.template_environment import (
    TINT_STEPS,
    day_in_words,
    description_of,
    make_environment,
)
from bot.render.png.picture_texts import card_alt, map_alt, shares_of
from bot.render.text import outcome_text
from bot.render.theme import colour_of, spread
from index.search.answers import Found
from index.search.coverage import Coverage
from index.storage.records import EpisodeRecord, chapters_of
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

_MARKER_SHAPES = {
    "lowest": "M-8-9H8L0 7z",
    "median": "M0-8a8 8 0 1 0 .01 0z",
    "highest": "M-8 9H8L0-7z",
}


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
        self._environment = make_environment(
            self.language, axis, site=site, is_live=is_live, policy=self.policy, style=self.style
        )

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
        counter = page.around.counterbalance
        video_id = about.video_id or video_id_in(about.url or "")
        shares_told = ", ".join(
            shares_of(share, band, self.language)
            for share, band in zip(whole_shares(profile.shares), self.axis.bands, strict=True)
        )
        return self._page(
            "episode.html",
            episode_page(episode.slug),
            card=page.card,
            related=page.around.related,
            counter=counter,
            outcome=outcome_text(counter, self.language.say, counter.judge or ""),
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
            (language.lens(lens), language.of_axis("lens_meaning", lens, meaning))
            for lens, meaning in zip(self.axis.lenses, self.axis.lens_meanings, strict=True)
        ]
        trust = language.named("axis_trust", self.axis.name, language.say("about.not_measured"))
        return self._page("framework.html", addresses.FRAMEWORK, lenses=lenses, trust=trust)

    def search(self, query: str = "", found: Found | None = None, problem: str | None = None) -> str:
        """Return the page of a search; ``problem`` is a sentence where there is no answer."""
        return self._page("search.html", addresses.SEARCH, query=query, found=found, problem=problem)

    def results(self, found: Found | None, problem: str | None = None) -> str:
        """Return what is found as a part of the page of a search."""
        template = self._environment.get_template("results.html")
        return template.render(self._common(addresses.SEARCH), found=found, problem=problem)

    def problem(self, told: str | None = None) -> str:
        """Return the page of an address where there is nothing, or of what else went wrong, ``told`` in a sentence.

        It is answered at any address, so its links begin at the server's root.
        """
        root = f"{urlsplit(self.site or '').path.rstrip('/')}/"
        kind = "missing" if told is None else "failed"
        return self._page(
            "problem.html",
            addresses.MISSING,
            up=root,
            title=self.language.say(f"page.problem.{kind}"),
            told=told or self.language.say("page.problem.moved"),
        )

    def feed(self, episodes: Sequence[EpisodeRecord], most: int = 50) -> str:
        """Return an Atom feed of the newest episodes that have a date; the site's address must be known."""
        dated = [episode for episode in newest_first(episodes) if episode.about.published][:most]
        entries = [(episode, f"{episode.about.published}T00:00:00Z") for episode in dated]
        updated = entries[0][1] if entries else "1970-01-01T00:00:00Z"
        return self._page("feed.xml", addresses.FEED, entries=entries, updated=updated)

    def sitemap(self, episodes: Sequence[EpisodeRecord]) -> str:
        """Return the sitemap; the site's address must be known."""
        fixed = ("", addresses.TOPICS, addresses.PEOPLE, addresses.FRAMEWORK)
        pages = [*fixed, *(episode_page(episode.slug) for episode in episodes)]
        return self._page("sitemap.xml", addresses.SITEMAP, pages=pages)

    def robots(self) -> str:
        """Return ``robots.txt``: everything may be read but searches."""
        told = f"User-agent: *\nDisallow: /{addresses.SEARCH}\n"
        return told + (f"Sitemap: {self.site}/{addresses.SITEMAP}\n" if self.site else "")

    def positions_css(self) -> str:
        """Return the style sheet of the colours of positions, from -100 to 100 in steps of ten."""
        rules = []
        for step in range(-TINT_STEPS, TINT_STEPS + 1):
            colour = colour_of(step * 100 / TINT_STEPS).css
            strength = min(100, round(abs(spread(step * 100 / TINT_STEPS)) * 100))
            rules.append(f".q{step + TINT_STEPS}{{--c:{colour};--s:{strength}%}}")
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


def _known(values: Iterator[str | None]) -> list[tuple[str, str]]:
    return [(value, value) for value in sorted({value for value in values if value}, key=fold)]


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
