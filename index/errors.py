"""Errors of the index package. Each carries its code and data; the catalogue in bot has the sentence."""

from collections.abc import Mapping

from scoring.errors import CodedError, typed_fields

_MOST_CANDIDATES = 100


class IndexingError(CodedError):
    """Base of what the index package raises."""

    code = "indexing"


@typed_fields
class TranscriptRejected(IndexingError):
    """A file cannot be read as a transcript; ``line`` counts from 1, None where no line is to blame."""

    code = "transcript_rejected"
    file: str
    line: int | None


class NotATranscript(TranscriptRejected):
    """The bytes are of no format that is known."""

    code = "not_a_transcript"


class RecordingGiven(NotATranscript):
    """The file is sound or a film, in which nothing can be read."""

    code = "recording_given"


class PageGiven(NotATranscript):
    """The file is a web page, whatever it is called."""

    code = "page_given"


class PictureGiven(NotATranscript):
    """The file is a picture."""

    code = "picture_given"


@typed_fields
class NoSpeech(TranscriptRejected):
    """The format was recognised and holds no spoken word."""

    code = "no_speech"
    format: str


class WrongEncoding(TranscriptRejected):
    """The bytes are in no encoding that can be told for sure."""

    code = "wrong_encoding"


@typed_fields
class FileTooLarge(TranscriptRejected):
    """The file has ``size`` bytes, and ``limit`` are read at most."""

    code = "file_too_large"
    size: int
    limit: int


@typed_fields
class LineTooLong(TranscriptRejected):
    """A line has ``length`` characters, and ``limit`` are read at most."""

    code = "line_too_long"
    length: int
    limit: int


@typed_fields
class MalformedCue(TranscriptRejected):
    """A cue's times cannot be read."""

    code = "malformed_cue"
    received: str


@typed_fields
class TimesRunBackwards(TranscriptRejected):
    """Cue starts go back by more than a reordering can mend; both in seconds."""

    code = "times_run_backwards"
    before_s: float
    after_s: float


@typed_fields
class UnsupportedFormat(NotATranscript):
    """The file is of a known ``format``, by its usual name, that is not read."""

    code = "unsupported_format"
    format: str


@typed_fields
class TooManyLines(TranscriptRejected):
    """The file has more than ``limit`` lines."""

    code = "too_many_lines"
    limit: int


@typed_fields
class TooManyCues(TranscriptRejected):
    """The file has more than ``limit`` captions or turns."""

    code = "too_many_cues"
    limit: int


@typed_fields
class TooManyWords(TranscriptRejected):
    """The file has more than ``limit`` words."""

    code = "too_many_words"
    limit: int


@typed_fields
class SyntaxBroken(NotATranscript):
    """The file is JSON or XML, as ``format`` says, that cannot be read from character ``column`` of ``line`` on.

    ``column`` counts from 1.
    """

    code = "syntax_broken"
    format: str
    column: int


class FileCutShort(SyntaxBroken):
    """The file is JSON or XML that ends too early, after character ``column`` of ``line``."""

    code = "file_cut_short"


@typed_fields
class NestedTooDeeply(NotATranscript):
    """Elements of XML or JSON lie in each other more than ``limit`` levels deep."""

    code = "nested_too_deeply"
    limit: int


@typed_fields
class FileUnreadable(TranscriptRejected):
    """The system will not read the file: its owner or mode forbids it, or the disk fails."""

    code = "file_unreadable"
    line: None = None


class FileMissing(FileUnreadable):
    """There is no such file."""

    code = "file_missing"


class NotAFile(FileUnreadable):
    """The path is a folder, a device or the like."""

    code = "not_a_file"


@typed_fields
class ParsingTookTooLong(TranscriptRejected):
    """A file was not parsed within its time limit, and given up."""

    code = "parsing_took_too_long"
    limit_s: float
    line: None = None


@typed_fields
class ParsingFailed(TranscriptRejected):
    """The process that parsed a file ended without a result."""

    code = "parsing_failed"
    line: None = None


@typed_fields
class ParsingNeedsMemory(TranscriptRejected):
    """Parsing a file would have taken more than ``limit`` bytes of memory."""

    code = "parsing_needs_memory"
    limit: int
    line: None = None


@typed_fields
class OverrideInvalid(IndexingError):
    """What a person said about an episode cannot be; ``field`` is a key of ``episode.json``."""

    code = "override_invalid"
    field: str
    received: str


@typed_fields
class LibraryChanged(IndexingError):
    """The episode ``slug`` was changed by someone else since it was planned; plan again."""

    code = "library_changed"
    slug: str


@typed_fields
class SlugInvalid(IndexingError):
    """A slug that is no plain folder name."""

    code = "slug_invalid"
    received: str


@typed_fields
class EpisodeFileInvalid(IndexingError):
    """``episode.json`` or ``assessment.json`` is broken; ``line`` counts from 1, or is None."""

    code = "episode_file_invalid"
    file: str
    line: int | None
    problem: str


@typed_fields
class RowsInvalid(IndexingError):
    """A file of JSON objects, one a line, is broken; ``line`` counts from 1, or is None."""

    code = "rows_invalid"
    file: str
    line: int | None
    problem: str


@typed_fields
class LibraryMissing(IndexingError):
    """There is no library at ``path``."""

    code = "library_missing"
    path: str


