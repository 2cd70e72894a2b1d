"""Errors of the index package. Each carries its code and data; the catalogue in bot has the sentence."""

from scoring.errors import CodedError, typed_fields


class IndexingError(CodedError):
    """Base of what the index package raises."""

    code = "indexing"


class TranscriptRejected(IndexingError):
    """A file cannot be read as a transcript. Fields: ``file``, ``line`` (1-based or None), and by subclass."""

    code = "transcript_rejected"


class NotATranscript(TranscriptRejected):
    """The bytes are of no format that is known. Fields: ``file``, ``line``."""

    code = "not_a_transcript"


class NoSpeech(TranscriptRejected):
    """The format was recognised and holds no spoken word. Fields: ``file``, ``line``, ``format``."""

    code = "no_speech"


class WrongEncoding(TranscriptRejected):
    """The bytes are in no encoding that can be told for sure. Fields: ``file``, ``line``."""

    code = "wrong_encoding"


class FileTooLarge(TranscriptRejected):
    """Fields: ``file``, ``line``, ``size`` and ``limit`` in bytes."""

    code = "file_too_large"


class LineTooLong(TranscriptRejected):
    """Fields: ``file``, ``line``, ``length`` and ``limit`` in characters."""

    code = "line_too_long"


class MalformedCue(TranscriptRejected):
    """A cue's times cannot be read. Fields: ``file``, ``line``, ``received``."""

    code = "malformed_cue"


class TimesRunBackwards(TranscriptRejected):
    """Cue starts go back by more than a reordering can mend. Fields: ``file``, ``line``, ``before_s``, ``after_s``."""

    code = "times_run_backwards"


class UnsupportedFormat(NotATranscript):
    """The file is of a known format that is not read. Fields: ``file``, ``line``, ``format`` (its usual name)."""

    code = "unsupported_format"


class TooManyLines(TranscriptRejected):
    """Fields: ``file``, ``line``, ``limit`` in lines."""

    code = "too_many_lines"


class TooManyCues(TranscriptRejected):
    """Fields: ``file``, ``line``, ``limit`` in captions or turns."""

    code = "too_many_cues"


class TooManyWords(TranscriptRejected):
    """Fields: ``file``, ``line``, ``limit`` in words."""

    code = "too_many_words"


class NestedTooDeeply(NotATranscript):
    """XML or JSON whose elements lie too deep in each other. Fields: ``file``, ``line``, ``limit`` in levels."""

    code = "nested_too_deeply"


@typed_fields
class FileUnreadable(TranscriptRejected):
    """The system will not read the file: its owner or mode forbids it, or the disk fails."""

    code = "file_unreadable"

    file: str
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

    file: str
    limit_s: float
    line: None = None


@typed_fields
class ParsingFailed(TranscriptRejected):
    """The process that parsed a file ended without a result."""

    code = "parsing_failed"

    file: str
    line: None = None


@typed_fields
class ParsingNeedsMemory(TranscriptRejected):
    """Parsing a file would have taken more than ``limit`` bytes of memory."""

    code = "parsing_needs_memory"

    file: str
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


class SlugInvalid(IndexingError):
    """A slug that is no plain folder name. Fields: ``received``."""

    code = "slug_invalid"


class EpisodeFileInvalid(IndexingError):
    """``episode.json`` or ``assessment.json`` is broken. Fields: ``file``, ``line`` (or None), ``problem``."""

    code = "episode_file_invalid"


class RowsInvalid(IndexingError):
    """A file of JSON objects, one a line, is broken. Fields: ``file``, ``line`` (or None), ``problem``."""

    code = "rows_invalid"


class LibraryMissing(IndexingError):
    """Fields: ``path``."""

    code = "library_missing"


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
    """The vectors of ``edition`` are in a store, and none is set."""

    code = "store_not_set"
    edition: str


class EditionMismatch(IndexingError):
    """An edition was built by another model, slicing or scoring. Fields: ``what``, ``edition_has``, ``running_has``."""

    code = "edition_mismatch"


class EpisodeUnknown(IndexingError):
    """Fields: ``received``, ``nearest`` (titles), and where there are any, in the same order their ``slugs``."""

    code = "episode_unknown"


class VideoUnknown(EpisodeUnknown):
    """A link names a video that no episode is of. Fields as of its base."""

    code = "video_unknown"


@typed_fields
class EpisodeAmbiguous(IndexingError):
    """Several episodes are meant: their titles in ``candidates``, in the same order their slugs in ``slugs``."""

    code = "episode_ambiguous"
    received: str
    candidates: list[str]
    slugs: list[str]


class ModelUnavailable(IndexingError):
    """The embedding model could not be loaded. Fields: ``model``, ``problem``."""

    code = "model_unavailable"


class LibraryBusy(IndexingError):
    """Another process is building or writing. Fields: ``path``."""

    code = "library_busy"


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
