"""Workers of a Ray cluster, which read, cut, embed and score the episodes of a build; no other module uses Ray.

The builder sends a few episodes at a time, as the bytes of their files, and once the models, as the files of their
exports. So a machine of the cluster needs Counterpoint and nothing else: no library, no state folder, no PyTorch, no
network beside the cluster's. What comes back is written in the library's order by the builder alone, so the edition is
the one that a single process makes. A worker holds nothing that others need: if it ends, Ray gives its episodes to
another one.

Episodes are first cut, and then embedded and scored by a second task, since only the builder knows which windows the
edition before had. Installed with the extra ``counterpoint[ray]``.
"""

import asyncio
import functools
import importlib.metadata
import os
import pickle
import secrets
import socket
import sys
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import ray
from ray.exceptions import RayError, RayTaskError

from index.build.episode_workers import prepare_or_fail
from index.build.preparation import FinishedEpisode, Models, Prepared, finish
from index.build.previous_edition import KnownVectors
from index.build.progress import Failure, Progress, Stopwatch
from index.errors import (
    ClusterIdle,
    ClusterUnreachable,
    IndexingError,
    WorkersLost,
    WorkerUnfit,
)
from index.library.episodes import episode_files
from index.storage.queries import Seen
from index.storage.schema import SCHEMA_VERSION
from index.text.slicing import SLICING_VERSION
from scoring.scorer import RULES_VERSION

LOCAL, AUTO = "local", "auto"
"""Addresses: a cluster that is started here and ends with the build, and the one that this machine belongs to."""

_EPISODES_A_SHARE = 4
_SHARES_A_CORE = (
    3  # one that is worked on, and others that wait for it or for those before them to be written
)
_TRIES_AGAIN = 3
_KNOCKS_FOR_S = 5.0
_FIRST_ANSWER_S = 300.0
_LONGEST_SHARE_S = 3600.0
_LONGEST_PROBLEM = 200
_LONGEST_FOLDER = 25  # characters; a socket's path has 107 at most, of which Ray takes some 75

Halves = npt.NDArray[np.float16]
_Known = tuple[npt.NDArray[np.bool_], Halves]
_BuildVersion = tuple[str, int, int, int]
_Share = list["_Sent | Prepared | Failure"]


@dataclass(frozen=True, slots=True)
class _Sent:
    """An episode as a worker gets it: its name, the state of its folder, and the bytes of its files."""

    slug: str
    seen: Seen
    files: Mapping[str, bytes]


class RayWorkers:
    """Works on episodes with the processors of a Ray cluster, a few episodes a task.

    Args:
        address: ``HOST:PORT`` of a cluster that this machine belongs to, or ``auto``; ``ray://HOST:PORT`` of another;
            ``local`` for one of this machine's own that ends with the build.
        cores: processors of a local cluster; 0 means all that this process may run on.
        models: what embeds and scores.
    """

    def __init__(self, address: str, cores: int, models: Models) -> None:
        self._address, self._cores, self._models = address, cores, models

    async def finished(
        self,
        library: Path,
        wanted: Mapping[str, Seen],
        known: KnownVectors | None,
        progress: Progress,
        watch: Stopwatch,
    ) -> AsyncGenerator[FinishedEpisode | Failure, None]:
        """Yield as ``EpisodeWorkers`` has it.

        Raises:
            ClusterUnreachable, ClusterIdle, WorkerUnfit, WorkersLost: the cluster does not do it.
        """
        with _connected(self._address, self._cores):
            await self._answer(_task(_cut, 2).remote(_build_version(), [])[1], _FIRST_ANSWER_S)
            models = ray.put(pickle.dumps(self._models))
            watch.lap("cluster")
            shares = _shares(library, wanted)
            pending: deque[asyncio.Task[list[FinishedEpisode | Failure]]] = deque()
            try:
                while True:
                    for share in islice(shares, max(0, _most_at_once() - len(pending))):
                        pending.append(asyncio.create_task(self._work(share, models, known, progress)))
                    if not pending:
                        break
                    for outcome in await pending.popleft():
                        yield outcome
                watch.lap("embed and score")
            finally:
                for task in pending:
                    task.cancel()
                await asyncio.gather(*pending, return_exceptions=True)

    async def _work(
        self, share: _Share, models: Any, known: KnownVectors | None, progress: Progress
    ) -> list[FinishedEpisode | Failure]:
        """Return the outcomes of a share, which goes through two tasks."""
        try:
            prepared, keys = _task(_cut, 2).remote(_build_version(), share)
            found = None
            if known is not None:
                is_known, vectors = known.of(await self._answer(keys, _LONGEST_SHARE_S))
                found = is_known, vectors.astype(np.float16)
            done = _task(_embed_and_score, 1).remote([models], prepared, found)
            outcomes: list[FinishedEpisode | Failure] = await self._answer(done, _LONGEST_SHARE_S)
        except RayError as error:
            problem = type(error).__name__
            raise WorkersLost(first=share[0].slug, last=share[-1].slug, problem=problem) from error
        progress.advance(len(share))
        return outcomes

    async def _answer(self, reference: Any, limit_s: float) -> Any:
        """Return what a task returned, or raise what it raised.

        Raises:
            ClusterIdle: it took longer than ``limit_s``.
            WorkerUnfit: the machine has no Counterpoint.
        """
        try:
            return await asyncio.wait_for(asyncio.wrap_future(reference.future()), limit_s)
        except RayTaskError as error:
            if isinstance(error, ImportError) or "failed to import" in str(error.cause):
                raise WorkerUnfit(host=error.ip, problem="no_counterpoint") from error
            raise error.cause from error
        except TimeoutError as error:
            raise ClusterIdle(address=self._address, limit_s=limit_s) from error


