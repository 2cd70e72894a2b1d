"""Metadata of an episode from a parsed file: the fields of ``episode.json``, and the origin of each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.library.episodes import ASSESSMENT_FILE, EpisodeFile
from index.library.ingest.filenames import (
    is_generic,
    parse_name,
    recording_of_day,
    stem_of,
    without_number,
    words_of_slug,
)
from index.library.ingest.hosts_and_guests import (
    clean_names,
    folded_name,
    looks_like_name,
    people_of,
)
from index.library.ingest.parsed_file import ParsedFile
from index.library.ingest.shows import (
    KnownNames,
    first_part,
    is_show_name,
    show_of_folder,
    split_first_part,
    split_show,
)
from index.library.ingest.summary import summary_of
from index.transcripts.formats.decoding import folded
from index.transcripts.links import video_id_in, video_url, web_address

Origin = Literal[
    "override", "front matter", "info.json", "description", "text", "file name", "folder", "siblings", "title",
    "speakers", "last cue", "video id", "library", "introduction", "episode.json",
]  # fmt: skip
"""Origin of a field: from the person, the file's head, a sidecar, the text, names, the files beside it, the library,
what is said in the first minute, or the library that it comes from."""

MOST_TAGS = 8
"""More keywords than this are for search engines and are ignored."""

LEAST_SHARE_OF_DURATION = 0.9

LEAST_WORDS_A_MINUTE = 30.0
"""People say a hundred and more. A text with fewer, between its first second and its last, is hardly speech: the
chapters of show notes come to about five, since each stands for minutes of talk."""

FEWEST_WORDS, SHORTEST_S = 30, 60.0
"""A text of fewer words is told as very short; how quickly its words come is judged from so many seconds on."""

FEWEST_STAMPS = 8
"""A file with at least this many time stamps and no timed cue was not understood."""

_LONGEST_LINE = 300
_LONGEST_NAME = 100
_MOST_PEOPLE = 20
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a plan for a person. ``code`` is a key of the message catalogue, ``fields`` fill its sentence.

    ``sidecar_ignored`` (file), ``slug_cleaned`` (received, slug), ``slug_taken`` (received, slug), ``slug_kept``
    (received, slug), ``duration_differs`` (stated_s, heard_s), ``same_video`` (slug, title), ``stamps_unread`` (n),
    ``source_near`` (received, near), ``hardly_spoken`` (n, heard_s), ``few_words`` (n), ``same_words`` and ``part_of``
    (slug, title, percent), ``assessment_left`` (file), ``timeline_moved`` (start_s), ``retitled`` (before).
    """

    code: Literal[
        "sidecar_ignored", "slug_cleaned", "slug_taken", "slug_kept", "duration_differs", "same_video",
        "stamps_unread", "source_near", "hardly_spoken", "few_words",
        "same_words", "part_of", "assessment_left", "timeline_moved", "retitled",
    ]  # fmt: skip
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Metadata:
    """Fields of ``episode.json`` except the transcripts, the origin of each, the language, and notes."""

    fields: Mapping[str, object]
    origins: Mapping[str, Origin]
    language: str | None
    notes: tuple[Note, ...]


