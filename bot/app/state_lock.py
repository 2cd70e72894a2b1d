"""The lock that lets only one bot use a state folder, and no restore beside it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.files import inherit_access, make_folder, storage_errors
from scoring.errors import CodedError, typed_fields

LOCK_FILE = "bot.lock"


@typed_fields
class StateInUse(CodedError):
    """A bot, or a restore, uses the state folder ``path``."""

    code = "state_in_use"
    path: str


@contextmanager
def state_lock(state: Path) -> Iterator[None]:
    """Hold the only right to run on a state folder. The system takes it back when the process ends.

    Args:
        state: the state folder; made if missing.

    Raises:
        StateInUse: another process, or another block of this one, holds it.
        StorageError: the folder cannot be written.
    """
    path = state / LOCK_FILE
    with storage_errors(state):
        make_folder(state)
        is_new = not path.exists()
        # Not inherited by child processes, which may outlive this one.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if is_new:
            inherit_access(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateInUse(path=str(state)) from error
        yield
    finally:
        os.close(descriptor)
