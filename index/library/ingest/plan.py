"""Plans: the change that adding a parsed file would make to a library, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from index.errors import SlugInvalid
from index.library.episodes import EpisodeFile, SecondText, TranscriptFile, preference, slugify, wanted_text
from index.library.ingest.duplicates import Alike, Duplicates
from index.library.ingest.filenames import stem_of, stored_name
from index.library.ingest.hosts_and_guests import shares_of
from index.library.ingest.metadata import Metadata, Note, Origin, metadata_of
from index.library.ingest.overrides import Overrides, override_fields, override_slug
from index.library.ingest.parsed_file import ParsedFile
from index.transcripts.formats.speakers import written_as_names
from index.transcripts.model import Kind, Skipped, Track

Action = Literal["new", "same", "joins", "updates"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A named speaker, with a share of all words of named speakers, from 0 to 1."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about a parsed transcript, for a person.

    Attributes:
        format: the parser's name.
        kind, track, n_segments, is_timed: as in ``Transcript``.
        language: a code such as ``en``, or None.
        n_cues, n_timed, n_words: how many, and how many of the cues know their second.
        minutes: from the last second that is known, stated or heard; None where neither is.
        speakers: the named ones, those who say most first.
        skipped: blocks and time stamps of the file that were not used.
        encoding: the character encoding that the file was read in, by Python's name.
    """

    format: str
    kind: Kind
    track: Track | None
    language: str | None
    n_segments: int
    n_cues: int
    n_timed: int
    n_words: int
    minutes: float | None
    speakers: tuple[Speaker, ...]
    is_timed: bool
    skipped: tuple[Skipped, ...]
    encoding: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Change that adding one file would make.

    Attributes:
        action: ``new`` episode; ``same``, no change, since these bytes are stored; ``joins`` an existing episode as
            another transcript; ``updates`` a transcript or the metadata of an episode in place.
        slug: name of the episode's folder.
        about: new contents of ``episode.json``.
        before: present contents; None for a new episode.
        file_name: name of the transcript in that folder.
        parsed: the file, with its bytes, which are stored untouched.
        facts: facts about the file, for a person.
        origins: origin of each field of ``about`` that came from this file or person.
        notes: notes for a person.
        is_timed_by_another: whether a text that the episode has already knows its seconds, where this one does not.
        is_answered_from: whether questions will be answered from this text, and not from another of the episode.
    """

    action: Action
    slug: str
    about: EpisodeFile
    before: EpisodeFile | None
    file_name: str
    parsed: ParsedFile
    facts: Facts
    origins: Mapping[str, Origin]
    notes: tuple[Note, ...]
    is_timed_by_another: bool = False
    is_answered_from: bool = True

    @property
    def wants(self) -> SecondText | None:
        """Return the kind of text that the episode would gain by afterwards; see ``wanted_text``."""
        others = (entry for entry in self.about.transcripts if entry.file != self.file_name)
        is_timed = (
            self.facts.is_timed
            or self.is_timed_by_another
            or any(entry.kind == "captions" for entry in others)
        )
        return wanted_text(self.about, is_timed=is_timed)


def plan_episode(
    parsed: ParsedFile, overrides: Overrides, library: Path | Duplicates, *, today: date | None = None
) -> Plan:
    """Return the change that adding ``parsed`` to ``library`` would make. Writes nothing.

    Args:
        parsed: a file.
        overrides: fields given by a person.
        library: its folder, or, in a batch, its ``Duplicates``, updated with each plan by ``remember``.
        today: the date of storing; the current date if None.

    Raises:
        SlugInvalid, OverrideInvalid: an override is invalid.
    """
    duplicates = library if isinstance(library, Duplicates) else Duplicates(library)
    fields, slug = override_fields(overrides), override_slug(overrides)
    metadata = metadata_of(parsed, fields, duplicates.names)
    planning = _Planning(parsed, metadata, fields, slug, overrides.slug, today or date.today())
    return planning.plan(duplicates)


def remember(plan: Plan, duplicates: Duplicates) -> None:
    """Add ``plan`` to ``duplicates`` for the next files of a batch: after writing it, or instead in a dry run."""
    if plan.action != "same":
        duplicates.remember(plan.slug, plan.about, plan.file_name, plan.parsed)


@dataclass(frozen=True, slots=True)
class _Planning:
    """Planning of one file."""

    parsed: ParsedFile
    metadata: Metadata
    overrides: Mapping[str, object]
    slug: str | None
    received_slug: str | None
    today: date

    def plan(self, duplicates: Duplicates) -> Plan:
        place = duplicates.with_bytes(self.parsed)
        if place is not None and (about := duplicates.about(place[0])) is not None:
            return self._same(place, about, duplicates)
        wanted = self.slug or self._guessed_slug()
        video_id = self._text("video_id")
        existing, alike = duplicates.with_video(video_id, self._text("url")), None
        if existing is None and self._is_described_as(duplicates.about(wanted)):
            existing = wanted
        if existing is None:
            alike = duplicates.with_words(self.parsed, slug=wanted, video_id=video_id, guests=self._guests)
            existing = None if alike is None else alike.slug
        before = duplicates.about(existing) if existing else None
        if existing is None or before is None:
            return self._new(wanted, duplicates)
        likeness = [] if alike is None or alike.share is None else [_likeness(alike, before)]
        if alike is not None and alike.is_part:  # as a transcript of the whole it would take the rest away
            return self._new(wanted, duplicates, likeness)
        return self._added(existing, before, duplicates, likeness)

    @property
    def _guests(self) -> list[str]:
        guests = self.metadata.fields.get("guests")
        return [str(name) for name in guests] if isinstance(guests, (list, tuple)) else []

    def _is_described_as(self, about: EpisodeFile | None) -> bool:
        """Return True for a further transcript of another library's episode, of which this library has one already."""
        described = self.parsed.sidecars.episode
        if described is None or about is None:
            return False
        theirs = described.about
        return (theirs.title, theirs.published, theirs.url) == (about.title, about.published, about.url)

    def _spelled(self, before: EpisodeFile, duplicates: Duplicates) -> Mapping[str, object]:
        """Return the overrides for an existing episode, the show spelled as its other episodes have it."""
        typed = self.overrides.get("source")
        if not isinstance(typed, str):
            return self.overrides
        return {**self.overrides, "source": duplicates.names.typed_show(typed, before.source)}

    def _same(self, place: tuple[str, str], before: EpisodeFile, duplicates: Duplicates) -> Plan:
        """Plan for bytes that are already stored: only overrides change the episode."""
        overrides = self._spelled(before, duplicates)
        about = _with_fields(before, overrides)
        action: Action = "same" if about == before else "updates"
        origins: dict[str, Origin] = dict.fromkeys(self.overrides, "override") if action == "updates" else {}
        return self._made(
            action,
            place[0],
            about=about,
            before=before,
            file_name=place[1],
            origins=origins,
            notes=self._slug_kept(place[0]),
        )

    def _new(self, wanted: str, duplicates: Duplicates, likeness: Sequence[Note] = ()) -> Plan:
        slug = duplicates.free_slug(wanted)
        file_name = stored_name(self.parsed.name, kind=self.parsed.kind, format_name=self.parsed.format)
        about = EpisodeFile.model_validate({**self.metadata.fields, "transcripts": (self._entry(file_name),)})
        notes = [*likeness]
        if self.received_slug is not None and self.slug is not None and self.slug != self.received_slug:
            notes.append(Note("slug_cleaned", {"received": self.received_slug, "slug": self.slug}))
        if slug != wanted:
            notes.append(Note("slug_taken", {"received": wanted, "slug": slug}))
        return self._made(
            "new",
            slug,
            about=about,
            before=None,
            file_name=file_name,
            origins=self.metadata.origins,
            notes=notes,
        )

    def _added(
        self, slug: str, before: EpisodeFile, duplicates: Duplicates, likeness: Sequence[Note]
    ) -> Plan:
        """Plan for another transcript of an existing episode, or new text for one of its files.

        ``likeness`` tells by which words the episode was recognised, if by words.
        """
        replaced = next(
            (
                entry
                for entry in before.transcripts
                if (entry.original_name or entry.file) == self.parsed.name
            ),
            None,
        )
        if replaced is not None:
            entry = self._entry(replaced.file)
            transcripts = tuple(entry if old is replaced else old for old in before.transcripts)
        else:
            entry = self._entry(_free_name(self.parsed, slug, before, duplicates))
            transcripts = (*before.transcripts, entry)
        known = before.model_dump(exclude_none=True)
        gaps = {key: value for key, value in self.metadata.fields.items() if not known.get(key)}
        fields = {**gaps, **self._spelled(before, duplicates)}
        about = _with_fields(before, {**fields, "transcripts": transcripts})
        origins: dict[str, Origin] = {key: self.metadata.origins.get(key, "library") for key in fields}
        notes = self._slug_kept(slug)
        notes += likeness
        if not likeness and replaced is None:
            notes.append(Note("same_video", {"slug": slug, "title": before.title}))
        if about.title != before.title:
            notes.append(Note("retitled", {"before": before.title}))
        action: Action = "updates" if replaced else "joins"
        plan = self._made(
            action, slug, about=about, before=before, file_name=entry.file, origins=origins, notes=notes
        )
        others = [(old, duplicates.is_timed(slug, old.file)) for old in transcripts if old is not entry]
        own = preference(entry.language, entry.kind, entry.track, is_timed=self.parsed.is_timed)
        return replace(
            plan,
            is_timed_by_another=not self.parsed.is_timed and any(is_timed for _, is_timed in others),
            is_answered_from=all(
                own >= preference(old.language, old.kind, old.track, is_timed=is_timed)
                for old, is_timed in others
            ),
        )

    def _made(
        self,
        action: Action,
        slug: str,
        *,
        about: EpisodeFile,
        before: EpisodeFile | None,
        file_name: str,
        origins: Mapping[str, Origin],
        notes: list[Note],
    ) -> Plan:
        return Plan(
            action=action,
            slug=slug,
            about=about,
            before=before,
            file_name=file_name,
            parsed=self.parsed,
            facts=self._facts(about),
            origins=origins,
            notes=(*self.metadata.notes, *notes),
        )

    def _facts(self, about: EpisodeFile) -> Facts:
        parsed = self.parsed
        seconds = max(about.duration_s or 0.0, parsed.end_s or 0.0)
        shares = shares_of(parsed.voices)
        written = written_as_names(shares, known=(*about.hosts, *about.guests))
        return Facts(
            format=parsed.format,
            kind=parsed.kind,
            track=parsed.track,
            language=self.metadata.language,
            n_segments=parsed.n_segments,
            n_cues=parsed.report.n_cues,
            n_timed=parsed.report.n_timed,
            n_words=parsed.n_words,
            minutes=round(seconds / 60, 1) if seconds else None,
            speakers=tuple(Speaker(written.get(name, name), share) for name, share in shares.items()),
            is_timed=parsed.is_timed,
            skipped=parsed.report.skipped,
            encoding=parsed.report.encoding,
        )

    def _entry(self, file_name: str) -> TranscriptFile:
        return TranscriptFile(
            file=file_name,
            kind=self.parsed.kind,
            track=self.parsed.track,
            language=self.metadata.language,
            stored=self.today,
            original_name=self.parsed.name or None,
        )

    def _text(self, key: str) -> str | None:
        value = self.metadata.fields.get(key)
        return value if isinstance(value, str) else None

    def _slug_kept(self, slug: str) -> list[Note]:
        is_other = self.slug is not None and self.slug != slug
        return [Note("slug_kept", {"received": self.received_slug, "slug": slug})] if is_other else []

    def _guessed_slug(self) -> str:
        """Return a slug of the title; if that has no Latin letter, of the file's name or the video's id.

        An episode of another library keeps its own.
        """
        if (described := self.parsed.sidecars.episode) is not None:
            return described.slug
        for text in (self._text("title"), stem_of(self.parsed.name), self._text("video_id")):
            try:
                return slugify(text or "")
            except SlugInvalid:
                continue
        return "episode"


def _likeness(alike: Alike, before: EpisodeFile) -> Note:
    """Return what tells that a file has the words of an episode, whose file is ``before``, or is a part of it."""
    percent = round(100 * (alike.share or 0.0))
    return Note(
        "part_of" if alike.is_part else "same_words",
        {"slug": alike.slug, "title": before.title, "percent": percent},
    )


def _with_fields(about: EpisodeFile, fields: Mapping[str, object]) -> EpisodeFile:
    return EpisodeFile.model_validate(
        {**{key: getattr(about, key) for key in type(about).model_fields}, **fields}
    )


def _free_name(parsed: ParsedFile, slug: str, about: EpisodeFile, duplicates: Duplicates) -> str:
    """Return a name that no other transcript of the episode has; an unlisted file with the same bytes is reused."""
    first = stored_name(parsed.name, kind=parsed.kind, format_name=parsed.format)
    stem, dot, suffix = first.partition(".")
    named = {entry.file.casefold() for entry in about.transcripts}
    number = 1
    while True:
        name = first if number == 1 else f"{stem}-{number}{dot}{suffix}"
        path = duplicates.library / slug / name
        if name.casefold() not in named and (not path.exists() or _holds(path, parsed.data)):
            return name
        number += 1


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
