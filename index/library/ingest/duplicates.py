"""What a library holds, as far as telling one conversation from another needs it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from heapq import nsmallest
from itertools import count
from pathlib import Path
from zlib import crc32

from index.errors import IndexingError, LibraryMissing
from index.library.episodes import LONGEST_SLUG, EpisodeFile, read_about, slugs
from index.transcripts.formats import parse_transcript
from index.transcripts.model import Transcript

LEAST_ALIKE = 0.15
"""From this share of common phrases on, two texts are of one recording; other talks have hardly any."""

_PHRASE_WORDS = 4
_SAMPLED = 400
_MOST_COMPARED = 30

Likeness = frozenset[int]


class Duplicates:
    """The episodes of a library by slug, video, address and file. Made once for a batch, and told of each plan.

    Transcripts are read only where a file of the same size, or of the same name or title, makes it necessary. An
    episode whose ``episode.json`` is broken is known by its slug alone.
    """

    def __init__(self, library: Path) -> None:
        """Read every ``episode.json`` of ``library``; a folder that is not there yet holds nothing."""
        self.library = library
        self._about: dict[str, EpisodeFile | None] = {}
        self._slug_by_video: dict[str, str] = {}
        self._slug_by_url: dict[str, str] = {}
        self._slugs_by_name: dict[str, list[str]] = defaultdict(list)
        self._hosts: dict[str, dict[str, None]] = defaultdict(dict)
        self._files_by_size: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self._sizes: dict[tuple[str, str], int] = {}
        self._digests: dict[tuple[str, str], str] = {}
        self._likeness: dict[tuple[str, str], Likeness] = {}
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
            self._note(slug, about)
            for entry in about.transcripts:
                try:
                    size = (library / slug / entry.file).stat().st_size
                except OSError:
                    continue
                self._hold_file((slug, entry.file), size)

    def about(self, slug: str) -> EpisodeFile | None:
        """What the episode's file says; None for one that is unknown or broken."""
        return self._about.get(slug)

    def is_taken(self, slug: str) -> bool:
        """Whether a folder of that name is there, of an episode or of anything else."""
        return slug in self._about or (self.library / slug).exists()

    def with_bytes(self, data: bytes) -> tuple[str, str] | None:
        """Slug and file name where exactly ``data`` is stored, or None."""
        wanted = hashlib.sha256(data).hexdigest()
        for place in self._files_by_size.get(len(data), ()):
            if place not in self._digests:
                try:
                    with (self.library / place[0] / place[1]).open("rb") as handle:
                        self._digests[place] = hashlib.file_digest(handle, "sha256").hexdigest()
                except OSError:
                    continue
            if self._digests[place] == wanted:
                return place
        return None

    def with_video(self, video_id: str | None, url: str | None) -> str | None:
        """The episode of that video, or else of that address."""
        if video_id is not None and video_id in self._slug_by_video:
            return self._slug_by_video[video_id]
        slug = None if url is None else self._slug_by_url.get(url)
        return None if slug is None or self._is_of_other_video(slug, video_id) else slug

    def with_words(self, transcript: Transcript, *, slug: str, name: str, video_id: str | None) -> str | None:
        """The episode called ``slug`` (or ``slug-2`` and so on), or with a file of that name, that has these words."""
        candidates: list[str] = [*self._called(slug), *self._slugs_by_name.get(name, ())]
        wanted: Likeness | None = None
        for candidate in list(dict.fromkeys(candidates))[:_MOST_COMPARED]:
            about = self._about.get(candidate)
            if about is None or self._is_of_other_video(candidate, video_id):
                continue
            wanted = likeness_of(transcript) if wanted is None else wanted
            for entry in about.transcripts:
                if likeness(wanted, self._likeness_of(candidate, entry.file)) >= LEAST_ALIKE:
                    return candidate
        return None

    def free_slug(self, slug: str) -> str:
        """``slug``, or with the first number behind it that is free."""
        return next(one for one in _numbered(slug) if not self.is_taken(one))

    def hosts_of(self, source: str) -> list[str]:
        """Everyone who is a host in an episode of ``source``."""
        return list(self._hosts.get(source.casefold(), ()))

    def remember(
        self, slug: str, about: EpisodeFile, file_name: str, data: bytes, transcript: Transcript
    ) -> None:
        """Count an episode as held as it will be once its plan is written."""
        place = (slug, file_name)
        self._note(slug, about)
        self._hold_file(place, len(data))
        self._digests[place] = hashlib.sha256(data).hexdigest()
        self._likeness[place] = likeness_of(transcript)

    def _note(self, slug: str, about: EpisodeFile) -> None:
        self._about[slug] = about
        if about.video_id is not None:
            self._slug_by_video.setdefault(about.video_id, slug)
        if about.url is not None:
            self._slug_by_url.setdefault(about.url, slug)
        for entry in about.transcripts:
            named = self._slugs_by_name[entry.original_name or entry.file]
            if slug not in named:
                named.append(slug)
        if about.source is not None:
            self._hosts[about.source.casefold()].update(dict.fromkeys(about.hosts))

    def _hold_file(self, place: tuple[str, str], size: int) -> None:
        before = self._sizes.get(place)
        if before is not None:
            self._files_by_size[before].remove(place)
        self._sizes[place] = size
        self._files_by_size[size].append(place)

    def _is_of_other_video(self, slug: str, video_id: str | None) -> bool:
        about = self._about.get(slug)
        return about is not None and None not in (about.video_id, video_id) and about.video_id != video_id

    def _called(self, slug: str) -> Iterator[str]:
        for one in _numbered(slug):
            if one not in self._about:
                return
            yield one

    def _likeness_of(self, slug: str, file_name: str) -> Likeness:
        place = (slug, file_name)
        if place not in self._likeness:
            try:
                data = (self.library / slug / file_name).read_bytes()
                self._likeness[place] = likeness_of(parse_transcript(data, name=file_name))
            except (OSError, IndexingError):
                self._likeness[place] = frozenset()
        return self._likeness[place]


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    for number in count(2):
        ending = f"-{number}"
        yield slug[: LONGEST_SLUG - len(ending)].rstrip("-.") + ending


def likeness_of(transcript: Transcript) -> Likeness:
    """A sample of the text's phrases: the 400 smallest hashes of its runs of four words (bottom-k sketch)."""
    words = [
        folded
        for cue in transcript.cues
        for word in cue.text.casefold().split()
        if (folded := word if word.isalnum() else "".join(filter(str.isalnum, word)))
    ]
    n_phrases = max(len(words) - _PHRASE_WORDS + 1, 1)
    hashes = {crc32(" ".join(words[at : at + _PHRASE_WORDS]).encode()) for at in range(n_phrases)}
    return frozenset(nsmallest(_SAMPLED, hashes))


def likeness(one: Likeness, other: Likeness) -> float:
    """Estimated share of phrases that two texts have in common among all that either has, from 0 to 1.

    The estimate of the Jaccard index from bottom-k sketches: A. Z. Broder, On the resemblance and containment of
    documents, 1997.
    """
    smallest = nsmallest(_SAMPLED, one | other)
    return len(one & other & set(smallest)) / len(smallest) if smallest else 0.0