def metadata_of(parsed: ParsedFile, overrides: Mapping[str, object], known: KnownNames) -> Metadata:
    """Return the metadata of the episode. Pure.

    Overrides go first, then front matter, ``.info.json``, the text, and names. Values that are invalid in
    ``episode.json`` are skipped. A transcript of another library's episode is described as it is there.

    Args:
        parsed: the file.
        overrides: fields that the person gave; see ``override_fields``.
        known: the shows and people of the library.
    """
    if parsed.sidecars.episode is not None:
        return _as_described(parsed, parsed.sidecars.episode.about, overrides, known)
    front, info, text = parsed.front, parsed.sidecars.info, parsed.hints
    name = parse_name(parsed.name)
    found = _Findings(dict(overrides))
    if "url" not in overrides:
        found.first(
            "video_id",
            ("front matter", front.video_id),
            ("info.json", info.video_id),
            ("text", text.video_id),
            ("file name", name.video_id),
        )
    video_id = found.fields.get("video_id")
    found.first(
        "url",
        ("front matter", _page(front.url)),
        ("video id", video_url(str(video_id)) if video_id else None),
        ("info.json", _page(info.url)),
        ("text", _page(text.url)),
    )
    _title_and_source(found, parsed, known)
    found.first(
        "published",
        ("front matter", _day(front.published)),
        ("info.json", _day(info.published)),
        ("text", _day(text.published)),
        ("file name", name.published),
    )
    _people(found, parsed, known)
    tags = _lines(front.tags, longest=_LONGEST_NAME)
    keywords = () if front.tags else _lines(text.tags, longest=_LONGEST_NAME)[:MOST_TAGS]
    found.first("tags", ("front matter", tags if len(tags) <= MOST_TAGS else None), ("text", keywords))
    found.first(
        "summary",
        ("front matter", summary_of(front.description)),
        ("description", summary_of(parsed.sidecars.description)),
        ("info.json", summary_of(info.description)),
        ("text", summary_of(text.description)),
    )
    heard_s = round(parsed.end_s, 1) if parsed.end_s else None
    found.first(
        "duration_s",
        ("front matter", front.duration_s),
        ("info.json", info.duration_s),
        ("text", text.duration_s),
        ("last cue", heard_s),
    )
    language = front.language or text.language or info.language or name.language
    is_code = language is not None and _LANGUAGE.fullmatch(language) is not None
    notes = _notes(parsed, found.fields.get("duration_s"), heard_s)
    if near := known.near_shows(str(found.fields.get("source", ""))):
        notes += (Note("source_near", {"received": found.fields["source"], "near": near[0]}),)
    return Metadata(found.fields, found.origins, language if is_code else None, notes)


def _as_described(
    parsed: ParsedFile, about: EpisodeFile, overrides: Mapping[str, object], known: KnownNames
) -> Metadata:
    """Return the metadata of an episode as another library has it; overrides go first."""
    found = _Findings(dict(overrides))
    for key in type(about).model_fields:
        is_others = key == "transcripts" or (key == "video_id" and "url" in overrides)
        if not is_others:
            found.first(key, ("episode.json", getattr(about, key)))
    heard_s = round(parsed.end_s, 1) if parsed.end_s else None
    found.first("duration_s", ("last cue", heard_s))
    if "source" in found.fields and "source" not in overrides:
        found.fields["source"] = known.show(str(found.fields["source"]))
    notes = _notes(parsed, None, None)
    if parsed.sidecars.episode is not None and parsed.sidecars.episode.has_assessment:
        notes += (Note("assessment_left", {"file": ASSESSMENT_FILE}),)
    return Metadata(found.fields, found.origins, parsed.hints.language, notes)


class _Findings:
    """Fields found so far; the first value of a field stays."""

    def __init__(self, overrides: dict[str, object]) -> None:
        self.fields = overrides
        self.origins: dict[str, Origin] = dict.fromkeys(overrides, "override")

    def first(self, key: str, *candidates: tuple[Origin, object]) -> None:
        """Set ``key`` to the first candidate that is neither None nor empty, unless it is set."""
        if key in self.fields:
            return
        for origin, value in candidates:
            if value is not None and value != ():
                self.fields[key] = value
                self.origins[key] = origin
                return


