"""Write the pages to a folder, for any web server: only what changed since the last time is written again."""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.service import EpisodeCard, EpisodePage, LibraryService, Surroundings
from bot.pages import addresses
from bot.pages.renderer import HERE, Renderer
from bot.pages.search_index import search_files
from bot.render.png.episode_card import draw_card
from index.build.progress import Progress
from index.files import storage_errors
from index.search.related import Opposed, Related
from index.storage.records import EditionFacts, SliceRecord
from index.transcripts.links import episode_page
from scoring.errors import CodedError, typed_fields

MANIFEST = ".counterpoint-site.json"
"""Has a digest of the whole that was written, and of what each file was made of. Nothing else is ever removed."""

_MANIFEST_VERSION = 1
_EPISODES_AT_ONCE = 500


class SiteError(CodedError):
    """Base of why pages cannot be written."""

    code = "site"


@typed_fields
class SiteFolderTaken(SiteError):
    """The folder holds files that are not pages of this program."""

    code = "site_folder_taken"
    path: str


@dataclass(slots=True)
class SiteReport:
    """What a run wrote.

    Attributes:
        n_pages: pages of the site, the pages of episodes among them.
        written, removed: files that were written or removed.
    """

    n_pages: int = 0
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


class SiteWriter:
    """Writes one site.

    Args:
        folder: where to; made if need be.
        renderer: makes the pages.
        service: answers what they tell.
        progress: is told of the stages and their steps; None for nobody.
    """

    def __init__(
        self,
        folder: Path,
        renderer: Renderer,
        service: LibraryService,
        progress: Progress | None = None,
    ) -> None:
        self._folder = folder
        self._renderer = renderer
        self._service = service
        self._progress = progress
        self._before: dict[str, str] = {}
        self._whole = ""
        self._now: dict[str, str] = {}
        self._report = SiteReport()

    async def write(self) -> SiteReport:
        """Write what changed, remove what is gone.

        Raises:
            SiteFolderTaken: the folder holds something else; nothing was written.
            StorageError: the disk is full or may not be written to.
            EditionMissing: the library is not indexed yet.
        """
        renderer, service = self._renderer, self._service
        facts = await service.facts()
        episodes = await service.episodes()
        with storage_errors(self._folder):
            self._open()
            whole = _digest_of(facts.edition, renderer.version, renderer.site)
            if whole == self._whole and all((self._folder / address).is_file() for address in self._before):
                self._report.n_pages = sum(address.endswith(".html") for address in self._before)
                return self._report
            self._whole = whole
            self._write_static()
            coverage = await service.coverage()
            appearances = await service.people()
            self._put(addresses.LIBRARY, renderer.library(episodes, coverage))
            self._put(addresses.TOPICS, renderer.topics(coverage))
            self._put(addresses.PEOPLE, renderer.people(episodes, appearances))
            self._put(addresses.FRAMEWORK, renderer.framework())
            self._put(addresses.SEARCH, renderer.search())
            self._put(addresses.ROBOTS, renderer.robots())
            if renderer.site:
                self._put(addresses.MISSING, renderer.problem())
                self._put(addresses.FEED, renderer.feed(episodes))
                self._put(addresses.SITEMAP, renderer.sitemap(episodes))
            await self._write_episodes([episode.slug for episode in episodes], facts)
            for name, content in search_files(await service.slice_words(), episodes):
                self._put(name, content)
            self._remove_gone()
            self._save()
        return self._report

    async def _write_episodes(self, slugs: Sequence[str], facts: EditionFacts) -> None:
        digests = await self._service.digests()
        if self._progress is not None:
            self._progress.stage("pages", len(slugs))
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            drawn = []
            for start in range(0, len(slugs), _EPISODES_AT_ONCE):
                chunk = slugs[start : start + _EPISODES_AT_ONCE]
                for slug, around in zip(chunk, await self._service.surroundings(chunk), strict=True):
                    drawn += await self._write_episode(slug, around, digests.get(slug), facts, pool)
                    if self._progress is not None:
                        self._progress.advance(1)
            for drawing in drawn:
                drawing.result()

    async def _write_episode(
        self,
        slug: str,
        around: Surroundings,
        digest: str | None,
        facts: EditionFacts,
        pool: ThreadPoolExecutor,
    ) -> list[Future[None]]:
        """Write the page if need be, and return what is still being drawn."""
        renderer = self._renderer
        made_of = _digest_of(
            renderer.version,
            renderer.site,
            facts.scoring_version,
            facts.slicing_version,
            digest,
            _told_of(around),
        )
        self._report.n_pages += 1
        card: EpisodeCard | None = None
        if self._needs(episode_page(slug), made_of):
            card = await self._service.episode(slug, exactly=True)
            self._write(episode_page(slug), renderer.episode(EpisodePage(card, around)).encode())
        picture = addresses.episode_picture(slug)
        seen = _digest_of("card", renderer.version, facts.scoring_version, digest)
        if not (renderer.site and self._needs(picture, seen)):
            return []
        card = card or await self._service.episode(slug, exactly=True)
        return [pool.submit(self._draw, picture, card)]

    def _draw(self, address: str, card: EpisodeCard) -> None:
        self._write(address, draw_card(card.episode, card.slices, self._renderer.language))

    def _write_static(self) -> None:
        for file in sorted((HERE / "static").iterdir()):
            if file.suffix != ".css":  # it stands in the pages
                self._put(f"static/{file.name}", file.read_text(encoding="utf-8"))
        self._put("static/words.js", self._renderer.words_js())

    def _put(self, address: str, content: str) -> None:
        """Write ``content`` unless it stands there already."""
        if address.endswith(".html"):
            self._report.n_pages += 1
        data = content.encode()
        if self._needs(address, hashlib.sha256(data).hexdigest()[:24]):
            self._write(address, data)

    def _needs(self, address: str, made_of: str) -> bool:
        self._now[address] = made_of
        return self._before.get(address) != made_of or not (self._folder / address).is_file()

    def _write(self, address: str, data: bytes) -> None:
        path = self._folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".new-{path.name}")
        new.write_bytes(data)
        new.replace(path)
        self._report.written.append(address)

    def _open(self) -> None:
        """Read what was written before.

        A folder that this program did not write is taken only if it is empty.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            manifest = json.loads((self._folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest.get("version") == _MANIFEST_VERSION:
                self._before, self._whole = dict(manifest["files"]), str(manifest.get("whole", ""))
        except FileNotFoundError as error:
            if any(entry.name != ".git" for entry in self._folder.iterdir()):
                raise SiteFolderTaken(path=str(self._folder)) from error
            (self._folder / MANIFEST).write_text(json.dumps({"version": _MANIFEST_VERSION, "files": {}}))
        except (ValueError, KeyError, TypeError, AttributeError):
            self._before = {}  # damaged: everything is written anew

    def _remove_gone(self) -> None:
        for address in sorted(set(self._before) - set(self._now)):
            path = self._folder / address
            if path.resolve().is_relative_to(self._folder.resolve()):
                path.unlink(missing_ok=True)
                self._report.removed.append(address)

    def _save(self) -> None:
        files = dict(sorted(self._now.items()))
        manifest = {"version": _MANIFEST_VERSION, "whole": self._whole, "files": files}
        path = self._folder / MANIFEST
        new = path.with_name(f"{MANIFEST}.new")
        new.write_text(json.dumps(manifest, indent=0), encoding="utf-8")
        new.replace(path)


def _digest_of(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _told_of(around: Surroundings) -> tuple[object, ...]:
    """Return what an episode's page tells of other episodes and of the edition."""
    counter = around.counterbalance
    return (
        tuple(_told_of_related(other) for other in around.related),
        counter.standing,
        counter.outcome,
        counter.judge,
        tuple(_told_of_pick(opposed) for opposed in counter.picks),
    )


def _told_of_related(other: Related) -> tuple[object, ...]:
    about, profile = other.episode.about, other.episode.profile
    return (
        other.episode.slug, about.title, about.source, about.shelf, about.published, profile.headline, profile.lens,
        profile.arc, other.shared, other.same_shelf,
    )  # fmt: skip


def _told_of_pick(opposed: Opposed) -> tuple[object, ...]:
    about = opposed.episode.about
    return (
        opposed.episode.slug, about.title, about.source, about.shelf, about.published, about.url, about.video_id,
        opposed.standing.position, opposed.pick.difference, opposed.shared,
        opposed.crux.question if opposed.crux else None,
        *(_told_of_slice(record) for record in (opposed.here, opposed.there)),
    )  # fmt: skip


def _told_of_slice(record: SliceRecord | None) -> tuple[object, ...]:
    if record is None:
        return ()
    piece, reading = record.piece, record.reading
    return (
        piece.ordinal, piece.text, piece.start_s, piece.turns, reading.position, reading.drivers, record.claim,
    )  # fmt: skip
