"""The library: a folder of episodes, the only source of truth, readable and editable by hand.

``LIBRARY/<slug>/episode.json`` says what the episode is and names its transcript files, which lie beside it as they
came. ``assessment.json`` is a person's own judgement, where there is one.
"""

import datetime
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.alignment import with_times_of
from index.captions import parse_transcript
from index.errors import EpisodeFileInvalid, LibraryMissing, SlugInvalid
from index.transcript import Transcript

EPISODE_FILE = "episode.json"
ASSESSMENT_FILE = "assessment.json"
LONGEST_SLUG = 80

_SLUG = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST_SLUG - 1}}}")

Line = Annotated[str, Field(min_length=1, max_length=300)]
Prose = Annotated[str, Field(max_length=20_000)]


class _Written(BaseModel):
    """What a person writes: unknown keys are mistakes, so they are named."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class TranscriptFile(_Written):
    """One transcript file beside ``episode.json``, with its provenance."""

    file: Annotated[str, Field(pattern=r"^[^/\\\x00]{1,200}$")]
    kind: Literal["captions", "published"] = "captions"
    track: Literal["auto", "uploaded"] | None = None
    language: str | None = None
    stored: datetime.date | None = None
    original_name: str | None = None


class EpisodeFile(_Written):
    """``episode.json``. Only the title is required; an episode without a transcript is known by its metadata."""

    title: Line
    source: Line | None = None
    shelf: Line | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)] | None = None
    video_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{11}$")] | None = None
    published: datetime.date | None = None
    hosts: tuple[Line, ...] = ()
    guests: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    duration_s: Annotated[float, Field(ge=0, le=7 * 86_400)] | None = None
    why_it_matters: Prose | None = None
    summary: Prose | None = None
    editor_note: Prose | None = None
    transcripts: tuple[TranscriptFile, ...] = ()


class AssessmentFile(_Written):
    """``assessment.json``: where a person places the episode, and why."""

    position: Annotated[float, Field(ge=-100, le=100)]
    confidence: Literal["low", "medium", "high"] = "medium"
    summary: Prose | None = None
    note: Prose | None = None
    date: datetime.date | None = None
    name: Line


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode as the library holds it.

    Attributes:
        slug: the folder's name.
        about: what ``episode.json`` says.
        assessment: a person's judgement, or None.
        transcript: the cues, or None where no transcript is stored; where a published transcript and captions
            both are, the published words with the captions' seconds.
    """

    slug: str
    about: EpisodeFile
    assessment: AssessmentFile | None
    transcript: Transcript | None


_File = TypeVar("_File", bound=BaseModel)


def slugify(text: str) -> str:
    """A slug made of ``text``: lower-case ASCII words joined by hyphens.

    Raises:
        SlugInvalid: nothing is left of it.
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
    """``slug`` itself, if it is a plain folder name.

    Raises:
        SlugInvalid: it is not: empty, too long, a path, or with other characters than ``a-z 0-9 . _ -``.
    """
    return slug if _SLUG.fullmatch(slug) and ".." not in slug else _refuse_slug(slug)


def slugs(library: Path) -> list[str]:
    """The slugs of all episode folders, in order.

    Raises:
        LibraryMissing: ``library`` is no folder.
    """
    if not library.is_dir():
        raise LibraryMissing(path=str(library))
    return sorted(folder.name for folder in library.iterdir() if (folder / EPISODE_FILE).is_file())


def read_about(library: Path, slug: str) -> EpisodeFile:
    """What ``episode.json`` of ``slug`` says.

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
    transcripts = [_transcript(folder, entry) for entry in about.transcripts]
    return Episode(slug, about, assessment, _joined(transcripts))


def digest(library: Path, slug: str) -> str:
    """Hex digest of everything that the folder of ``slug`` says; changes when any of its files does."""
    hashed = hashlib.sha256()
    folder = library / slug
    for path in _files(folder):
        hashed.update(path.name.encode() + b"\0")
        with path.open("rb") as handle:
            hashed.update(hashlib.file_digest(handle, "sha256").digest())
    return hashed.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _refuse_slug(received: str) -> str:
    raise SlugInvalid(received=received)


def _read(path: Path, kind: type[_File]) -> _File:
    where = f"{path.parent.name}/{path.name}"
    try:
        raw = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        raise EpisodeFileInvalid(
            file=where, line=error.lineno, problem=f"no valid JSON: {error.msg}"
        ) from error
    except UnicodeDecodeError as error:
        raise EpisodeFileInvalid(file=where, line=None, problem="not UTF-8") from error
    except OSError as error:
        raise EpisodeFileInvalid(file=where, line=None, problem="cannot be read") from error
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise EpisodeFileInvalid(file=where, line=None, problem=f"{place}: {first['msg']}") from error


def _transcript(folder: Path, entry: TranscriptFile) -> Transcript:
    path = folder / entry.file
    try:
        return parse_transcript(path.read_bytes(), name=f"{folder.name}/{entry.file}")
    except OSError as error:
        raise EpisodeFileInvalid(
            file=f"{folder.name}/{EPISODE_FILE}",
            line=None,
            problem=f"transcripts: {entry.file} cannot be read",
        ) from error


def _joined(transcripts: list[Transcript]) -> Transcript | None:
    """The transcript to work with: a published one before captions, with the captions' seconds where it lacks them."""
    if not transcripts:
        return None
    best = max(transcripts, key=lambda one: (one.kind == "published", one.track != "auto", one.is_timed))
    timed = next((one for one in transcripts if one.is_timed and one is not best), None)
    return with_times_of(best, timed) if timed is not None and not best.is_timed else best
