"""Folders and git repositories of published transcripts. A repository is copied once and brought up to date later.

git runs without a prompt, hooks, credentials or configuration of this machine, over https alone, to an address that was
checked; links in the repository become plain files, so that none leads out of the copy.
"""

import hashlib
import ipaddress
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from index.library.ingest.filenames import parse_name, stem_of
from index.library.ingest.transcript_files import find_files
from index.library.sources.errors import (
    AddressRefused,
    FolderUnreadable,
    RepositoryUnreadable,
    SiteTookTooLong,
)
from index.library.sources.listing import MOST_LISTED, Listed, Listing
from index.library.sources.public_web import Address, checked_address, is_public

MOST_FILES = 50_000
"""Files of a repository. A few hundred bytes can name billions, of which git would write each one."""

_LARGEST_FILE_BLOCKS = 2 << 20  # of 512 bytes: 1 GiB
_MOST_MEMORY_KB = 2 << 20
_PIECE_BYTES = 65_536
_LONGEST_PROBLEM = 200
_LIMITED = f'ulimit -f {_LARGEST_FILE_BLOCKS}; ulimit -v {_MOST_MEMORY_KB}; exec git "$@"'
_NO_SUCH_PROGRAM = 127
_GIT_PROBLEMS = {
    "disk_full": re.compile("No space left on device|Disk quota exceeded"),
    "no_repository": re.compile(
        "terminal prompts disabled|Authentication failed|does not exist|not appear to be a git repository"
        "|[Rr]epository '?[^']*'? not found|returned error: 40[134]"
    ),
    "empty_repository": re.compile("couldn't find remote ref HEAD|ambiguous argument 'HEAD'"),
    "site_not_reached": re.compile(
        "Failed to connect|Couldn't connect|Connection (?:refused|reset)|timed out"
    ),
}
"""What git says (in C's locale) of what people can mend, by the code of its sentence."""


def list_folder(folder: Path, title: str | None = None) -> Listing:
    """Return the transcripts in ``folder``, at any depth; a file that changes is listed under another key.

    Raises:
        FolderUnreadable: there is no such folder.
    """
    if not folder.is_dir():
        raise FolderUnreadable(path=str(folder))
    episodes = []
    for path in find_files([folder])[:MOST_LISTED]:
        try:
            facts = path.stat()
        except OSError:
            continue
        inner = path.relative_to(folder).as_posix()
        version = hashlib.sha256(f"{facts.st_size}:{facts.st_mtime_ns}".encode()).hexdigest()[:16]
        name = parse_name(path.name).title or stem_of(path.name)
        episodes.append(Listed(key=f"{inner}@{version}", title=name[:300] or inner[:300], file=inner))
    return Listing(title or folder.name, tuple(episodes))


