"""Back up the library and the community database into one archive, while a bot runs.

The archive is a gzipped tar of ``library/...``, ``state/community.db`` and, last, ``manifest.json`` with the length and
SHA-256 of each file. All else in a state folder can be made again with ``counterpoint index``.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from bot.app.community import DATABASE_FILE, CommunityDamaged
from index.errors import DiskFull, LibraryMissing
from index.files import storage_errors, sync
from index.storage import sqlite
from scoring.errors import CodedError, typed_fields

FORMAT = 1
MANIFEST = PurePosixPath("manifest.json")
LIBRARY = PurePosixPath("library")
DATABASE = PurePosixPath("state", DATABASE_FILE)

ASIDE_PREFIX, SCRATCH_PREFIX = ".before-restore-", ".restoring-"
_LEFT_OUT = (".counterpoint", ".adding-", ASIDE_PREFIX, SCRATCH_PREFIX, "lost+found")
_TRIES = 5
_IN_MEMORY_BYTES = 64 << 20


class BackupError(CodedError):
    """Base of why a backup was not made or not restored."""

    code = "backup"


@typed_fields
class BackupExists(BackupError):
    """Something lies at ``path`` already."""

    code = "backup_exists"
    path: str


@typed_fields
class BackupFolderMissing(BackupError):
    """There is no folder ``path``: made anew, it might lie on another disk than the one that was meant."""

    code = "backup_folder_missing"
    path: str


@typed_fields
class FileChanging(BackupError):
    """The file ``path`` became shorter while it was being saved."""

    code = "file_changing"
    path: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of an archive.

    Attributes:
        n_episodes: folders of the library that are not hidden.
        n_files: of the library.
        n_bytes: of all files together, uncompressed.
        has_database: whether the community database is among them.
        skipped: paths in the library that were left out, since they are neither files nor folders.
    """

    n_episodes: int
    n_files: int
    n_bytes: int
    has_database: bool
    skipped: tuple[str, ...] = ()

    @classmethod
    def of(cls, lengths: dict[PurePosixPath, int], skipped: tuple[str, ...] = ()) -> "Contents":
        """Sum up files by their lengths."""
        library = [path for path in lengths if path.parts[0] == LIBRARY.name]
        episodes = {path.parts[1] for path in library if len(path.parts) > 2 and path.parts[1][0] != "."}
        return cls(len(episodes), len(library), sum(lengths.values()), DATABASE in lengths, skipped)


