"""Duplicates: the episode of a library that a file is a copy or another transcript of."""

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from index.errors import IndexingError, LibraryMissing
from index.library.episodes import LONGEST_SLUG, EpisodeFile, read_about, slugs
from index.library.ingest.hosts_and_guests import folded_name
from index.library.ingest.parsed_file import (
    LEAST_ALIKE,
    MOSTLY,
    ParsedFile,
    Sketch,
    containment,
    likeness,
    sketch_of,
)
from index.library.ingest.shows import KnownNames
from index.library.ingest.similar_files import Place, similar_files
from index.transcripts.formats import parse_transcript
from index.transcripts.links import normalized_address

FEW_WORDS = 3_000
"""A text with fewer is short: about twenty minutes of speech."""

LEAST_ALIKE_OF_FEW = 0.4
"""``LEAST_ALIKE`` of a short text and one that shares neither name nor guest with it."""

_MOST_COMPARED = 30
_MOST_PARSED = 4


@dataclass(frozen=True, slots=True)
class Alike:
    """An episode whose words a file has, and the share of phrases in common, 0 to 1; None where it had no words yet.

    Of a file that is only a part of the episode, ``is_part``, it is the share of the file's own phrases.
    """

    slug: str
    share: float | None
    is_part: bool = False


class Duplicates:
    """Lookup of a library's episodes by slug, video, address, file and guest. Make it once for a batch.

    See ``remember``. Transcripts are parsed only if a file has the same size, name, title or guest, or words alike. An
    episode whose ``episode.json`` is broken is known by its slug alone.

    Attributes:
        library: its folder.
        names: its shows and people.
    """

    def __init__(self, library: Path) -> None:
        """Read every ``episode.json`` of ``library``; a missing folder counts as empty."""
        self.library = library
        self._about: dict[str, EpisodeFile | None] = {}
        self._slug_by_video: dict[str, str] = {}
        self._slug_by_url: dict[str, str] = {}
        self._slugs_by_name: dict[str, list[str]] = defaultdict(list)
        self._slugs_by_guest: dict[str, list[str]] = defaultdict(list)
        self.names = KnownNames()
        self._files_by_size: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self._sizes: dict[tuple[str, str], int] = {}
        self._digests: dict[tuple[str, str], str] = {}
        self._sketches: dict[tuple[str, str], Sketch] = {}
        try:
            names = slugs(library)
        except LibraryMissing:
            names = []
        for slug in names:
            try:
                about = read_about(library, slug)
            except IndexingError:
                self._about[slug] = None
                continue
            self._add(slug, about)
            for entry in about.transcripts:
                try:
                    size = (library / slug / entry.file).stat().st_size
                except OSError:
                    continue
                self._add_file((slug, entry.file), size)

    def about(self, slug: str) -> EpisodeFile | None:
        """Return the contents of ``episode.json``; None for an unknown or broken episode."""
        return self._about.get(slug)

    def is_taken(self, slug: str) -> bool:
        """Return True if a folder of that name is there, of an episode or of anything else."""
        return slug in self._about or (self.library / slug).exists()

    def with_bytes(self, parsed: ParsedFile) -> tuple[str, str] | None:
        """Return slug and file name where exactly these bytes are stored, or None."""
        for place in self._files_by_size.get(len(parsed.data), ()):
            if place not in self._digests:
                try:
                    with (self.library / place[0] / place[1]).open("rb") as handle:
                        self._digests[place] = hashlib.file_digest(handle, "sha256").hexdigest()
                except OSError:
                    continue
            if self._digests[place] == parsed.sha256:
                return place
        return None

    def with_video(self, video_id: str | None, url: str | None) -> str | None:
        """Return the slug of the episode with that video, or else with that address, or None."""
        if video_id is not None and video_id in self._slug_by_video:
            return self._slug_by_video[video_id]
        slug = None if url is None else self._slug_by_url.get(normalized_address(url))
        return None if slug is None or self._is_of_other_video(slug, video_id) else slug

    def with_words(
        self, parsed: ParsedFile, *, slug: str, video_id: str | None, guests: Iterable[str] = ()
    ) -> Alike | None:
        """Return an episode with words alike, or None.

        First those of this slug (or ``slug-2`` and so on), file name or guest are compared, of which one of this very
        slug that has no words yet is alike; then all others, whose words must be much alike where they are few: a
        show's greeting and adverts are a large part of a short episode. A file nearly all of whose words are another's
        is a part of that.
        """
        candidates: list[str] = [*self._called(slug), *self._slugs_by_name.get(parsed.name, ())]
        for guest in guests:
            candidates += self._slugs_by_guest.get(folded_name(guest), ())
        for candidate in list(dict.fromkeys(candidates))[:_MOST_COMPARED]:
            about = self._about.get(candidate)
            if about is None or self._is_of_other_video(candidate, video_id):
                continue
            if candidate == slug and not about.transcripts:
                return Alike(candidate, None)
            for entry in about.transcripts:
                share = likeness(parsed.sketch, self._sketch_of(candidate, entry.file))
                if share >= LEAST_ALIKE:
                    return Alike(candidate, share)
        least = LEAST_ALIKE if parsed.n_words >= FEW_WORDS else LEAST_ALIKE_OF_FEW
        for other, file in self._similar_files(parsed, video_id, besides=frozenset(candidates)):
            theirs = self._sketch_of(other, file)
            share = likeness(parsed.sketch, theirs)
            if share >= least:
                return Alike(other, share)
            if (part := containment(parsed.sketch, theirs)) >= MOSTLY:
                return Alike(other, part, is_part=True)
        return None

    def _similar_files(
        self, parsed: ParsedFile, video_id: str | None, *, besides: Container[str]
    ) -> list[Place]:
        """Return other files that may have these words; those of a dry run, which are not written, are left out."""
        others = [
            (slug, entry.file)
            for slug, about in self._about.items()
            if about is not None and slug not in besides and not self._is_of_other_video(slug, video_id)
            for entry in about.transcripts
        ]
        return similar_files(parsed.data, self.library, others, most=_MOST_PARSED)

    def is_timed(self, slug: str, file_name: str) -> bool:
        """Return True if a stored transcript knows the second of any of its words; False if it cannot be read."""
        try:
            return parse_transcript((self.library / slug / file_name).read_bytes(), name=file_name).is_timed
        except (OSError, IndexingError):
            return False

    def free_slug(self, slug: str) -> str:
        """Return ``slug``, or ``slug`` with the first free number appended."""
        return next(numbered for numbered in _numbered(slug) if not self.is_taken(numbered))

    def remember(self, slug: str, about: EpisodeFile, file_name: str, parsed: ParsedFile) -> None:
        """Add an episode as it will be once its plan is written."""
        place = (slug, file_name)
        self._add(slug, about)
        self._add_file(place, len(parsed.data))
        self._digests[place] = parsed.sha256
        self._sketches[place] = parsed.sketch

    def _add(self, slug: str, about: EpisodeFile) -> None:
        self._about[slug] = about
        if about.video_id is not None:
            self._slug_by_video.setdefault(about.video_id, slug)
        if about.url is not None:
            self._slug_by_url.setdefault(normalized_address(about.url), slug)
        for entry in about.transcripts:
            named = self._slugs_by_name[entry.original_name or entry.file]
            if slug not in named:
                named.append(slug)
        for guest in about.guests:
            of_guest = self._slugs_by_guest[folded_name(guest)]
            if slug not in of_guest:
                of_guest.append(slug)
        self.names.add(about.source, about.hosts, about.guests)

    def _add_file(self, place: tuple[str, str], size: int) -> None:
        before = self._sizes.get(place)
        if before is not None:
            self._files_by_size[before].remove(place)
        self._sizes[place] = size
        self._files_by_size[size].append(place)

    def _is_of_other_video(self, slug: str, video_id: str | None) -> bool:
        about = self._about.get(slug)
        return about is not None and None not in (about.video_id, video_id) and about.video_id != video_id

    def _called(self, slug: str) -> Iterator[str]:
        for numbered in _numbered(slug):
            if numbered not in self._about:
                return
            yield numbered

    def _sketch_of(self, slug: str, file_name: str) -> Sketch:
        place = (slug, file_name)
        if place not in self._sketches:
            try:
                data = (self.library / slug / file_name).read_bytes()
                self._sketches[place] = sketch_of(parse_transcript(data, name=file_name))
            except (OSError, IndexingError):
                self._sketches[place] = frozenset()
        return self._sketches[place]


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    for number in count(2):
        ending = f"-{number}"
        yield slug[: LONGEST_SLUG - len(ending)].rstrip("-.") + ending
