"""Programs that end in the middle of writing."""

import os
from collections.abc import Callable


def run_until_sync(work: Callable[[], object], *, n_syncs: int) -> None:
    """Do ``work`` in a process of its own, which ends where it would have something on the disk for the next time.

    Args:
        work: what is done; it writes durably by ``os.fsync``.
        n_syncs: how often it may before.
    """
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    left = n_syncs

    def dying(_: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os._exit(9)

    os.fsync = dying  # type: ignore[assignment]
    try:
        work()
    finally:
        os._exit(0)
