"""Restore a backup: unpacked and verified beside what is there, which is then moved aside."""

import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import BaseModel, ValidationError

from bot.app.backup import (
    ASIDE_PREFIX,
    DATABASE,
    FORMAT,
    LIBRARY,
    MANIFEST,
    SCRATCH_PREFIX,
    BackupError,
    Contents,
    is_saved,
)
from bot.app.community import DATABASE_FILE, MIGRATIONS
from bot.app.state_lock import state_lock
from index.errors import DiskFull
from index.files import build_lock, inherit_access, make_folder, storage_errors, sync
from index.storage import sqlite
from scoring.errors import typed_fields

MOST_KEPT_ASIDE = 3
"""At most so many earlier states are kept by restores, in each folder; the oldest are deleted."""

_BLOCK_BYTES = 1 << 20
_MOST_FILES = 1_000_000
_LARGEST_MANIFEST_BYTES = 1 << 28
_LONGEST_NAME_BYTES = 255
_FREE_BYTES = 16 << 20
_DAMAGED = (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error, UnicodeError)


@typed_fields
class BackupDamaged(BackupError):
    """The archive ``path`` is no backup, or damaged; ``problem`` is a code of the catalogue's ``[problem]``."""

    code = "backup_damaged"
    path: str
    problem: str


@typed_fields
class BackupUnsafe(BackupError):
    """The archive ``path`` holds ``member``, which is in no backup of this program: a link, or a path that climbs."""

    code = "backup_unsafe"
    path: str
    member: str


