"""Files on disk: durable writes, owner and mode, the disk's errors as typed errors, and the lock of a state folder.

Every file that the index writes for another process to read goes through here.
"""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from index.errors import (
    DiskFull,
    DiskReadOnly,
    LibraryBusy,
    NotPermitted,
    OutOfMemory,
    StorageError,
    StorageFailed,
)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})


def sync(path: Path) -> None:
    """Wait until the file or folder ``path`` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` and wait until it is on the disk; ``path`` gets owner and mode of its folder."""
    with path.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    inherit_access(path)


def replace_file(path: Path, data: bytes, *, scratch_prefix: str = ".new-") -> None:
    """Replace the contents of ``path`` by one rename: a reader sees the old bytes or the new ones."""
    scratch = path.with_name(f"{scratch_prefix}{path.name}")
    try:
        write_synced(scratch, data)
        scratch.replace(path)
    except BaseException:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise
    sync(path.parent)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file; its blocks are shared where the file system can do that."""
    with source.open("rb") as read, target.open("wb") as written:
        try:
            while os.copy_file_range(read.fileno(), written.fileno(), 1 << 30):
                pass
        except (OSError, AttributeError):  # another file system, or a kernel without it
            written.truncate(0)
            os.lseek(read.fileno(), 0, os.SEEK_SET)
            os.lseek(written.fileno(), 0, os.SEEK_SET)
            shutil.copyfileobj(read, written, 1 << 20)


def link_file(source: Path, target: Path) -> None:
    """Link ``target`` to the bytes of ``source``, or copy them where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        copy_file(source, target)


def inherit_access(path: Path, *, like: Path | None = None) -> None:
    """Give ``path``, and all that lies in it, the owner and the mode of a folder.

    A program that root runs under ``umask 077`` would otherwise leave files that the service's own user cannot read.
    Files get the folder's mode without the right to execute. Links are left alone. Owners are changed by root alone.

    Args:
        path: a file, or a folder with everything in it.
        like: the folder whose owner and mode are taken; the one that ``path`` lies in if None.
    """
    wanted = (path.parent if like is None else like).stat()
    _give(path, wanted)
    if path.is_dir() and not path.is_symlink():
        for root, folders, files in os.walk(path):
            for name in (*folders, *files):
                _give(Path(root, name), wanted)


def make_folder(path: Path) -> None:
    """Make the folder ``path`` and those above it, each with owner and mode of the one that it lies in."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        with suppress(FileExistsError):
            folder.mkdir()
            inherit_access(folder)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about a disk into an error of the project.

    Args:
        folder: named where the system's error names no file.

    Raises:
        DiskFull, DiskReadOnly, NotPermitted, StorageFailed: by the system's reason.
        OutOfMemory: the memory did not suffice.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(error, folder) from error
    except MemoryError as error:
        raise OutOfMemory(path=str(folder)) from error


def storage_error(error: OSError, folder: Path) -> StorageError | OutOfMemory:
    """Return the error of the project for ``error``, which happened in ``folder``."""
    path = str(error.filename or folder)
    if error.errno in _FULL:
        return DiskFull(path=path)
    if error.errno == errno.EROFS:
        return DiskReadOnly(path=path)
    if error.errno in _FORBIDDEN:
        return NotPermitted(path=path)
    if error.errno == errno.ENOMEM:
        return OutOfMemory(path=path)
    return StorageFailed(path=path, reason=error.strerror or type(error).__name__)


def _give(path: Path, wanted: os.stat_result) -> None:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return
    mode = stat.S_IMODE(wanted.st_mode)
    if not stat.S_ISDIR(found.st_mode):
        mode &= 0o666
    with suppress(PermissionError):  # of somebody else, who has to look after it
        if os.geteuid() == 0 and (found.st_uid, found.st_gid) != (wanted.st_uid, wanted.st_gid):
            os.chown(path, wanted.st_uid, wanted.st_gid, follow_symlinks=False)
        if stat.S_IMODE(found.st_mode) != mode:
            path.chmod(mode)


@contextmanager
def file_lock(path: Path, busy: Exception) -> Iterator[None]:
    """Hold the exclusive lock of the file ``path``, made with its folder if missing.

    The kernel frees it when the process ends. Child processes, which may live longer, do not inherit it.

    Args:
        path: of the lock's file; it stays there, empty.
        busy: raised where another process, or another block of this one, holds the lock.

    Raises:
        OSError: the file cannot be opened.
    """
    make_folder(path.parent)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if is_new:
            inherit_access(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise busy from error
        yield
    finally:
        os.close(descriptor)


@contextmanager
def build_lock(state: Path) -> Iterator[None]:
    """Hold the lock for building an edition or writing the library.

    Raises:
        LibraryBusy: another process holds it.
        StorageError: the lock's file cannot be written.
    """
    with ExitStack() as stack:
        with storage_errors(state):  # of the lock alone, not of the block
            stack.enter_context(file_lock(state / "lock", LibraryBusy(path=str(state))))
        yield
