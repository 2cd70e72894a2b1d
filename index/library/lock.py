"""Lock for building an edition and for writing the library."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import LibraryBusy
from index.files import inherit_access, make_folder, storage_errors


@contextmanager
def build_lock(state: Path) -> Iterator[None]:
    """Hold the lock for building an edition or writing the library; the kernel frees it when the process ends.

    Raises:
        LibraryBusy: another process holds it.
        StorageError: the lock's file cannot be written.
    """
    path = state / "lock"
    with storage_errors(state):
        make_folder(state)
        is_new = not path.exists()
        handle = path.open("a")
        if is_new:
            inherit_access(path)
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LibraryBusy(path=str(state)) from error
        yield
