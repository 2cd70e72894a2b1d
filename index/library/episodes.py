"""The library: a folder of episodes, the only source of truth, readable and editable by hand.

``LIBRARY/<slug>/episode.json`` describes the episode and names its transcript files, which lie beside it in their
original form. ``assessment.json`` is a person's own judgement, and optional.
"""

import datetime
import hashlib
import json
import os
import re
import stat
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from index.errors import EpisodeFileInvalid, FileTooLarge, LibraryMissing, SlugInvalid
from index.text.tokens import fold
from index.transcripts.alignment import with_times_of
from index.transcripts.editing_clock import on_recordings_clock
from index.transcripts.formats import parse_transcript, with_full_names, with_written_names
from index.transcripts.formats.decoding import LARGEST_FILE_BYTES, folded
from index.transcripts.links import VIDEO_ID
from index.transcripts.model import Kind, Track, Transcript
from index.wrong_values import named_problem, of_form

EPISODE_FILE = "episode.json"
ASSESSMENT_FILE = "assessment.json"
LONGEST_SLUG = 80

LARGEST_EPISODE_FILE_BYTES = 1_000_000

_SLUG = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST_SLUG - 1}}}")


SecondText = Kind
"""A kind of text that an episode would gain by beside the one that it has."""


def _one_line(text: str) -> str:
    """Remove line breaks, control characters and bidirectional marks from ``text``."""
    return " ".join(folded(text).split())


Line = Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=300)]
Prose = Annotated[str, Field(max_length=20_000)]


