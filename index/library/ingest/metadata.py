"""From everything that is known of a file to what ``episode.json`` will say, and how each field was learned."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from index.library.ingest.filenames import (
    is_generic,
    name_says,
    stem_of,
    without_number,
    words_of_slug,
)
from index.library.ingest.people import looks_like_name, people_of
from index.library.ingest.shows import show_of_folder, split_show
from index.library.ingest.sidecars import Sidecars, day_of
from index.library.ingest.summary import summary_of
from index.transcripts.formats.decoding import folded
from index.transcripts.links import video_id_in, video_url
from index.transcripts.model import Hints, Transcript

Origin = Literal[
    "wish", "front matter", "info.json", "description", "text", "file name", "folder", "title", "speakers",
    "last cue", "video id", "library",
]  # fmt: skip
"""How a field was learned: from the person, the file's head, a neighbour, the text, names, or the library."""

MOST_TAGS = 8
"""More keywords than this are for search engines and say nothing."""

LEAST_SHARE_OF_DURATION = 0.9

_LONGEST_LINE = 300
_LONGEST_NAME = 100
_MOST_PEOPLE = 20
_WEB_LINK = re.compile(r"https?://\S{1,490}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should hear of a plan. ``code`` stands in the catalogue, ``fields`` fill its sentence.

    ``neighbour_ignored`` (file), ``slug_cleaned`` (received, slug), ``slug_taken`` (received, slug), ``slug_kept``
    (received, slug), ``duration_differs`` (stated_s, heard_s), ``same_video`` (slug, title).
    """

    code: Literal[
        "neighbour_ignored", "slug_cleaned", "slug_taken", "slug_kept", "duration_differs", "same_video"
    ]
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a file.

    Attributes:
        transcript: as it was read; its hints hold what the head of the text tells too.
        name: the file's, cleaned, maybe empty.
        folder: the name of the folder it lies in, or None.
        front: what its front matter says; empty without one.
        neighbours: what lies beside it.
        wished: fields that the person gave.
    """

    transcript: Transcript
    name: str
    folder: str | None = None
    front: Hints = field(default_factory=Hints)
    neighbours: Sidecars = field(default_factory=Sidecars)
    wished: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """Fields of ``episode.json`` but for the transcripts, how each was learned, the language, and remarks."""

    fields: Mapping[str, object]
    said: Mapping[str, Origin]
    language: str | None
    notes: tuple[Note, ...]


def understand(evidence: Evidence, known_hosts: Callable[[str], Iterable[str]]) -> Understood:
    """What the episode is, as far as it can be told. Pure.

    What the person said goes first, then front matter, ``.info.json``, the text, and names. Values that
    ``episode.json`` could not hold are passed over.

    Args:
        evidence: of one file.
        known_hosts: the hosts of a source, as far as the library knows them.
    """
    transcript, front, info = evidence.transcript, evidence.front, evidence.neighbours.info
    text, name = transcript.hints, name_says(evidence.name)
    found = _Findings(dict(evidence.wished))
    video_ids: tuple[tuple[Origin, str | None], ...] = (
        ("front matter", front.video_id), ("info.json", info.video_id), ("text", text.video_id),
        ("file name", name.video_id),
    )  # fmt: skip
    if "url" not in evidence.wished:
        found.first("video_id", *video_ids)
    video_id = found.fields.get("video_id")
    found.first(
        "url",
        ("front matter", _page(front.url)),
        ("video id", video_url(str(video_id)) if video_id else None),
        ("info.json", _page(info.url)),
        ("text", _page(text.url)),
    )
    description = front.description or info.description or evidence.neighbours.description
    _title_and_source(found, evidence, description or text.description)
    found.first(
        "published",
        ("front matter", _day(front.published)),
        ("info.json", _day(info.published)),
        ("text", _day(text.published)),
        ("file name", name.published),
    )
    _people(found, evidence, known_hosts)
    tags = _lines(front.tags, longest=_LONGEST_NAME)
    found.first("tags", ("front matter", tags if len(tags) <= MOST_TAGS else None))
    found.first(
        "summary",
        ("front matter", summary_of(front.description)),
        ("description", summary_of(evidence.neighbours.description)),
        ("info.json", summary_of(info.description)),
        ("text", summary_of(text.description)),
    )
    heard_s = round(transcript.end_s, 1) if transcript.end_s else None
    found.first(
        "duration_s",
        ("front matter", front.duration_s),
        ("info.json", info.duration_s),
        ("text", text.duration_s),
        ("last cue", heard_s),
    )
    language = next(
        (one for one in (front.language, text.language, info.language, name.language) if one), None
    )
    notes = [Note("neighbour_ignored", {"file": file}) for file in evidence.neighbours.broken]
    stated_s = found.fields.get("duration_s")
    if (
        heard_s
        and isinstance(stated_s, float)
        and not stated_s >= heard_s >= LEAST_SHARE_OF_DURATION * stated_s
    ):
        notes.append(Note("duration_differs", {"stated_s": stated_s, "heard_s": heard_s}))
    is_code = language is not None and _LANGUAGE.fullmatch(language) is not None
    return Understood(found.fields, found.said, language if is_code else None, tuple(notes))


class _Findings:
    """Fields as they are found; what is there stays."""

    def __init__(self, wished: dict[str, object]) -> None:
        self.fields = wished
        self.said: dict[str, Origin] = dict.fromkeys(wished, "wish")

    def first(self, key: str, *candidates: tuple[Origin, object]) -> None:
        """Take the first candidate that says something, unless ``key`` is known."""
        if key in self.fields:
            return
        for origin, value in candidates:
            if value is not None and value != ():
                self.fields[key] = value
                self.said[key] = origin
                return


def _title_and_source(found: _Findings, evidence: Evidence, description: str | None) -> None:
    front, info, text = evidence.front, evidence.neighbours.info, evidence.transcript.hints
    found.first(
        "source",
        ("front matter", _line(front.source)),
        ("info.json", _line(info.source)),
        ("text", _line(text.source)),
    )
    is_wished = "title" in found.fields
    stem = stem_of(evidence.name)
    folder = evidence.folder if evidence.folder and not is_generic(evidence.folder) else None
    found.first(
        "title",
        ("front matter", _title(front.title)),
        ("info.json", _title(info.title)),
        ("text", _title(text.title)),
        ("file name", _title(name_says(evidence.name).title)),
        ("folder", _title(words_of_slug(folder)) if folder and is_generic(stem) else None),
        ("file name", _line(stem)),
        ("file name", "Untitled"),
    )
    title = str(found.fields["title"])
    known = found.fields.get("source")
    rest, show = split_show(title, description, None if known is None else str(known))
    found.first("source", ("title", show))
    if show is not None and not is_wished and found.fields["source"] == show:
        found.fields["title"] = rest
    is_own_folder = words_of_slug(evidence.folder or "").casefold() in {
        str(found.fields["title"]).casefold(), words_of_slug(stem).casefold(),
    }  # fmt: skip
    if evidence.transcript.kind == "published" and not is_own_folder and not is_generic(stem):
        found.first("source", ("folder", _line(show_of_folder(evidence.folder))))


def _people(found: _Findings, evidence: Evidence, known_hosts: Callable[[str], Iterable[str]]) -> None:
    front, text = evidence.front, evidence.transcript.hints
    hosts = _lines(front.hosts or text.hosts, longest=_LONGEST_NAME)[:_MOST_PEOPLE]
    guests = _lines(front.guests or text.guests, longest=_LONGEST_NAME)[:_MOST_PEOPLE]
    source = found.fields.get("source")
    title = str(found.fields["title"])
    people = people_of(
        evidence.transcript,
        title,
        hosts=hosts,
        guests=guests,
        known_hosts=known_hosts(str(source)) if source else (),
    )
    named = people.guests
    opening = title.split(" - ", maxsplit=1)[0]
    if not named and found.said.get("source") == "title" and looks_like_name(opening):
        named = (opening,)
    found.first("hosts", ("front matter" if hosts else "speakers", people.hosts[:_MOST_PEOPLE]))
    guests_from: Origin = "title" if people.guests_from == "title" or not people.guests else "speakers"
    found.first("guests", ("front matter" if guests else guests_from, named[:_MOST_PEOPLE]))


def _title(text: str | None) -> str | None:
    return _line(without_number(_line(text) or ""))


def _line(text: str | None) -> str | None:
    line = " ".join(folded(text or "").split())
    if len(line) > _LONGEST_LINE:
        line = line[: _LONGEST_LINE - 1].rsplit(None, 1)[0] + "…"
    return line or None


def _lines(texts: Sequence[str], *, longest: int) -> tuple[str, ...]:
    lines = (_line(text) for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line and len(line) <= longest))


def _page(url: str | None) -> str | None:
    """``url`` if it is an address of the web; a video's own is written in one form."""
    if url is None or _WEB_LINK.fullmatch(url) is None:
        return None
    video_id = video_id_in(url)
    return video_url(video_id) if video_id else url


def _day(text: str | None) -> date | None:
    day = day_of(text)
    return None if day is None else date.fromisoformat(day)