def _title_and_source(found: _Findings, parsed: ParsedFile, known: KnownNames) -> None:
    front, info, text = parsed.front, parsed.sidecars.info, parsed.hints
    found.first(
        "source",
        ("front matter", _line(front.source)),
        ("info.json", _line(info.source)),
        ("text", _line(text.source)),
    )
    has_stated_title = "title" in found.fields
    stem = stem_of(parsed.name)
    folder = parsed.folder if parsed.folder and not is_generic(parsed.folder) else None
    found.first(
        "title",
        ("front matter", _title(front.title)),
        ("info.json", _title(info.title)),
        ("text", _title(text.title)),
        ("file name", _title(parse_name(parsed.name).title)),
        ("folder", _title(words_of_slug(folder)) if folder and is_generic(stem) else None),
        ("introduction", _line(_introduced_title(parsed))),
        ("file name", _line(recording_of_day(parsed.name))),
        ("file name", _line(stem)),
        ("file name", "Untitled"),
    )
    title = str(found.fields["title"])
    source = found.fields.get("source")
    description = front.description or info.description or parsed.sidecars.description or text.description
    rest, show = split_show(title, description, None if source is None else str(source))
    if show is None:
        own = [] if source is None else [str(source)]
        opening = first_part(title)
        after = "" if opening is None else split_first_part(title, [opening])[0]
        borne_out = [opening] if opening is not None and _is_borne_out(opening, after, parsed, known) else []
        rest, show = split_first_part(title, [*own, *parsed.introduced.shows, *known.shows(), *borne_out])
    found.first("source", ("title", show))
    if show is not None and not has_stated_title and found.fields["source"] == show:
        found.fields["title"] = rest
    is_own_folder = words_of_slug(parsed.folder or "").casefold() in {
        str(found.fields["title"]).casefold(), words_of_slug(stem).casefold(),
    }  # fmt: skip
    if not is_own_folder and not is_generic(stem):
        found.first("source", ("folder", _line(show_of_folder(parsed.folder))))
    found.first("source", ("siblings", _line(parsed.sibling_show)))
    found.first("source", ("introduction", _introduced_show(parsed, known)))
    if "source" in found.fields:
        found.fields["source"] = known.show(str(found.fields["source"]))


def _is_borne_out(opening: str, rest: str, parsed: ParsedFile, known: KnownNames) -> bool:
    """Return True if the first minute bears out that a title begins with the show: it welcomes to it or opens with it.

    An interview may open with a name, too. So whoever speaks or is known is no show, and what looks like a name is one
    only where the rest of the title names somebody else.
    """
    if parsed.introduced.welcomes_to(opening):
        return True
    voices = {folded_name(voice.name) for voice in parsed.voices}
    if folded_name(opening) in voices or known.is_person(opening):
        return False
    guest = rest.partition(" on ")[0]
    names_guest = looks_like_name(guest) or folded_name(guest) in voices
    return (names_guest or not looks_like_name(opening)) and parsed.introduced.begins_with(opening)


def _introduced_title(parsed: ParsedFile) -> str | None:
    """Return whom, or what show, the first minute introduces, with the day that the file's name begins with."""
    day = parse_name(parsed.name).published
    named = parsed.introduced.guests or parsed.introduced.shows[:1]
    return None if day is None or not named else ", ".join((*named, day.isoformat()))


def _introduced_show(parsed: ParsedFile, known: KnownNames) -> str | None:
    """Return the show that the first minute welcomes to, if the library, its name or the minute says that it is one."""
    names = {known.show(name) for name in parsed.introduced.shows} & {*known.shows()}
    told = [
        name
        for name in parsed.introduced.shows
        if known.show(name) in names or is_show_name(name) or parsed.introduced.is_called_show(name)
    ]
    return _line(told[0]) if told else None


