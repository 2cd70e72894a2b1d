"""From a file to a plan: read, understood, and set against what the library holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from index.errors import SlugInvalid
from index.library.episodes import EpisodeFile, TranscriptFile, slugify
from index.library.ingest.duplicates import Duplicates
from index.library.ingest.filenames import clean_name, stem_of, stored_name
from index.library.ingest.files import read_file
from index.library.ingest.metadata import Evidence, Note, Origin, Understood, understand
from index.library.ingest.overrides import Overrides, wished_fields, wished_slug
from index.library.ingest.people import speakers_of
from index.library.ingest.plan import Action, Facts, Plan
from index.library.ingest.sidecars import Sidecars, read_neighbours
from index.transcripts.formats import parse_transcript
from index.transcripts.formats.decoding import decoded
from index.transcripts.formats.front_matter import read_front_matter, split_front_matter
from index.transcripts.model import Hints, Transcript


def plan_file(
    path: Path, wishes: Overrides, library: Path | Duplicates, *, today: date | None = None
) -> Plan:
    """Read ``path`` and what lies beside it, and say what adding it to ``library`` would do. Writes nothing.

    Args:
        path: of a transcript.
        wishes: what the person said.
        library: its folder, or, in a batch, one ``Duplicates`` of it that is told of each plan by ``remember``.
        today: the day that is noted as the one of storing; the calendar's where None.

    Raises:
        TranscriptRejected: the file cannot be read, by subclass; SlugInvalid, WishInvalid: the wishes cannot be met.
    """
    data = read_file(path)
    return plan_bytes(
        data,
        path.name,
        wishes,
        library,
        neighbours=read_neighbours(path),
        folder=path.resolve().parent.name,
        today=today,
    )


def plan_bytes(
    data: bytes,
    name: str,
    wishes: Overrides,
    library: Path | Duplicates,
    *,
    neighbours: Sidecars | None = None,
    folder: str | None = None,
    today: date | None = None,
) -> Plan:
    """As ``plan_file``, for bytes that came with a ``name`` from anywhere, which is trusted with nothing.

    Args:
        data: the whole file.
        name: as it was given.
        wishes: as for ``plan_file``.
        library: as for ``plan_file``.
        neighbours: what came with it.
        folder: the name of the folder it lies in; may tell the show of a published transcript.
        today: as for ``plan_file``.

    Raises:
        TranscriptRejected, SlugInvalid, WishInvalid: as for ``plan_file``.
    """
    holdings = library if isinstance(library, Duplicates) else Duplicates(library)
    clean = clean_name(name)
    wished, slug = wished_fields(wishes), wished_slug(wishes)
    transcript = parse_transcript(data, name=clean or "transcript")
    evidence = Evidence(
        transcript, clean, folder, _front(data, transcript, clean), neighbours or Sidecars(), wished
    )
    understood = understand(evidence, holdings.hosts_of)
    reading = _Reading(data, clean, transcript, understood, wished, slug, wishes.slug, today or date.today())
    return reading.plan(holdings)


def remember(plan: Plan, holdings: Duplicates) -> None:
    """Count ``plan`` as carried out, for the next files of the batch: after writing it, or in a dry run instead."""
    if plan.action != "same":
        holdings.remember(plan.slug, plan.about, plan.file_name, plan.data, plan.transcript)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file, read and understood, on its way to a plan."""

    data: bytes
    name: str
    transcript: Transcript
    understood: Understood
    wished: Mapping[str, object]
    slug: str | None
    received_slug: str | None
    today: date

    def plan(self, holdings: Duplicates) -> Plan:
        place = holdings.with_bytes(self.data)
        if place is not None and (about := holdings.about(place[0])) is not None:
            return self._same(place, about)
        base = self.slug or self._guessed_slug()
        video_id = self._text("video_id")
        held = holdings.with_video(video_id, self._text("url")) or holdings.with_words(
            self.transcript, slug=base, name=self.name, video_id=video_id
        )
        before = holdings.about(held) if held else None
        if held is None or before is None:
            return self._new(base, holdings)
        return self._added(held, before, holdings)

    def _same(self, place: tuple[str, str], before: EpisodeFile) -> Plan:
        """The bytes are there: nothing changes but what the person says anew."""
        about = _with_fields(before, self.wished)
        action: Action = "same" if about == before else "updates"
        said: dict[str, Origin] = dict.fromkeys(self.wished, "wish") if action == "updates" else {}
        notes = self._slug_kept(place[0])
        return self._made(
            action, place[0], about=about, before=before, file_name=place[1], said=said, notes=notes
        )

    def _new(self, base: str, holdings: Duplicates) -> Plan:
        slug = holdings.free_slug(base)
        file_name = stored_name(self.name, kind=self.transcript.kind, format_name=self.transcript.format)
        about = EpisodeFile.model_validate(
            {**self.understood.fields, "transcripts": (self._entry(file_name),)}
        )
        notes = []
        if self.received_slug is not None and self.slug is not None and self.slug != self.received_slug:
            notes.append(Note("slug_cleaned", {"received": self.received_slug, "slug": self.slug}))
        if slug != base:
            notes.append(Note("slug_taken", {"received": base, "slug": slug}))
        said = self.understood.said
        return self._made("new", slug, about=about, before=None, file_name=file_name, said=said, notes=notes)

    def _added(self, slug: str, before: EpisodeFile, holdings: Duplicates) -> Plan:
        """Another transcript of an episode that is there, or another text for one of its files."""
        replaced = next(
            (one for one in before.transcripts if (one.original_name or one.file) == self.name), None
        )
        if replaced is not None:
            entry = self._entry(replaced.file)
            transcripts = tuple(entry if one is replaced else one for one in before.transcripts)
        else:
            entry = self._entry(_free_name(self, slug, before, holdings))
            transcripts = (*before.transcripts, entry)
        known = before.model_dump(exclude_none=True)
        gaps = {key: value for key, value in self.understood.fields.items() if not known.get(key)}
        fields = {**gaps, **self.wished}
        about = _with_fields(before, {**fields, "transcripts": transcripts})
        said: dict[str, Origin] = {key: self.understood.said.get(key, "library") for key in fields}
        notes = self._slug_kept(slug)
        if replaced is None:
            notes.append(Note("same_video", {"slug": slug, "title": before.title}))
        action: Action = "updates" if replaced else "joins"
        return self._made(
            action, slug, about=about, before=before, file_name=entry.file, said=said, notes=notes
        )

    def _made(
        self,
        action: Action,
        slug: str,
        *,
        about: EpisodeFile,
        before: EpisodeFile | None,
        file_name: str,
        said: Mapping[str, Origin],
        notes: list[Note],
    ) -> Plan:
        return Plan(
            action=action,
            slug=slug,
            about=about,
            before=before,
            file_name=file_name,
            original_name=self.name,
            data=self.data,
            transcript=self.transcript,
            facts=self._facts(about),
            said=said,
            notes=(*self.understood.notes, *notes),
        )

    def _facts(self, about: EpisodeFile) -> Facts:
        seconds = about.duration_s or self.transcript.end_s
        return Facts(
            format=self.transcript.format,
            kind=self.transcript.kind,
            track=self.transcript.track,
            language=self.understood.language,
            n_segments=self.transcript.n_segments,
            n_cues=len(self.transcript.cues),
            n_words=sum(len(cue.text.split()) for cue in self.transcript.cues),
            minutes=round(seconds / 60, 1) if seconds else None,
            speakers=speakers_of(self.transcript),
            is_timed=self.transcript.is_timed,
        )

    def _entry(self, file_name: str) -> TranscriptFile:
        return TranscriptFile(
            file=file_name,
            kind=self.transcript.kind,
            track=self.transcript.track,
            language=self.understood.language,
            stored=self.today,
            original_name=self.name or None,
        )

    def _text(self, key: str) -> str | None:
        value = self.understood.fields.get(key)
        return value if isinstance(value, str) else None

    def _slug_kept(self, slug: str) -> list[Note]:
        is_other = self.slug is not None and self.slug != slug
        return [Note("slug_kept", {"received": self.received_slug, "slug": slug})] if is_other else []

    def _guessed_slug(self) -> str:
        """From the title; where that has no letter of the Latin alphabet, from the file's name or the video's id."""
        for text in (self._text("title"), stem_of(self.name), self._text("video_id")):
            try:
                return slugify(text or "")
            except SlugInvalid:
                continue
        return "episode"


def _with_fields(about: EpisodeFile, fields: Mapping[str, object]) -> EpisodeFile:
    return EpisodeFile.model_validate(
        {**{key: getattr(about, key) for key in type(about).model_fields}, **fields}
    )


def _free_name(reading: _Reading, slug: str, about: EpisodeFile, holdings: Duplicates) -> str:
    """A name that no other transcript of the episode has; one that a process left unnamed with these bytes is used."""
    first = stored_name(reading.name, kind=reading.transcript.kind, format_name=reading.transcript.format)
    stem, dot, suffix = first.partition(".")
    named = {entry.file.casefold() for entry in about.transcripts}
    number = 1
    while True:
        name = first if number == 1 else f"{stem}-{number}{dot}{suffix}"
        path = holdings.library / slug / name
        if name.casefold() not in named and (not path.exists() or _holds(path, reading.data)):
            return name
        number += 1


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _front(data: bytes, transcript: Transcript, name: str) -> Hints:
    if transcript.format != "published":
        return Hints()
    return read_front_matter(split_front_matter(decoded(data, file=name))[0])