class _Written(BaseModel):
    """Base of files that people write; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class TranscriptFile(_Written):
    """A transcript file beside ``episode.json``, with its provenance."""

    file: Annotated[str, of_form(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]{0,199}", "value_no_file_name")]
    kind: Kind = "captions"
    track: Literal["auto", "uploaded"] | None = None
    language: str | None = None
    stored: datetime.date | None = None
    original_name: str | None = None


class ChapterMark(_Written):
    """A chapter of the recording, as its source tells it."""

    start_s: Annotated[float, Field(ge=0, le=7 * 86_400)]
    title: Line


class EpisodeFile(_Written):
    """Contents of ``episode.json``. Only the title is required; an episode may have no transcript."""

    title: Line
    source: Line | None = None
    shelf: Line | None = None
    url: Annotated[str, Field(max_length=500), of_form(r"https?://\S+", "value_no_link")] | None = None
    video_id: Annotated[str, of_form(VIDEO_ID, "value_no_video_id")] | None = None
    published: datetime.date | None = None
    hosts: tuple[Line, ...] = ()
    guests: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    duration_s: Annotated[float, Field(ge=0, le=7 * 86_400)] | None = None
    why_it_matters: Prose | None = None
    summary: Prose | None = None
    editor_note: Prose | None = None
    chapters: Annotated[tuple[ChapterMark, ...], Field(max_length=500)] = ()
    transcripts: tuple[TranscriptFile, ...] = ()

    def speaks_as_guest(self, speaker: str | None) -> bool:
        """Return False for a host and, where guests are known, for whoever is named and is none of them.

        A name is a guest's if it has all words of the guest's, or these have all of its.
        """
        if speaker is None:
            return True
        said = _name_words(speaker)
        if said in map(_name_words, self.hosts):
            return False
        guests = [_name_words(guest) for guest in self.guests]
        return not guests or any(said <= guest or guest <= said for guest in guests)


def _name_words(name: str) -> frozenset[str]:
    return frozenset(fold(name).split())


class AssessmentFile(_Written):
    """Contents of ``assessment.json``: a person's position for the episode, with reasons."""

    position: Annotated[float, Field(ge=-100, le=100)]
    confidence: Literal["low", "medium", "high"] = "medium"
    summary: Prose | None = None
    note: Prose | None = None
    date: datetime.date | None = None
    name: Line


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of the library.

    Attributes:
        slug: the folder's name.
        about: contents of ``episode.json``.
        assessment: a person's judgement, or None.
        transcript: the transcript, or None; with a published transcript and captions, the published words with the
            captions' seconds.
    """

    slug: str
    about: EpisodeFile
    assessment: AssessmentFile | None
    transcript: Transcript | None


_File = TypeVar("_File", bound=BaseModel)


def wanted_text(about: EpisodeFile, *, is_timed: bool) -> SecondText | None:
    """Return the kind of text that would make an episode's quotes better; None where its texts have all.

    Captions give seconds to a transcript without. A published transcript gives names, sentences and spelling where
    there are automatic captions alone.

    Args:
        about: contents of its ``episode.json``.
        is_timed: whether its quotes have seconds.
    """
    if not about.transcripts:
        return None
    if not is_timed:
        return "captions"
    is_automatic = all(entry.kind == "captions" and entry.track == "auto" for entry in about.transcripts)
    return "published" if is_automatic else None


def slugify(text: str) -> str:
    """Return a slug of ``text``: lower-case ASCII words joined by hyphens.

    Raises:
        SlugInvalid: ``text`` has no letter or digit that ASCII can express.
    """
    folded = (
        unicodedata.normalize("NFKD", text.replace("'", "").replace("’", ""))
        .encode("ascii", "ignore")
        .decode()
    )
    slug = re.sub(r"[^a-z0-9.]+", "-", folded.lower()).strip("-.")
    slug = re.sub(r"\.{2,}", ".", slug)
    if len(slug) > LONGEST_SLUG:
        slug = slug[: LONGEST_SLUG + 1].rsplit("-", 1)[0][:LONGEST_SLUG].strip("-.")
    return checked_slug(slug) if slug else _refuse_slug(text)


def checked_slug(slug: str) -> str:
    """Return ``slug`` if it is a plain folder name.

    Raises:
        SlugInvalid: it is not: empty, too long, a path, or with other characters than ``a-z 0-9 . _ -``.
    """
    return slug if _SLUG.fullmatch(slug) and ".." not in slug else _refuse_slug(slug)


def slugs(library: Path) -> list[str]:
    """Return the names of all episode folders in alphabetical order; hidden folders are ignored.

    Raises:
        LibraryMissing: ``library`` is no folder.
    """
    if not library.is_dir():
        raise LibraryMissing(path=str(library))
    with os.scandir(library) as folders:
        names = [folder.name for folder in folders if folder.name[0] != "."]
    return sorted(name for name in names if os.path.isfile(f"{library}/{name}/{EPISODE_FILE}"))  # noqa: PTH113 - thrice as fast


def read_about(library: Path, slug: str) -> EpisodeFile:
    """Read ``episode.json`` of ``slug``.

    Raises:
        SlugInvalid, EpisodeFileInvalid: the folder's name or the file is broken.
    """
    return _read(library / checked_slug(slug) / EPISODE_FILE, EpisodeFile)


def read_episode(library: Path, slug: str) -> Episode:
    """Read the episode ``slug`` with its transcript.

    Raises:
        SlugInvalid, EpisodeFileInvalid, TranscriptRejected: something in its folder is broken.
    """
    about = read_about(library, slug)
    folder = library / slug
    assessment_path = folder / ASSESSMENT_FILE
    assessment = _read(assessment_path, AssessmentFile) if assessment_path.is_file() else None
    transcripts = [
        (entry, on_recordings_clock(_transcript(folder, entry), about.duration_s))
        for entry in about.transcripts
    ]
    transcript = _preferred(transcripts)
    if transcript is not None:
        people = (*about.hosts, *about.guests)
        transcript = with_written_names(with_full_names(transcript, known=people), known=people)
        transcript = _with_chapters(transcript, about.chapters)
    return Episode(slug, about, assessment, transcript)


def episode_files(library: Path, slug: str) -> dict[str, bytes] | None:
    """Return the files that ``read_episode`` reads, by name; None if one is no plain file of the episode's own folder.

    Written to a folder elsewhere, they make the same episode. An episode with None can be read in its place alone.

    Raises:
        SlugInvalid, EpisodeFileInvalid: the folder's name or ``episode.json`` is broken.
    """
    about, folder = read_about(library, slug), library / slug
    names = [EPISODE_FILE, *dict.fromkeys(entry.file for entry in about.transcripts)]
    if os.path.lexists(folder / ASSESSMENT_FILE):
        names.append(ASSESSMENT_FILE)
    try:
        if folder.is_symlink() or not all(_is_plain(folder / name) for name in names):
            return None
        return {name: (folder / name).read_bytes() for name in names}
    except OSError:
        return None


def _is_plain(path: Path) -> bool:
    facts = path.lstat()
    return stat.S_ISREG(facts.st_mode) and facts.st_size <= LARGEST_FILE_BYTES


def digest(library: Path, slug: str) -> str:
    """Return a hex digest of all visible files in the folder of ``slug``; it changes when any of them changes.

    A file that cannot be read, or a link that leads out of the folder, counts by its name alone; a folder that is gone
    or cannot be listed counts as an empty one. ``read_episode`` reports it, and a digest must not stop a whole build.
    """
    hashed = hashlib.sha256()
    folder = library / slug
    for path in _files(folder):
        hashed.update(path.name.encode("utf-8", "surrogateescape") + b"\0")
        hashed.update(_content_digest(folder, path))
    return hashed.hexdigest()


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError:
        return []


def _content_digest(folder: Path, path: Path) -> bytes:
    try:
        if not _lies_in(folder, path):
            return hashlib.sha256(b"elsewhere").digest()
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").digest()
    except OSError:
        return hashlib.sha256(b"unreadable").digest()


def _lies_in(folder: Path, path: Path) -> bool:
    """Return False if a symbolic link, of the file or of the folder itself, leads out of the folder."""
    return path.resolve().is_relative_to(folder.parent.resolve() / folder.name)


def _refuse_slug(received: str) -> str:
    raise SlugInvalid(received=received)


def _read(path: Path, kind: type[_File]) -> _File:
    where = f"{path.parent.name}/{path.name}"
    try:
        if not _lies_in(path.parent, path):
            raise EpisodeFileInvalid(file=where, line=None, problem="link_outside")
        if path.stat().st_size > LARGEST_EPISODE_FILE_BYTES:
            raise EpisodeFileInvalid(file=where, line=None, problem="too large")
        text = path.read_bytes().decode("utf-8-sig")
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise EpisodeFileInvalid(
            file=where, line=error.lineno, problem=f"no valid JSON: {error.msg}"
        ) from error
    except UnicodeDecodeError as error:
        raise EpisodeFileInvalid(file=where, line=None, problem="not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise EpisodeFileInvalid(file=where, line=None, problem="no valid JSON") from error
    except OSError as error:
        raise EpisodeFileInvalid(file=where, line=None, problem="cannot be read") from error
    try:
        # Strictly by JSON's own types: a year as a number is no date, and "yes" no number.
        return kind.model_validate_json(json.dumps(raw), strict=True)
    except ValidationError as error:
        problem = _problem(error, kind)
        raise EpisodeFileInvalid(file=where, line=None, problem=problem) from error


def _problem(error: ValidationError, kind: type[BaseModel]) -> str:
    """Return the code of the first error with the key that it is under."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] != "extra_forbidden":
        return named_problem(first)
    place = ".".join(str(part) for part in first["loc"])
    known = TranscriptFile.model_fields if first["loc"][0] == "transcripts" else kind.model_fields
    near = get_close_matches(str(first["loc"][-1]), known, n=1)
    return f"unknown_key:{place}" + (f" ({near[0]}?)" if near else "")