class Repositories:
    """Copies of git repositories in a folder.

    Args:
        folder: where they lie; made at the first copy.
        is_allowed: whether an address may be connected to.
        protocols: of git, that may be spoken; tests add ``file``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        is_allowed: Callable[[Address], bool] = is_public,
        protocols: tuple[str, ...] = ("https",),
    ) -> None:
        self._folder = folder
        self._is_allowed = is_allowed
        self._protocols = protocols

    def copy_of(self, address: str) -> Path:
        """Return the folder in which the copy of the repository at ``address`` lies, or will lie."""
        return self._folder / hashlib.sha256(address.encode()).hexdigest()[:24]

    def update(self, address: str, *, limit_s: float) -> Path:
        """Bring the copy of ``address`` up to date, and return its folder.

        Raises:
            RepositoryUnreadable, SiteTookTooLong, AddressRefused: it cannot be had.
        """
        goal, pinned = self.copy_of(address), self._pinned(address)
        if not (goal / ".git").is_dir():
            scratch = goal.with_name(f".{goal.name}.making")
            shutil.rmtree(scratch, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                options = ["--quiet", "--no-checkout", "--depth=1", "--single-branch", "--no-tags"]
                self._git([*pinned, "clone", *options, "--", address, str(scratch)], address, limit_s)
                self._check_out(scratch, "HEAD", address, limit_s)
                scratch.rename(goal)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
            return goal
        inside = ["-C", str(goal)]
        with suppress(OSError):  # left by a git that was killed
            (goal / ".git" / "index.lock").unlink()
        self._git(
            [*pinned, *inside, "fetch", "--quiet", "--depth=1", "--no-tags", "--", address, "HEAD"],
            address,
            limit_s,
        )
        self._check_out(goal, "FETCH_HEAD", address, limit_s)
        return goal

    def forget(self, address: str) -> None:
        """Delete the copy of ``address``."""
        shutil.rmtree(self.copy_of(address), ignore_errors=True)

    def _pinned(self, address: str) -> list[str]:
        """Return options that let git connect to the checked address alone."""
        parts = urlsplit(address)
        if parts.scheme == "file" and "file" in self._protocols:
            return ["-c", "core.symlinks=false"]
        checked_address(address)
        if parts.scheme not in self._protocols:
            raise AddressRefused(address=address, problem="no web address")
        host, port = parts.hostname or "", parts.port or 443
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise RepositoryUnreadable(address=address, problem="host_not_found") from error
        if not found or not all(
            self._is_allowed(ipaddress.ip_address(address.partition("%")[0])) for address in found
        ):
            raise AddressRefused(address=host, problem="private")
        return [
            "-c", f"http.curloptResolve={host}:{port}:{','.join(found)}", "-c", "http.followRedirects=false",
            "-c", "http.proxy=", "-c", "core.symlinks=false",
        ]  # fmt: skip

    def _check_out(self, copy: Path, commit: str, address: str, limit_s: float) -> None:
        """Write the files of ``commit``, unless they are too many."""
        inside = ["-C", str(copy), "-c", "core.symlinks=false"]
        with self._begun(
            [*inside, "ls-tree", "-r", "-z", "--name-only", commit], address, said=subprocess.DEVNULL
        ) as listing:
            ending = threading.Timer(limit_s, _end, [listing])
            ending.start()
            names, n_files = listing.stdout, 0
            try:
                while names is not None and n_files <= MOST_FILES and (piece := names.read(_PIECE_BYTES)):
                    n_files += piece.count(b"\0")
            finally:
                is_over = not ending.is_alive()
                ending.cancel()
                _end(listing)
        if is_over:
            raise SiteTookTooLong(host=address, limit_s=limit_s)
        if n_files > MOST_FILES:
            raise RepositoryUnreadable(address=address, problem="too_many_files")
        self._git([*inside, "reset", "--quiet", "--hard", commit], address, limit_s)

    def _git(self, arguments: list[str], address: str, limit_s: float) -> None:
        with self._begun(arguments, address) as running:
            try:
                _, said = running.communicate(timeout=limit_s)
            except BaseException as error:
                _end(running)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise SiteTookTooLong(host=address, limit_s=limit_s) from error
                raise
        if running.returncode != 0:
            problem = _problem_of(said.decode("utf-8", "replace"), running.returncode)
            raise RepositoryUnreadable(address=address, problem=problem)

    def _begun(
        self, arguments: list[str], address: str, *, said: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._folder),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "true",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ALLOW_PROTOCOL": ":".join(self._protocols),
            "GIT_LFS_SKIP_SMUDGE": "1",
            "LC_ALL": "C",
        }
        try:
            return subprocess.Popen(  # noqa: S603 - a list of arguments, addresses after "--"
                ["/bin/sh", "-c", _LIMITED, "sh", "-c", f"core.hooksPath={os.devnull}", *arguments],
                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise RepositoryUnreadable(address=address, problem=error.strerror or "git") from error


def _end(running: subprocess.Popen[bytes]) -> None:
    """End a program with all that it has started: what it fetches by may be waiting for a server for ever."""
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)


def _problem_of(said: str, status: int) -> str:
    """Return why git ended with ``status``: a code, or the last line of what it ``said`` where that is unknown."""
    if status == _NO_SUCH_PROGRAM:
        return "git_missing"
    for problem, pattern in _GIT_PROBLEMS.items():
        if pattern.search(said):
            return problem
    lines = said.strip().splitlines() or [f"git: {status}"]
    return lines[-1].removeprefix("fatal: ").rstrip(".")[:_LONGEST_PROBLEM]


def file_in(folder: Path, inner: str) -> Path:
    """Return the path of a listed file.

    Raises:
        FolderUnreadable: it is no longer there, or leads out of the folder.
    """
    path = folder / inner
    try:
        is_inside = path.resolve().is_relative_to(folder.resolve()) and path.is_file()
    except OSError:
        is_inside = False
    if not is_inside:
        raise FolderUnreadable(path=str(path))
    return path
