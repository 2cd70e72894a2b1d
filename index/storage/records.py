"""Values that an edition stores for each episode and slice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from index.embedding.token_projection import export_name
from index.library.episodes import AssessmentFile, EpisodeFile
from index.text.receipts import read_link
from index.text.slicing import Slice
from index.transcripts.links import link_at
from scoring.position_arithmetic import whole
from scoring.profile import EvidenceMode, Profile
from scoring.reading import Confidence, Reading

_LEAST_CHAPTERS = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """Position of an episode, with its confidence and the source of the judgement."""

    position: float
    confidence: Confidence
    evidence: EvidenceMode


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """One episode of an edition.

    Attributes:
        id: its number in this edition.
        slug: its name in the library.
        about: contents of ``episode.json``.
        assessment: a person's judgement, or None.
        profile: its readings taken together.
        is_timed: whether its quotes have seconds.
        n_segments: caption segments or turns of the stored transcript; 0 without a transcript.
        terms: words and phrases that set it apart, with weights from 0 to 1, best first.
        page: address of its page, or None where no site is set.
    """

    id: int
    slug: str
    about: EpisodeFile
    assessment: AssessmentFile | None
    profile: Profile
    is_timed: bool
    n_segments: int
    terms: Mapping[str, float]
    page: str | None = None

    def standing(self, *, prefer_editor: bool = False) -> Standing:
        """Return the headline, or the editor's position if ``prefer_editor`` is set and there is one."""
        if prefer_editor and self.assessment is not None:
            return Standing(whole(self.assessment.position), self.assessment.confidence, "editor")
        return Standing(self.profile.headline, self.profile.confidence, self.profile.evidence)

    def link_at(self, second: float | None) -> str | None:
        """Return a link that opens the recording shortly before ``second``, or None."""
        return link_at(self.about.url, self.about.video_id, second)

    def read_at(self, piece: Slice, start: int = 0, end: int | None = None) -> str | None:
        """Return a link to the sentence at ``start`` of a slice on the episode's page, or None where it has none.

        It carries the receipt of the words up to ``end``; of that sentence where ``end`` is None.
        """
        if self.page is None:
            return None
        if end is None:
            end = next((stop for stop in piece.unit_ends if stop > start), len(piece.text))
        return read_link(self.page, piece, start, end)


@dataclass(frozen=True, slots=True)
class SliceRecord:
    """One slice of an edition, with its reading.

    Attributes:
        id: its number in this edition.
        episode_id: the number of its episode.
        piece: its words.
        reading: its position, with the reasons.
        claim: start and end of the sentences of one speaker that are quoted of it, where a judge named them.
    """

    id: int
    episode_id: int
    piece: Slice
    reading: Reading
    claim: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Slices under one heading: from ``start`` to ``end`` (excluded), by their place in the transcript."""

    name: str
    start: int
    end: int


def chapters_of(slices: Sequence[SliceRecord]) -> list[Chapter]:
    """Return the chapters of a transcript in order; none where there are fewer than two.

    A chapter ends where another heading, or a slice without one, begins; a heading that comes again is a new chapter.

    Args:
        slices: all of an episode, in transcript order.
    """
    chapters: list[Chapter] = []
    for place, record in enumerate(slices):
        name = record.piece.chapter
        if name is None:
            continue
        if chapters and chapters[-1].name == name and chapters[-1].end == place:
            chapters[-1] = Chapter(name, chapters[-1].start, place + 1)
        else:
            chapters.append(Chapter(name, place, place + 1))
    return chapters if len(chapters) >= _LEAST_CHAPTERS else []


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """Manifest of an edition: its contents, and the versions that decide whether two editions may be compared.

    ``vector_search`` names the search method, ``recall`` is the share of the ten nearest vectors that it finds, 0 to 1.
    ``beside`` is the edition that wrote the main segment, where this one adds a second (``segments``); else None.
    ``pieces`` names the maps to the word pieces' vectors that its slices have (``token_projection``); empty for none.
    ``is_replica`` says that its vectors, words and slices are in a store (``milvus``) rather than in its folder.
    """

    edition: str
    built_at: str
    model: str
    fingerprint: str
    dim: int
    axis: str
    slicing_version: int
    scoring_version: str
    schema_version: int
    n_episodes: int
    n_slices: int
    n_windows: int
    n_words: int
    checksums: Mapping[str, str]
    vector_search: str = ""
    recall: float = 1.0
    beside: str | None = None
    is_replica: bool = False
    pieces: str = ""

    @property
    def encoder_export(self) -> str:
        """Return the name of the export of the encoder that its vectors are of, see ``export_name``."""
        return export_name(self.fingerprint, self.pieces)

    @property
    def written(self) -> list[str]:
        """Return the editions named in the databases of the segments, the main segment first."""
        return [self.edition] if self.beside is None else [self.beside, self.edition]

    def to_bytes(self) -> bytes:
        """Return the contents of the manifest's file."""
        return f"{json.dumps(asdict(self), indent=2)}\n".encode()

    @classmethod
    def of_bytes(cls, data: bytes) -> "EditionFacts":
        """Return the manifest in the contents of a file.

        Raises:
            ValueError: it is of another form.
        """
        return _FACTS.validate_json(data, strict=True)


_FACTS: TypeAdapter[EditionFacts] = TypeAdapter(EditionFacts)