def _transcript(folder: Path, entry: TranscriptFile) -> Transcript:
    path = folder / entry.file
    name = f"{folder.name}/{entry.file}"
    try:
        if not _lies_in(folder, path):
            raise _transcript_invalid(folder, entry, "transcript_outside")
        if not path.is_file():
            raise _transcript_invalid(folder, entry, "transcript_missing")
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise FileTooLarge(file=name, line=None, size=size, limit=LARGEST_FILE_BYTES)
        return parse_transcript(path.read_bytes(), name=name)
    except OSError as error:
        raise _transcript_invalid(folder, entry, "transcript_unreadable") from error


def _transcript_invalid(folder: Path, entry: TranscriptFile, problem: str) -> EpisodeFileInvalid:
    file = f"{folder.name}/{EPISODE_FILE}"
    return EpisodeFileInvalid(file=file, line=None, problem=f"{problem}:{entry.file}")


def preference(language: str | None, kind: Kind, track: Track | None, *, is_timed: bool) -> tuple[bool, ...]:
    """Return what orders the transcripts of an episode: it is answered from the greatest, of equals from the newest.

    English comes before other languages, published before captions, uploaded captions before automatic ones, and timed
    before untimed ones.
    """
    return _main_language(language) == "en", kind == "published", track != "auto", is_timed


def _preferred(transcripts: Sequence[tuple[TranscriptFile, Transcript]]) -> Transcript | None:
    """Choose the transcript to use by ``preference``.

    A published transcript without times gets the seconds of captions in the same language.
    """
    if not transcripts:
        return None
    entry, best = max(
        reversed(transcripts),
        key=lambda stored: preference(
            stored[0].language, stored[1].kind, stored[1].track, is_timed=stored[1].is_timed
        ),
    )
    if best.is_timed:
        return best
    clocks = [
        transcript
        for other, transcript in transcripts
        if transcript.is_timed
        and transcript is not best
        and _main_language(other.language) == _main_language(entry.language)
    ]
    # The automatic track knows every word's second, an uploaded one only every line's.
    clock = max(clocks, key=lambda timed: any(cue.word_starts_s for cue in timed.cues), default=None)
    return best if clock is None else with_times_of(best, clock)


def _with_chapters(transcript: Transcript, chapters: Sequence[ChapterMark]) -> Transcript:
    """Put cues that know their second under the chapters of the recording, unless the text has headings of its own."""
    if not chapters or any(cue.chapter for cue in transcript.cues):
        return transcript
    ordered = sorted(chapters, key=lambda chapter: chapter.start_s)
    starts = [chapter.start_s for chapter in ordered]
    cues = []
    for cue in transcript.cues:
        place = -1 if cue.start_s is None else bisect_right(starts, cue.start_s) - 1
        cues.append(cue if place < 0 else replace(cue, chapter=ordered[place].title))
    return replace(transcript, cues=tuple(cues))


def _main_language(language: str | None) -> str:
    return (language or "en").partition("-")[0].casefold()
