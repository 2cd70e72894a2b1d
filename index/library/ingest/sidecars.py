"""What lies beside a transcript: the ``.description`` and ``.info.json`` that downloaders write."""

import json
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from index.library.ingest.filenames import split_language, stem_of
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S
from index.transcripts.model import Hints

LARGEST_DESCRIPTION_BYTES = 200_000
LARGEST_INFO_BYTES = 50_000_000

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")


@dataclass(frozen=True, slots=True)
class Sidecars:
    """What was read beside a transcript.

    Attributes:
        description: the text of ``.description``, or None.
        info: what ``.info.json`` says; empty hints without one.
        broken: names of neighbours that could not be read.
    """

    description: str | None = None
    info: Hints = field(default_factory=Hints)
    broken: tuple[str, ...] = ()


def read_neighbours(path: Path) -> Sidecars:
    """The neighbours of the transcript at ``path``, by its name with and without a language code. Never raises."""
    stem = stem_of(path.name)
    stems = dict.fromkeys((stem, split_language(stem)[0]))
    files: dict[str, bytes] = {}
    broken: list[str] = []
    for suffix, largest in ((".description", LARGEST_DESCRIPTION_BYTES), (".info.json", LARGEST_INFO_BYTES)):
        for one in stems:
            neighbour = path.with_name(one + suffix)
            try:
                if not neighbour.is_file():
                    continue
                if neighbour.stat().st_size > largest:
                    broken.append(neighbour.name)
                    continue
                files[neighbour.name] = neighbour.read_bytes()
            except OSError:
                broken.append(neighbour.name)
            break
    found = neighbours_in(files)
    return Sidecars(found.description, found.info, (*broken, *found.broken))


def neighbours_in(files: dict[str, bytes]) -> Sidecars:
    """Read neighbours from their bytes by name, as they come as attachments beside a transcript. Never raises."""
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


def hints_of_info(info: object) -> Hints:
    """What an ``.info.json`` of yt-dlp says; values of wrong types are passed over.

    Raises:
        ValueError: it is no mapping.
    """
    if not isinstance(info, dict):
        raise ValueError("no mapping")

    def text(*keys: str) -> str | None:
        values = (info.get(key) for key in keys)
        return next(
            (" ".join(folded(one).split()) for one in values if isinstance(one, str) and one.strip()), None
        )

    extractor = (text("extractor_key", "extractor", "ie_key") or "youtube").casefold()
    video_id = text("id", "display_id") if extractor.startswith("youtube") else None
    url = text("webpage_url", "original_url")
    description = info.get("description")
    return Hints(
        title=text("fulltitle", "title"),
        source=text("channel", "uploader", "series"),
        url=url if url and re.fullmatch(r"https?://\S+", url) else None,
        video_id=video_id if video_id and _VIDEO_ID.fullmatch(video_id) else None,
        published=day_of(text("upload_date", "release_date")),
        language=text("language"),
        duration_s=_seconds(info.get("duration")),
        description=folded(description).strip() or None if isinstance(description, str) else None,
    )


def _seconds(duration: object) -> float | None:
    if isinstance(duration, bool) or not isinstance(duration, int | float):
        return None
    return float(duration) if 0 < duration <= LONGEST_RECORDING_S else None


def day_of(text: str | None) -> str | None:
    """The calendar day that a date or a moment names where it was written: its zone shifts nothing."""
    match = re.match(r"\d{4}-\d{2}-\d{2}|\d{8}(?!\d)", text or "")
    if match is None:
        return None
    try:
        return date.fromisoformat(match[0]).isoformat()
    except ValueError:
        return None