def back_up(library: Path, state: Path, goal: Path) -> Contents:
    """Write a backup to the file ``goal``, which appears when it is whole. Only its owner may read it.

    Args:
        library: the library's folder. Nobody is kept from writing meanwhile; an episode is saved as it was at a moment.
        state: the state folder.
        goal: the file.

    Raises:
        BackupExists, BackupFolderMissing: there is such a file, or no folder for it; others as ``write_backup``.
    """
    if os.path.lexists(goal):  # does not raise where the name is too long
        raise BackupExists(path=str(goal))
    with storage_errors(goal.parent):
        if not goal.parent.is_dir():
            raise BackupFolderMissing(path=str(goal.parent))
        descriptor, name = tempfile.mkstemp(prefix=f".{goal.name}-", dir=goal.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                contents = write_backup(library, state, file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).rename(goal)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync(goal.parent)
    return contents


def write_backup(library: Path, state: Path, file: IO[bytes]) -> Contents:
    """Write a backup to an open file, from its beginning to its end.

    Args:
        library: as for ``back_up``.
        state: as for ``back_up``.
        file: need not be seekable.

    Raises:
        LibraryMissing, CommunityDamaged: there is nothing to save, or it cannot be read.
        FileChanging: a large file became shorter meanwhile.
        StorageError: the library cannot be read, or there is no room for a copy of the database.
        OSError: the archive cannot be written.
    """
    if not library.is_dir():
        raise LibraryMissing(path=str(library))
    with tarfile.open(fileobj=file, mode="w|gz") as archive:
        writer = _Writer(archive, state)
        if (state / DATABASE_FILE).is_file():
            writer.add_database()
        writer.add_folder(library, LIBRARY)
        writer.add_manifest()
    lengths = {name: n_bytes for name, (n_bytes, _) in writer.files.items()}
    return Contents.of(lengths, tuple(writer.skipped))


def is_saved(path: Path, state: Path) -> bool:
    """Return True for what a backup holds of the entries of a library's folder.

    Args:
        path: an entry of the library's folder.
        state: the state folder, which may be one of them.
    """
    return not path.name.startswith(_LEFT_OUT) and not (
        state.exists() and path.exists() and path.samefile(state)
    )


@dataclass(slots=True)
class _Writer:
    """An archive on its way, with length and SHA-256 of the files in it."""

    archive: tarfile.TarFile
    state: Path
    files: dict[PurePosixPath, tuple[int, str]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def add_database(self) -> None:
        """Save the community database as it is at one moment, whoever writes to it."""
        source = self.state / DATABASE_FILE
        temporary = Path(tempfile.gettempdir())
        with ExitStack() as stack:
            with storage_errors(temporary):
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="counterpoint-"))
            copy = Path(folder) / DATABASE_FILE
            try:
                sqlite.copy_database(source, copy)
                sqlite.check_database(copy)
            except sqlite.DatabaseError as error:
                if sqlite.problem_of(error) == "disk full":
                    raise DiskFull(path=str(temporary)) from error
                raise CommunityDamaged(path=str(source), problem=str(error)) from error
            found = copy.stat()
            with copy.open("rb") as opened:
                self._add(DATABASE, opened, found.st_size, found.st_mtime_ns, source=copy)

    def add_folder(self, path: Path, name: PurePosixPath, within: tuple[tuple[int, int], ...] = ()) -> None:
        """Save a folder with all in it. Links are followed, but not into a folder that the link lies in."""
        with storage_errors(path):
            found = path.stat()
        own = (found.st_dev, found.st_ino)
        if own in within:
            self.skipped.append(str(path))
            return
        with storage_errors(path):
            content = _read_folder(path, lambda entry: bool(within) or is_saved(entry, self.state))
        for file in content.files:
            goal = name / file.path.name
            if file.data is not None:
                data = io.BytesIO(file.data)
                self._add(goal, data, len(file.data), file.stamp.mtime_ns, source=file.path)
            else:
                with file.path.open("rb") as opened:
                    n_bytes = os.fstat(opened.fileno()).st_size
                    self._add(goal, opened, n_bytes, file.stamp.mtime_ns, source=file.path)
        self.skipped.extend(map(str, content.others))
        for folder in content.folders:
            self.add_folder(folder, name / folder.name, (*within, own))

    def add_manifest(self) -> None:
        """Save what the archive holds, by which a restore verifies it."""
        files = {str(name): {"bytes": n, "sha256": sha} for name, (n, sha) in self.files.items()}
        told = {"format": FORMAT, "made_at": datetime.now(UTC).isoformat(), "files": files}
        data = json.dumps(told).encode()
        member = tarfile.TarInfo(str(MANIFEST))
        member.size, member.mode = len(data), 0o644
        self.archive.addfile(member, io.BytesIO(data))

    def _add(
        self, name: PurePosixPath, file: IO[bytes], n_bytes: int, mtime_ns: int, *, source: Path
    ) -> None:
        member = tarfile.TarInfo(str(name))
        member.size, member.mode, member.mtime = n_bytes, 0o644, mtime_ns / 1e9
        reader = _HashingReader(file, source)
        try:
            self.archive.addfile(member, reader)
        except OSError as error:
            if reader.n_bytes < n_bytes and error.errno is None:  # tarfile's own: fewer bytes than announced
                raise FileChanging(path=str(name)) from error
            raise
        self.files[name] = (n_bytes, reader.digest.hexdigest())


class _HashingReader(io.RawIOBase):
    """Hands on what is read from the file at ``path``, and hashes it."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file, self._path = file, path
        self.digest = hashlib.sha256()
        self.n_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Read at most ``size`` bytes."""
        with storage_errors(self._path):  # so that it is not taken for an error of the archive
            block = self._file.read(size)
        self.digest.update(block)
        self.n_bytes += len(block)
        return block


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The file system's facts of a file; they differ where somebody has written to it."""

    n_bytes: int
    mtime_ns: int
    ctime_ns: int
    number: int

    @classmethod
    def of(cls, path: Path) -> "_Stamp":
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its bytes; None for one that is too large to be held in memory."""

    path: Path
    stamp: _Stamp
    data: bytes | None


@dataclass(frozen=True, slots=True)
class _Folder:
    """The contents of a folder: files, folders, and what is neither."""

    files: tuple[_File, ...]
    folders: tuple[Path, ...]
    others: tuple[Path, ...]


def _read_folder(path: Path, is_wanted: Callable[[Path], bool]) -> _Folder:
    """Read a folder's files as they are at one moment, so that an episode's files fit each other.

    Where somebody writes meanwhile it is read again, a few times.
    """
    for _ in range(_TRIES - 1):
        with suppress(FileNotFoundError):  # taken away between listing and reading
            folder = _read_once(path, is_wanted)
            if all(_Stamp.of(file.path) == file.stamp for file in folder.files):
                return folder
    return _read_once(path, is_wanted)


def _read_once(path: Path, is_wanted: Callable[[Path], bool]) -> _Folder:
    files, folders, others = [], [], []
    for entry in sorted(filter(is_wanted, path.iterdir())):
        if entry.is_dir():
            folders.append(entry)
        elif entry.is_file():
            stamp = _Stamp.of(entry)
            data = entry.read_bytes() if stamp.n_bytes <= _IN_MEMORY_BYTES else None
            files.append(_File(entry, stamp, data))
        else:
            others.append(entry)
    return _Folder(tuple(files), tuple(folders), tuple(others))
