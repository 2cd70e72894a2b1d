"""Fetching a transcript off the event loop: one video at a time, with a pause between and a limit for each."""

import asyncio
import random
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from index.library.ingest.sidecars import Sidecars, hints_of_info
from index.library.sources.errors import SourceTookTooLong, refused_link
from index.library.sources.listing import FeedChapter
from index.transcripts.links import video_id_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched transcript, ready for ``ingest.parse_bytes(data, name, sidecars=sidecars)``.

    Attributes:
        video_id: id of the video, or None.
        name: a file name, such as the video's id and the language.
        data: the transcript's bytes in a format that ``formats.parse_transcript`` reads.
        language: the track's code, such as ``en`` or ``en-GB``.
        is_generated: True for a machine-made track.
        info: title, channel, date and the like, keyed as yt-dlp's ``.info.json``; None if unavailable.
        chapters: of the recording, in order of time, where the source has them beside the text.
        beside: sidecar files, where it came from a folder.
    """

    video_id: str | None
    name: str
    data: bytes
    language: str
    is_generated: bool
    info: Mapping[str, object] | None
    chapters: tuple[FeedChapter, ...] = ()
    beside: Sidecars | None = None

    @property
    def sidecars(self) -> Sidecars:
        """Return the metadata as sidecars of the file."""
        if self.beside is not None:
            return self.beside
        return Sidecars() if self.info is None else Sidecars(info=hints_of_info(dict(self.info)))


class TranscriptSource(Protocol):
    """Source of transcripts by video. Called from any thread; blocks it."""

    def fetch(self, video_id: str, *, limit_s: float) -> Fetched:
        """Return the best transcript of a video.

        Args:
            video_id: its eleven characters.
            limit_s: seconds after which no further request is begun.

        Raises:
            SourceError: it cannot be fetched, by subclass.
        """


class Fetcher:
    """Fetcher of one transcript at a time from a source.

    Args:
        source: called in a daemon thread, which the program does not wait for when it ends.
        limit_s: seconds that one video may take, the wait for others included.
        pause_s: least seconds between two videos; up to as many again are added by chance.
    """

    def __init__(self, source: TranscriptSource, *, limit_s: float = 60.0, pause_s: float = 1.0) -> None:
        self._source = source
        self._limit_s = limit_s
        self._pause_s = pause_s
        self._turn = asyncio.Lock()
        self._earliest_s = 0.0

    async def fetch(self, link: str) -> Fetched:
        """Return the transcript of the video that ``link`` names by address or id.

        Raises:
            LinkUnknown: it names no video.
            SourceError: the transcript cannot be fetched.
        """
        video_id = video_id_of(link)
        if video_id is None:
            raise refused_link(link)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limit_s) as limit, self._turn:
                await asyncio.sleep(self._earliest_s - loop.time())
                left_s = (limit.when() or 0.0) - loop.time()
                try:
                    return await in_daemon_thread(lambda: self._source.fetch(video_id, limit_s=left_s))
                finally:
                    jitter = 1.0 + random.random()  # noqa: S311 - a pause, no secret
                    self._earliest_s = loop.time() + self._pause_s * jitter
        except TimeoutError as error:
            raise SourceTookTooLong(video_id=video_id, limit_s=self._limit_s) from error


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """Return the result of ``work``, run in a thread that the program does not wait for when it ends.

    If the caller is cancelled, the thread's outcome is dropped.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(results: list[T], error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(results[0])

    def run() -> None:
        results: list[T] = []
        problem = None
        try:
            results.append(work())
        except BaseException as error:
            problem = error
        with suppress(RuntimeError):  # the loop has been closed meanwhile
            loop.call_soon_threadsafe(settle, results, problem)

    threading.Thread(target=run, name="fetch", daemon=True).start()
    return await outcome
