"""Recordings of followed podcasts without a text become text by themselves, where the operator has switched that on.

One recording at a time, by a process of its own that gives way to the bot. Its text is put beside the others of the
state folder, and from there the ``SourcePoller`` takes it in as it takes in any text. A process that dies goes on at
the piece where it was.
"""

import asyncio
import hashlib
import logging
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.app.community.followed_episode_tables import FollowedEpisode, FollowedEpisodeTables
from bot.app.community.polling_schedule import pause_after
from bot.app.community.store import has_passed
from bot.app.jobs import JobError, JobFailed, environment_of, in_background
from bot.app.settings import Settings
from index.errors import IndexingError, StorageError
from index.files import make_folder
from index.library.ingest.filenames import stem_of
from index.library.sources import Fetched, Listed
from index.library.sources.episode_text import text_name
from index.library.sources.errors import (
    PageBlocked,
    SiteTookTooLong,
    SiteUnreachable,
    SourceTookTooLong,
    SourceUnreachable,
    SpeechModelUnavailable,
    SpeechServiceFailed,
    SpeechServiceMissing,
    TranscriptionBusy,
)
from scoring.errors import CodedError

TRANSCRIBING = "transcribing"
"""Folder of the state folder with recordings and texts on their way."""

LOOKS_EVERY_S = 30.0

_NO_PROGRESS_S = 7_200.0
"""Longer than a long recording takes to be made WAV, an hour at most, or a piece of it to be read."""

_PASSING = (
    JobError, PageBlocked, SiteTookTooLong, SiteUnreachable, SourceTookTooLong, SourceUnreachable,
    SpeechModelUnavailable, SpeechServiceFailed, SpeechServiceMissing, StorageError, TranscriptionBusy,
)  # fmt: skip
"""The recording is not to blame for these: it is tried again after a while."""

Transcribe = Callable[[str, Path], Awaitable[None]]

_KIND = "transcribe"

_log = logging.getLogger(__name__)


class TranscribingFailed(JobFailed):
    """The process that turns a recording into text could not be started, or ended without one. Fields as there."""

    code = "transcribing_failed"


class FollowedRecordings:
    """Turns recordings of followed episodes without a text into text.

    Args:
        episodes: where they are kept.
        state: the state folder.
        only_new: True to leave alone what a source had before it was followed.
        transcribe: turns the recording at a link into text and writes that to a file, whole or not at all.
        woken: set when a text lies ready.
        now: the clock, in UTC.
        began: told of each episode whose recording is begun.

    Attributes:
        problem: why the last recording has to wait, or None.
    """

    def __init__(
        self,
        episodes: FollowedEpisodeTables,
        state: Path,
        *,
        only_new: bool,
        transcribe: Transcribe,
        woken: asyncio.Event | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        began: Callable[[Listed], None] = lambda _: None,
    ) -> None:
        self.problem: CodedError | None = None
        self._episodes = episodes
        self._state = state
        self._only_new = only_new
        self._transcribe = transcribe
        self._woken = woken or asyncio.Event()
        self._now = now
        self._began = began
        self._n_failures = 0
        self._rests_until = now()

    async def run(self) -> None:
        """Work until cancelled. What goes wrong is logged, and tried again."""
        while True:
            try:
                did_something = await self.round()
            except (CodedError, OSError) as error:
                did_something = False
                _log.warning("recordings wait: %s", error)
            except Exception:
                did_something = False
                _log.exception("recordings wait")
            if not did_something:
                await asyncio.sleep(LOOKS_EVERY_S)

    async def round(self) -> bool:
        """Turn one recording into text. Return True if there was one, whatever came of it.

        Raises:
            CommunityUnavailable: nothing can be read or written down.
        """
        if not has_passed(timedelta(), self._rests_until, self._now()):
            return False
        items = await self._episodes.without_text(only_new=self._only_new)
        if not items:
            return False
        await self._work_on(items[0])
        return True

    async def _work_on(self, item: FollowedEpisode) -> None:
        goal, link = transcribed_text(self._state, item), item.listed.enclosure
        self.problem = None
        try:
            if link is not None and not goal.is_file():
                make_folder(goal.parent)
                _log.info("turning the recording of %r into text", item.listed.title)
                self._began(item.listed)
                await self._transcribe(link, goal)
        except _PASSING as error:
            self.problem = error
            self._n_failures += 1
            pause = pause_after(self._n_failures, error.fields.get("retry_s"))
            self._rests_until = self._now() + pause
            _log.warning("recordings wait for %s: %s", pause, error)
        except IndexingError as error:
            _log.info("no text can be made of %r: %s", item.listed.title, error.code)
            await self._episodes.recording_failed(item, error)
        else:
            self._n_failures = 0
            await self._episodes.text_made(item)
            self._woken.set()


def transcribed_text(state: Path, item: FollowedEpisode) -> Path:
    """Return where the text of an episode's recording lies, once there is one."""
    digest = hashlib.sha256(f"{item.follow} {item.listed.key}".encode()).hexdigest()[:24]
    return state / TRANSCRIBING / "texts" / f"{digest}.json"


def as_fetched(text: Path, item: FollowedEpisode) -> Fetched:
    """Return the text of an episode's recording with what its source says of it."""
    name = stem_of(text_name(item.listed.enclosure or item.listed.title, ""))
    return Fetched(None, f"{name}.json", text.read_bytes(), "", True, item.listed.info)


async def transcribe_in_process(settings: Settings, link: str, goal: Path) -> None:
    """Turn the recording at ``link`` into text by ``counterpoint transcribe`` in a process of its own.

    Raises:
        IndexingError: it cannot be had or read, by subclass.
        TranscribingFailed, JobStalled: the process ended otherwise.
    """
    environment = environment_of(settings)
    if settings.speech_key is not None:
        environment["COUNTERPOINT_SPEECH_KEY"] = settings.speech_key.get_secret_value()
    command = [sys.executable, "-m", "bot.cli.app", "transcribe", link, "--text-to", str(goal)]
    try:
        told, status, last_words = await in_background(
            command, environment, kind=_KIND, no_progress_s=_NO_PROGRESS_S
        )
    except JobFailed as error:
        raise TranscribingFailed(kind=_KIND, status=error.status) from error
    if isinstance(told, CodedError):
        raise told
    if status:
        _log.error("%s ended with %s and said: %s", _KIND, status, last_words)
        raise TranscribingFailed(kind=_KIND, status=status)


def make_followed_recordings(
    settings: Settings,
    episodes: FollowedEpisodeTables,
    woken: asyncio.Event | None = None,
    began: Callable[[Listed], None] = lambda _: None,
) -> FollowedRecordings | None:
    """Return what turns recordings into text, or None where that is switched off."""
    if settings.transcribe == "off":
        return None
    return FollowedRecordings(
        episodes,
        settings.state_folder.absolute(),
        only_new=settings.transcribe == "new",
        transcribe=partial(transcribe_in_process, settings),
        woken=woken,
        began=began,
    )
