"""The one lock for building an edition and for writing the library."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import LibraryBusy


@contextmanager
def build_lock(state: Path) -> Iterator[None]:
    """Hold the one right to build or to write the library; it ends with the process, whatever happens.

    Raises:
        LibraryBusy: another process holds it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LibraryBusy(path=str(state)) from error
        yield
