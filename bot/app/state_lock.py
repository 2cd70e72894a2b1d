"""The lock that lets only one bot use a state folder, and no restore beside it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from index.files import file_lock, storage_errors
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
    with ExitStack() as stack:
        with storage_errors(state):  # of the lock alone, not of the block
            stack.enter_context(file_lock(state / LOCK_FILE, StateInUse(path=str(state))))
        yield