def _people(found: _Findings, parsed: ParsedFile, known: KnownNames) -> None:
    info = parsed.sidecars.info
    hosts = _names(parsed.front.hosts or info.hosts or parsed.hints.hosts)
    stated = _names(parsed.front.guests or info.guests or parsed.hints.guests)
    guests = tuple(name for name in stated if name not in hosts)
    source = found.fields.get("source")
    title = str(found.fields["title"])
    if source is not None:
        title, _ = split_first_part(title, [str(source)])

    people = people_of(
        parsed.voices,
        title,
        hosts=hosts,
        guests=guests,
        known_hosts=known.hosts_of(str(source)) if source else (),
    )
    if source is None and len(people.hosts) == 1:
        found.first("source", ("library", known.show_of_host(people.hosts[0])))
    named = people.guests
    opening = title.split(" - ", maxsplit=1)[0]
    if not named and found.origins.get("source") == "title" and looks_like_name(opening):
        named = (opening,)
    introduced = _names(parsed.introduced.guests)
    is_introduced = not named and bool(introduced)
    if is_introduced:
        named = tuple(name for name in introduced if name not in people.hosts)
    found.first("hosts", (_stated_in(parsed.front.hosts, info.hosts, hosts), _known(people.hosts, known)))
    found.first("hosts", ("introduction", _known(parsed.introduced.hosts, known)))
    guests_from: Origin = "title" if people.guests_from == "title" or not people.guests else "speakers"
    if is_introduced:
        guests_from = "introduction"
    if guests:
        guests_from = _stated_in(parsed.front.guests, info.guests, guests)
    found.first("guests", (guests_from, _known(named, known)))


def _stated_in(front: Sequence[str], info: Sequence[str], names: Sequence[str]) -> Origin:
    """Return where people were named who are not inferred from speech."""
    if not names:
        return "speakers"
    return "info.json" if info and not front else "front matter"


def _notes(parsed: ParsedFile, stated_s: object, heard_s: float | None) -> tuple[Note, ...]:
    notes = [*_too_few_words(parsed)]
    notes += [Note("sidecar_ignored", {"file": file}) for file in parsed.sidecars.broken]
    if parsed.report.n_stamps >= FEWEST_STAMPS and not parsed.is_timed:
        notes.append(Note("stamps_unread", {"n": parsed.report.n_stamps}))
    if parsed.timeline_s:
        notes.append(Note("timeline_moved", {"start_s": parsed.timeline_s}))
    if (
        heard_s
        and isinstance(stated_s, float)
        and not stated_s >= heard_s >= LEAST_SHARE_OF_DURATION * stated_s
    ):
        notes.append(Note("duration_differs", {"stated_s": stated_s, "heard_s": heard_s}))
    return tuple(notes)


def _too_few_words(parsed: ParsedFile) -> tuple[Note, ...]:
    """Return the note on a text that is too short, or too thin for its length, to be what was said."""
    n_words, heard_s = parsed.n_words, max(0.0, (parsed.end_s or 0.0) - parsed.start_s)
    if heard_s >= SHORTEST_S and n_words < LEAST_WORDS_A_MINUTE * heard_s / 60:
        return (Note("hardly_spoken", {"n": n_words, "heard_s": heard_s}),)
    return (Note("few_words", {"n": n_words}),) if n_words < FEWEST_WORDS else ()


def _title(text: str | None) -> str | None:
    return _line(without_number(_line(text) or ""))


def _line(text: str | None) -> str | None:
    line = " ".join(folded(text or "").split())
    if len(line) > _LONGEST_LINE:
        line = line[: _LONGEST_LINE - 1].rsplit(None, 1)[0] + "…"
    return line or None


def _lines(texts: Iterable[str], *, longest: int) -> tuple[str, ...]:
    lines = (_line(text) for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line and len(line) <= longest))


def _names(texts: Sequence[str]) -> tuple[str, ...]:
    return clean_names(_lines(texts, longest=_LONGEST_NAME))[:_MOST_PEOPLE]


def _known(names: Sequence[str], known: KnownNames) -> tuple[str, ...]:
    return tuple(dict.fromkeys(known.person(name) for name in _names(names)))


def _page(url: str | None) -> str | None:
    """Return ``url`` if it is a web address, else None; addresses of videos are normalised."""
    address = None if url is None else web_address(url)
    video_id = None if address is None else video_id_in(address)
    return video_url(video_id) if video_id else address


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
