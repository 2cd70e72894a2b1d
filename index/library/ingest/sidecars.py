"""Sidecar files of a transcript: the ``.description`` and ``.info.json`` that downloaders write."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import SlugInvalid
from index.library.episodes import ASSESSMENT_FILE, EPISODE_FILE, EpisodeFile, read_about
from index.library.ingest.filenames import split_language, stem_of
from index.transcripts.formats.dates import day_in
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.front_matter import read_front_matter, split_front_matter
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S
from index.transcripts.links import VIDEO_ID
from index.transcripts.model import Hints

LARGEST_DESCRIPTION_BYTES = 200_000
LARGEST_INFO_BYTES = 50_000_000

_MOST_SIBLINGS_READ, _MOST_INFOS_READ, _HEAD_BYTES = 400, 20, 16_384
_WITH_FRONT_MATTER = (".md", ".markdown", ".txt")


@dataclass(frozen=True, slots=True)
class Sidecars:
    """Contents of the sidecar files of a transcript.

    Attributes:
        description: the text of ``.description``, or None.
        info: hints from ``.info.json``; empty hints without that file.
        broken: names of sidecar files that could not be read.
        episode: the episode of another library that the transcript is of, or None.
    """

    description: str | None = None
    info: Hints = field(default_factory=Hints)
    broken: tuple[str, ...] = ()
    episode: "EpisodeBeside | None" = None


@dataclass(frozen=True, slots=True)
class EpisodeBeside:
    """The episode of a library whose folder a transcript lies in.

    Attributes:
        slug: the folder's name.
        about: contents of its ``episode.json``.
        has_assessment: whether a person's judgement lies there, too.
    """

    slug: str
    about: EpisodeFile
    has_assessment: bool = False


@dataclass(frozen=True, slots=True)
class Siblings:
    """Hints about a show from the files of a folder.

    Attributes:
        stated: the shows that front matter and ``.info.json`` state, one for each file that does.
        descriptions: the texts of all ``.description`` files.
    """

    stated: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()


def read_sidecars(path: Path) -> Sidecars:
    """Return the sidecars of the transcript at ``path``, found by its name with and without a language code.

    Never raises.
    """
    stem = stem_of(path.name)
    stems = dict.fromkeys((stem, split_language(stem)[0]))
    files: dict[str, bytes] = {}
    broken: list[str] = []
    for suffix, largest in ((".description", LARGEST_DESCRIPTION_BYTES), (".info.json", LARGEST_INFO_BYTES)):
        for name in stems:
            sidecar = path.with_name(name + suffix)
            try:
                if not sidecar.is_file():
                    continue
                if sidecar.stat().st_size > largest:
                    broken.append(sidecar.name)
                    continue
                files[sidecar.name] = sidecar.read_bytes()
            except OSError:
                broken.append(sidecar.name)
            break
    found = parse_sidecars(files)
    return Sidecars(found.description, found.info, (*broken, *found.broken))


def read_episode_beside(path: Path) -> EpisodeBeside | None:
    """Return the episode whose ``episode.json`` lies beside the transcript at ``path`` and names it; else None.

    Raises:
        EpisodeFileInvalid: there is one, and it is broken.
    """
    folder = path.absolute().parent
    if not (folder / EPISODE_FILE).is_file():
        return None
    try:
        about = read_about(folder.parent, folder.name)
    except SlugInvalid:
        return None  # no folder of a library
    if path.name not in {entry.file for entry in about.transcripts}:
        return None
    return EpisodeBeside(folder.name, about, (folder / ASSESSMENT_FILE).is_file())


def parse_sidecars(files: Mapping[str, bytes]) -> Sidecars:
    """Parse sidecars from their bytes by name, as they come as attachments beside a transcript. Never raises."""
    description: str | None = None
    info = Hints()
    broken: list[str] = []
    for name, data in files.items():
        try:
            text = data.decode("utf-8-sig")
            if name.casefold().endswith(".info.json"):
                info = hints_of_info(json.loads(text))
            else:
                description = folded(text.replace("\r\n", "\n")).strip() or None
        except (ValueError, RecursionError):
            broken.append(name)
    return Sidecars(description, info, tuple(broken))


def read_siblings(folder: Path) -> Siblings:
    """Return hints about the show from the first 400 files in ``folder``, by name. Never raises."""
    stated: list[str] = []
    descriptions: list[str] = []
    n_infos = 0
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file() and entry.name[0] != ".")
    except OSError:
        return Siblings()
    for name in names[:_MOST_SIBLINGS_READ]:
        lowered = name.casefold()
        source: str | None = None
        if lowered.endswith(".description"):
            descriptions.append(folded(_head(folder / name, LARGEST_DESCRIPTION_BYTES)))
        elif lowered.endswith(".info.json") and n_infos < _MOST_INFOS_READ:
            n_infos += 1
            source = read_sidecars(folder / (name[: -len(".info.json")] + ".vtt")).info.source
        elif lowered.endswith(_WITH_FRONT_MATTER):
            head = folded(_head(folder / name, _HEAD_BYTES).replace("\r\n", "\n"))
            source = read_front_matter(split_front_matter(head)[0]).source
        if source:
            stated.append(source)
    return Siblings(tuple(stated), tuple(descriptions))


def _head(path: Path, n_bytes: int) -> str:
    try:
        with path.open("rb") as handle:
            return handle.read(n_bytes).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def hints_of_info(info: object) -> Hints:
    """Return hints from an ``.info.json`` of yt-dlp; values of wrong types are skipped.

    Raises:
        ValueError: it is no mapping.
    """
    if not isinstance(info, dict):
        raise ValueError("no mapping")

    def text(*keys: str) -> str | None:
        values = (info.get(key) for key in keys)
        texts = (" ".join(folded(value).split()) for value in values if isinstance(value, str))
        return next(filter(None, texts), None)

    extractor = (text("extractor_key", "extractor", "ie_key") or "youtube").casefold()
    video_id = text("id", "display_id") if extractor.startswith("youtube") else None
    url = text("webpage_url", "original_url")
    description = info.get("description")
    return Hints(
        title=text("fulltitle", "title"),
        source=text("channel", "uploader", "series"),
        url=url if url and re.fullmatch(r"https?://\S+", url) else None,
        video_id=video_id if video_id and re.fullmatch(VIDEO_ID, video_id) else None,
        published=day_in(text("upload_date", "release_date") or ""),
        language=text("language"),
        duration_s=_seconds(info.get("duration")),
        description=folded(description).strip() or None if isinstance(description, str) else None,
        hosts=_people(info.get("hosts")),
        guests=_people(info.get("guests")),
    )


def _people(listed: object) -> tuple[str, ...]:
    """Return the names that a podcast's feed gave; yt-dlp itself names none."""
    if not isinstance(listed, list):
        return ()
    names = (" ".join(folded(name).split()) for name in listed[:20] if isinstance(name, str))
    return tuple(name for name in names if name)


def _seconds(duration: object) -> float | None:
    if isinstance(duration, bool) or not isinstance(duration, int | float):
        return None
    return float(duration) if 0 < duration <= LONGEST_RECORDING_S else None