@contextmanager
def _connected(address: str, cores: int) -> Iterator[None]:
    """Belong to the cluster at ``address``; at the end all that it still does for this build is ended.

    Raises:
        ClusterUnreachable: there is none, or it takes this program not in.
    """
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "CRITICAL"}
    # Else it prints that a worker ended among what this program prints; Ray has no setting for it.
    ray._private.worker._worker_logs_enabled = False
    with tempfile.TemporaryDirectory(
        prefix="ray-", dir=_short_folder(), ignore_cleanup_errors=True
    ) as folder:
        if address == LOCAL:
            # Ray's ports are open to the network, so they ask for a token; this one is nobody else's.
            os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
            os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
            # By itself Ray lets all else on the machine go first; it spells the name like this.
            os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
            options |= {"num_cpus": cores or len(os.sched_getaffinity(0)), "include_dashboard": False}
            options |= {"_node_ip_address": "127.0.0.1", "_temp_dir": folder}
        elif address != AUTO:
            _knock(address)
        try:
            try:
                with _quiet():
                    ray.init(address=address, **options)
            except (RayError, OSError, RuntimeError, ValueError, TimeoutError) as error:
                raise ClusterUnreachable(address=address, problem=_in_short(error)) from error
            yield
        finally:
            ray.shutdown()


def _short_folder() -> str:
    """Return a folder for temporary files in which Ray's sockets have names that the system takes."""
    folder = tempfile.gettempdir()
    return folder if len(folder) <= _LONGEST_FOLDER else "/tmp"  # noqa: S108 - a folder of our own is made in it


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what is written to the error stream nowhere: Ray's own code writes each of its attempts there."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _knock(address: str) -> None:
    """Check that something listens at ``address``: Ray itself would wait for it for minutes.

    Raises:
        ClusterUnreachable: nothing does, or it is no address.
    """
    try:
        parts = urlsplit(address if "://" in address else f"gcs://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise ClusterUnreachable(address=address, problem="no_address")
    try:
        socket.create_connection((host, port), timeout=_KNOCKS_FOR_S).close()
    except OSError as error:
        raise ClusterUnreachable(address=address, problem="no_answer") from error


def _in_short(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:_LONGEST_PROBLEM].rstrip(".")


def _most_at_once() -> int:
    """Return how many shares are on their way at once; machines come and go."""
    return _SHARES_A_CORE * max(1, int(ray.cluster_resources().get("CPU", 1)))


def _shares(library: Path, wanted: Mapping[str, Seen]) -> Iterator[list[_Sent | Prepared | Failure]]:
    left = iter(wanted.items())
    while share := [_sent(library, slug, seen) for slug, seen in islice(left, _EPISODES_A_SHARE)]:
        yield share


def _sent(library: Path, slug: str, seen: Seen) -> _Sent | Prepared | Failure:
    """Return an episode as it is sent; what can be read in its place alone is cut here."""
    try:
        files = episode_files(library, slug)
    except IndexingError as error:
        return Failure(slug, error)
    return prepare_or_fail(library, slug, seen) if files is None else _Sent(slug, seen, files)


@functools.cache
def _task(function: Callable[..., Any], n_results: int) -> Any:
    """Return a function of this module as a task for one core of the cluster."""
    return ray.remote(function).options(num_cpus=1, num_returns=n_results, max_retries=_TRIES_AGAIN)


def _build_version() -> _BuildVersion:
    """Return what must be the same on all machines."""
    try:
        package = importlib.metadata.version("counterpoint")
    except importlib.metadata.PackageNotFoundError:
        package = ""
    return package, SLICING_VERSION, SCHEMA_VERSION, RULES_VERSION


# What follows runs on the workers.


def _cut(
    builder: _BuildVersion, share: Sequence[_Sent | Prepared | Failure]
) -> tuple[list[Prepared | Failure], list[int]]:
    """Return the episodes of a share in slices and windows, and the keys of all windows.

    Raises:
        WorkerUnfit: this machine has another Counterpoint than the ``builder``.
    """
    own = _build_version()
    if own != builder:
        raise WorkerUnfit(host=socket.gethostname(), problem=f"other_counterpoint:{own} / {builder}")
    with tempfile.TemporaryDirectory(prefix="counterpoint-") as folder:
        outcomes = [_prepared(Path(folder), episode) for episode in share]
    return outcomes, [key for outcome in outcomes if isinstance(outcome, Prepared) for key in outcome.keys]


def _prepared(library: Path, episode: _Sent | Prepared | Failure) -> Prepared | Failure:
    if not isinstance(episode, _Sent):
        return episode
    folder = library / episode.slug
    folder.mkdir()
    for name, data in episode.files.items():
        (folder / name).write_bytes(data)
    return prepare_or_fail(library, episode.slug, episode.seen)


def _embed_and_score(
    models: Sequence[Any], share: Sequence[Prepared | Failure], known: _Known | None
) -> list[FinishedEpisode | Failure]:
    """Return the finished episodes of a share.

    Args:
        models: the reference of the pickled models, in a list so that Ray does not fetch them for every task.
        share: the episodes, cut.
        known: which of their windows need not be embedded, and the vectors of these; None if all are to be.
    """
    prepared = [episode for episode in share if isinstance(episode, Prepared)]
    done = finish(
        prepared, _opened(models[0]), None if known is None else (known[0], known[1].astype(np.float32))
    )
    return [episode if isinstance(episode, Failure) else next(done) for episode in share]


_models: dict[str, Models] = {}


def _opened(reference: Any) -> Models:
    """Return the models, which are opened by the first task of a process."""
    if (name := reference.hex()) not in _models:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the other cores have workers of their own
        _models[name] = pickle.loads(ray.get(reference))  # noqa: S301 - from the builder of this build
    return _models[name]
