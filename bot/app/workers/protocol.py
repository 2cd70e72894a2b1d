"""What the bot and its workers say to each other: frames of a header and a pickle, over a pair of sockets.

Both ends are this program, and the sockets have no name that anybody else could connect to. Answers are small: slices,
readings and quotes go as tuples of their fields, and an episode as its number, since the bot has all episodes of the
edition already. An answer of 20 passages takes 27 kB, and 0.2 ms to write and read together.
"""

import dataclasses
import io
import pickle
import struct
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from typing import Any

from bot.app.edition_session import EditionOpener
from index.errors import IndexingError
from index.storage.records import EditionFacts, EpisodeRecord
from scoring.errors import CodedError

HEADER = struct.Struct(">BQQ")
"""Kind, number of the request, bytes that follow."""


class Kind(IntEnum):
    """Kinds of frames."""

    START = 0
    """To a worker, first: a ``Start``."""

    READY = 1
    """From a worker that has opened its edition: a ``Ready``."""

    REQUEST = 2
    """To a worker: an ``EditionRequest``."""

    LOOKUP = 3
    """To a worker: a ``Lookup``, answered while a request is being worked on."""

    ANSWER = 4
    """From a worker: the answer's value."""

    REFUSED = 5
    """From a worker: a ``CodedError``, for the person who asked; to a ``Start``, why the edition cannot be opened."""

    FAILED = 6
    """From a worker: a ``WorkerFailure``."""


@dataclass(frozen=True, slots=True)
class Start:
    """The first message to a worker.

    Attributes:
        make_opener: makes what opens the edition; importable by name in the worker.
        memory_bytes: how much more memory than at its start the worker may take; 0 for no limit.
        skip: editions that are not to be opened, with the reason.
    """

    make_opener: Callable[[], EditionOpener]
    memory_bytes: int
    skip: dict[str, IndexingError]


@dataclass(frozen=True, slots=True)
class Ready:
    """The first message of a worker: what it answers from.

    Attributes:
        facts: of the edition that it opened.
        episodes: all of that edition.
        passed_over: newer editions that it could not open, with the reason.
    """

    facts: EditionFacts
    episodes: tuple[EpisodeRecord, ...]
    passed_over: dict[str, IndexingError]


@dataclass(frozen=True, slots=True)
class WorkerFailure:
    """An error that nobody foresaw: its last line, and the whole story for the log."""

    summary: str
    story: str

    @classmethod
    def of(cls, error: Exception) -> "WorkerFailure":
        """Return what is told of ``error``, which was raised in this process."""
        return cls(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))


def frame(kind: Kind, number: int, payload: bytes) -> bytes:
    """Return a frame as it goes over the socket."""
    return HEADER.pack(kind, number, len(payload)) + payload


def encode_whole(value: Start | Ready) -> bytes:
    """Return ``value`` as bytes, with everything in it; ``pickle.loads`` reads it."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def encode(value: object) -> bytes:
    """Return a request or an answer as bytes, with episodes as their numbers."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(value)
    return buffer.getvalue()


def decode(payload: bytes, episodes: Mapping[int, EpisodeRecord]) -> Any:
    """Return the value that ``encode`` was given.

    Args:
        payload: its bytes.
        episodes: of the edition that answered, by number.
    """
    return _Unpickler(payload, episodes).load()


def refusal(payload: bytes) -> CodedError:
    """Return the error of a ``REFUSED`` frame."""
    error = pickle.loads(payload)  # noqa: S301 - from our own worker
    return error if isinstance(error, CodedError) else CodedError()


def episode_numbered(number: int) -> EpisodeRecord:
    """Stand for an episode in an encoded answer; only ``decode`` can say which it is."""
    raise LookupError(f"episode {number} of an unknown edition")


class _Unpickler(pickle.Unpickler):
    def __init__(self, payload: bytes, episodes: Mapping[int, EpisodeRecord]) -> None:
        super().__init__(io.BytesIO(payload))
        self._episodes = episodes

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, episode_numbered.__name__):
            return self._episodes.__getitem__
        return super().find_class(module, name)


_Reducer = Callable[[Any], tuple[Any, ...]]


class _Reducers(dict[type, _Reducer]):
    """Functions that make values bytes, by type: dataclasses as a call with their fields, episodes by number."""

    def __missing__(self, kind: type) -> _Reducer:
        if not dataclasses.is_dataclass(kind) or not all(
            field.init and not field.kw_only for field in dataclasses.fields(kind)
        ):
            raise KeyError(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        values: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()
        if len(names) == 1:
            self[kind] = lambda value: (kind, (values(value),))
        else:
            self[kind] = lambda value: (kind, values(value))
        return self[kind]


_REDUCERS = _Reducers({EpisodeRecord: lambda episode: (episode_numbered, (episode.id,))})