@typed_fields
class LibraryOfFiles(IndexingError):
    """The folder at ``path`` holds no episode, but files that look like transcripts: some of them are ``files``."""

    code = "library_of_files"
    path: str
    files: list[str]


@typed_fields
class EditionMissing(IndexingError):
    """No edition is published below the state folder ``path``."""

    code = "edition_missing"
    path: str


@typed_fields
class EditionDamaged(IndexingError):
    """The file ``file`` of an edition cannot be used; subclasses say why."""

    code = "edition_damaged"
    edition: str
    file: str


class EditionFileMissing(EditionDamaged):
    """The file is not there."""

    code = "edition_file_missing"


class EditionFileForbidden(EditionDamaged):
    """The file's owner or mode keeps this program from reading it."""

    code = "edition_file_forbidden"


class EditionFileUnreadable(EditionDamaged):
    """The file holds something else than it should, or the disk cannot read it."""

    code = "edition_file_unreadable"


class EditionFileChanged(EditionDamaged):
    """The file's length or checksum differs from the manifest's."""

    code = "edition_file_changed"


class EditionFileForeign(EditionDamaged):
    """The file belongs to another edition."""

    code = "edition_file_foreign"


@typed_fields
class EditionCrashes(IndexingError):
    """Opening an edition ended the process that did."""

    code = "edition_crashes"
    edition: str


@typed_fields
class StoreUnavailable(IndexingError):
    """The store of editions at ``address`` cannot be reached, or refuses; ``problem`` is its own word."""

    code = "store_unavailable"
    address: str
    problem: str


class StoreMissing(IndexingError):
    """A store of editions is set, and the package for it is not installed. No fields."""

    code = "store_missing"


@typed_fields
class StoreNotSet(IndexingError):
    """Vectors, words and texts of ``edition`` are in a store, and none is set."""

    code = "store_not_set"
    edition: str


class ClusterError(IndexingError):
    """Base of why episodes cannot be indexed by a Ray cluster."""

    code = "cluster"


class RayMissing(ClusterError):
    """A cluster is to index, and the package for it is not installed. No fields."""

    code = "ray_missing"


@typed_fields
class ClusterUnreachable(ClusterError):
    """No cluster answers at ``address``, or it does not take this program in; ``problem`` is Ray's own word."""

    code = "cluster_unreachable"
    address: str
    problem: str


@typed_fields
class ClusterIdle(ClusterError):
    """The cluster at ``address`` finished no work within ``limit_s`` seconds."""

    code = "cluster_idle"
    address: str
    limit_s: float


@typed_fields
class WorkerUnfit(ClusterError):
    """The machine ``host`` of a cluster has no Counterpoint, or another one; ``problem`` says which."""

    code = "worker_unfit"
    host: str
    problem: str


@typed_fields
class WorkersLost(ClusterError):
    """Every worker that was given the episodes ``first`` to ``last`` ended; ``problem`` is Ray's name for it."""

    code = "workers_lost"
    first: str
    last: str
    problem: str


@typed_fields
class EditionMismatch(IndexingError):
    """An edition was built by another model, slicing or scoring, as ``what`` says."""

    code = "edition_mismatch"
    what: str
    edition_has: object
    running_has: object


class EpisodeUnknown(IndexingError):
    """No episode is called so. Fields: ``received``, ``nearest`` (titles), and where known, ``slugs`` in that order."""

    code = "episode_unknown"


class VideoUnknown(EpisodeUnknown):
    """A link names a video that no episode is of. Fields as of ``EpisodeUnknown``."""

    code = "video_unknown"


class EpisodeLinkUnknown(EpisodeUnknown):
    """A link leads to no episode's recording or page. Fields as of ``EpisodeUnknown``."""

    code = "episode_link_unknown"


@typed_fields
class EpisodeAmbiguous(IndexingError):
    """Several episodes are meant: their titles in ``candidates``, in the same order their slugs in ``slugs``.

    They are all that are meant, best first, but never more than 100.
    """

    code = "episode_ambiguous"
    received: str
    candidates: list[str]
    slugs: list[str]

    @classmethod
    def among(cls, received: str, titles: Mapping[str, str]) -> "EpisodeAmbiguous":
        """Return the error for a name that means each of ``titles``, which are by slug, best first."""
        named = list(titles.items())[:_MOST_CANDIDATES]
        return cls(
            received=received, candidates=[title for _, title in named], slugs=[slug for slug, _ in named]
        )


@typed_fields
class ModelUnavailable(IndexingError):
    """The embedding model could not be loaded."""

    code = "model_unavailable"
    model: str
    problem: str


@typed_fields
class LibraryBusy(IndexingError):
    """Another process is building or writing below ``path``."""

    code = "library_busy"
    path: str


@typed_fields
class StorageError(IndexingError):
    """The operating system would not read or write ``path``."""

    code = "storage"
    path: str


class DiskFull(StorageError):
    """The disk, or the user's share of it, is full."""

    code = "disk_full"


class DiskReadOnly(StorageError):
    """The disk is mounted for reading alone."""

    code = "disk_read_only"


class NotPermitted(StorageError):
    """Owner or mode forbids it."""

    code = "not_permitted"


@typed_fields
class StorageFailed(StorageError):
    """Anything else; ``reason`` is the system's."""

    code = "storage_failed"
    reason: str


@typed_fields
class OutOfMemory(IndexingError):
    """The memory did not suffice for what was done with ``path``."""

    code = "out_of_memory"
    path: str