@typed_fields
class BackupTooNew(BackupError):
    """The archive ``path`` was made by a newer version of this program."""

    code = "backup_too_new"
    path: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The outcome of a restore.

    Attributes:
        contents: of the archive.
        made_at: when the archive was made; None for one of an older version, which has no manifest.
        aside: folders that hold what was there before.
        deleted: such folders of earlier restores that were deleted, since there were too many.
    """

    contents: Contents
    made_at: datetime | None
    aside: tuple[Path, ...]
    deleted: tuple[Path, ...]


class _SavedFile(BaseModel):
    bytes: int
    sha256: str


class _Manifest(BaseModel):
    format: int
    made_at: datetime
    files: dict[str, _SavedFile]


def restore(file: IO[bytes], name: str, library: Path, state: Path) -> Restored:
    """Put the library and the community database of a backup in the place of those that are there.

    All of the archive is unpacked beside them and verified before anything is touched. What is there is moved aside,
    and nothing but the oldest of such folders is deleted. A restore that was killed can be repeated. What is restored
    gets the owner and mode of the folder that it lies in.

    Args:
        file: the archive, read once from its beginning; of this version or an older one.
        name: of the archive, for errors.
        library: the library's folder; made if missing.
        state: the state folder; made if missing. Derived files in it are left alone.

    Raises:
        StateInUse, LibraryBusy: a bot runs, or an index is being built.
        BackupDamaged, BackupUnsafe, BackupTooNew: the archive cannot be used.
        StorageError: the archive cannot be read, or the folders cannot be written.
    """
    with ExitStack() as stack:
        stack.enter_context(storage_errors(library))
        stack.enter_context(state_lock(state))
        stack.enter_context(build_lock(state))
        make_folder(library)
        new_library = stack.enter_context(_scratch_in(library))
        new_state = stack.enter_context(_scratch_in(state))
        unpacked = _Unpacked(name, new_library, new_state)
        unpacked.read(file)
        made_at = unpacked.verified_at()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = []
        if any(path.parts[0] == LIBRARY.name for path in unpacked.files):
            inherit_access(new_library, like=library)
            old = [entry for entry in library.iterdir() if is_saved(entry, state)]
            aside.append(_swap(library, new_library, old, library / f"{ASIDE_PREFIX}{stamp}"))
        if DATABASE in unpacked.files:
            _take_access(new_state / DATABASE_FILE, state)
            old = [state / f"{DATABASE_FILE}{suffix}" for suffix in ("", "-wal", "-shm")]
            old = [entry for entry in old if os.path.lexists(entry)]
            aside.append(_swap(state, new_state, old, state / f"{ASIDE_PREFIX}{stamp}"))
        deleted = [gone for folder in (library, state) for gone in _delete_oldest(folder)]
        return Restored(
            Contents.of({path: n_bytes for path, (n_bytes, _) in unpacked.files.items()}),
            made_at,
            tuple(filter(None, aside)),
            tuple(deleted),
        )


class _Unpacked:
    """An archive on its way into two scratch folders, with length and SHA-256 of each file."""

    def __init__(self, name: str, library: Path, state: Path) -> None:
        self._name = name
        self._folders = {LIBRARY.name: library, DATABASE.parts[0]: state}
        self._manifest: _Manifest | None = None
        self.files: dict[PurePosixPath, tuple[int, str]] = {}

    def read(self, file: IO[bytes]) -> None:
        """Unpack all of it.

        Raises:
            BackupDamaged, BackupUnsafe, BackupTooNew, DiskFull: it cannot be.
        """
        try:
            with (
                gzip.GzipFile(fileobj=file, mode="rb") as plain,
                tarfile.open(fileobj=plain, mode="r|") as archive,
            ):
                for member in archive:
                    self._take(archive, member)
                self._read_end(archive)
        except _DAMAGED as error:
            raise BackupDamaged(path=self._name, problem="no backup or cut short") from error

    @staticmethod
    def _read_end(archive: tarfile.TarFile) -> None:
        """Read on to the end, where gzip holds its checksum: there are only zeros.

        ``tarfile`` takes a damaged header for the end, and so would miss what follows, the manifest among it.
        """
        stream = archive.fileobj
        while stream is not None and (block := stream.read(_BLOCK_BYTES)):
            if any(block):
                raise tarfile.ReadError

    def verified_at(self) -> datetime | None:
        """Return when the archive was made, if its files are what they were; None where an older version made it.

        Raises:
            BackupDamaged, BackupTooNew: they are not, or cannot be used.
        """
        if not self.files:
            raise BackupDamaged(path=self._name, problem="no backup or cut short")
        if self._manifest is not None:
            told = {
                PurePosixPath(name): (saved.bytes, saved.sha256)
                for name, saved in self._manifest.files.items()
            }
            if told != self.files:
                raise BackupDamaged(path=self._name, problem="checksums differ")
        if DATABASE in self.files:
            try:
                version = sqlite.check_database(self._folders[DATABASE.parts[0]] / DATABASE_FILE)
            except sqlite.DatabaseError as error:
                raise BackupDamaged(path=self._name, problem="database damaged") from error
            if version > len(MIGRATIONS):
                raise BackupTooNew(path=self._name)
        return None if self._manifest is None else self._manifest.made_at

    def _take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        path = self._checked(member)
        if member.isdir():
            return
        content = archive.extractfile(member)
        if content is None:
            raise BackupUnsafe(path=self._name, member=member.name)
        if path == MANIFEST:
            self._manifest = self._read_manifest(content, member.size)
            return
        goal = self._folders[path.parts[0]].joinpath(*path.parts[1:])
        if shutil.disk_usage(self._folders[path.parts[0]]).free < member.size + _FREE_BYTES:
            raise DiskFull(path=str(self._folders[path.parts[0]].parent))
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            with goal.open("xb") as written:
                self.files[path] = _copy(content, written)
        except (FileExistsError, NotADirectoryError) as error:  # a name twice, or a folder where a file lies
            raise BackupUnsafe(path=self._name, member=member.name) from error
        os.utime(goal, (member.mtime, member.mtime))

    def _checked(self, member: tarfile.TarInfo) -> PurePosixPath:
        """Return where a member belongs, by parts that are plain names below ``library`` or ``state``."""
        parts = member.name.rstrip("/").split("/")
        is_plain = all(
            part not in ("", ".", "..") and "\0" not in part and len(os.fsencode(part)) <= _LONGEST_NAME_BYTES
            for part in parts
        )
        path = PurePosixPath(*parts) if is_plain else PurePosixPath()
        if member.isdir():
            is_known = parts[0] in self._folders
        else:
            is_file = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
            is_inside = (
                parts[0] == LIBRARY.name
                and len(parts) > 1
                and is_saved(Path(parts[1]), Path(os.devnull, "x"))
            )
            is_known = is_file and (is_inside or path in (DATABASE, MANIFEST))
        if not is_plain or not is_known or len(self.files) >= _MOST_FILES:
            raise BackupUnsafe(path=self._name, member=member.name)
        return path

    def _read_manifest(self, content: IO[bytes], n_bytes: int) -> _Manifest:
        if n_bytes > _LARGEST_MANIFEST_BYTES:
            raise BackupDamaged(path=self._name, problem="too large")
        try:
            manifest = _Manifest.model_validate_json(content.read())
        except ValidationError as error:
            raise BackupDamaged(path=self._name, problem="no backup or cut short") from error
        if manifest.format > FORMAT:
            raise BackupTooNew(path=self._name)
        return manifest


def _copy(source: IO[bytes], goal: IO[bytes]) -> tuple[int, str]:
    """Copy all bytes and wait until they are on the disk. Return how many there were, and their SHA-256."""
    n_bytes, digest = 0, hashlib.sha256()
    while block := source.read(_BLOCK_BYTES):
        goal.write(block)
        digest.update(block)
        n_bytes += len(block)
    goal.flush()
    os.fsync(goal.fileno())
    return n_bytes, digest.hexdigest()


@contextmanager
def _scratch_in(folder: Path) -> Iterator[Path]:
    """Make a hidden folder for the time of the block, in the place of those that killed restores have left."""
    for left in folder.glob(f"{SCRATCH_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=folder))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _swap(folder: Path, new: Path, old: Sequence[Path], aside: Path) -> Path | None:
    """Move ``old`` entries of a folder into ``aside``, and all that lies in ``new`` into their place.

    Where that fails on the way, everything is moved back.

    Returns:
        ``aside``, or None where nothing was there.
    """
    moved: list[tuple[Path, Path]] = []

    def move(entry: Path, goal: Path) -> None:
        entry.rename(goal)
        moved.append((entry, goal))

    try:
        if old:
            aside.mkdir()
            inherit_access(aside)
        for entry in old:
            move(entry, aside / entry.name)
        for entry in sorted(new.iterdir()):
            move(entry, folder / entry.name)
    except BaseException:
        for entry, goal in reversed(moved):
            goal.rename(entry)
        with suppress(OSError):
            aside.rmdir()
        raise
    sync(folder)
    return aside if old else None


def _take_access(new: Path, state: Path) -> None:
    """Give the new community database the owner of the state folder; its mode as before, or for its owner alone."""
    before = state / DATABASE_FILE
    mode = before.stat().st_mode & 0o666 if before.is_file() and not before.is_symlink() else 0o600
    inherit_access(new, like=state)
    new.chmod(mode)


def _delete_oldest(folder: Path) -> Iterator[Path]:
    kept = sorted(path for path in folder.glob(f"{ASIDE_PREFIX}*") if path.is_dir() and not path.is_symlink())
    for path in kept[:-MOST_KEPT_ASIDE]:
        shutil.rmtree(path, ignore_errors=True)
        yield path
