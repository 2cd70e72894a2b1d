"""Memory that is no longer needed goes back to the system, which by default it does not."""

import contextlib
import ctypes
from pathlib import Path

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_MADV_DONTNEED = 4


def limit_arenas() -> None:
    """Share two arenas among all threads: freed memory of one thread serves the others. No effect without glibc."""
    _set(_M_ARENA_MAX, 2)


def return_blocks(at_least_bytes: int) -> None:
    """Give freed blocks of this size and larger ones back to the system at once. No effect without glibc.

    glibc raises that limit to 32 MB when the first such block is freed. From then on every picture, which is drawn in
    blocks of a few megabytes on one of several threads, leaves holes that are never used up: 80 MB after a dozen.
    """
    _set(_M_MMAP_THRESHOLD, at_least_bytes)
    _set(_M_TRIM_THRESHOLD, at_least_bytes)


def trim() -> None:
    """Give all freed memory back to the system. No effect without glibc."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)


def release_mapped_pages(suffixes: frozenset[str]) -> None:
    """Let go of the pages of read-only mapped data files; those that are looked at again come from the page cache.

    Opening an index and a model reads their files once, and copies parts of them into another form.

    Args:
        suffixes: of the files, such as ``.bin``. Never of libraries, whose pages have been changed in memory.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
            addresses, permissions, _, _, _, *path = line.split(maxsplit=5)
            if permissions.startswith("r--") and path and Path(path[0]).suffix in suffixes:
                start, end = (int(address, 16) for address in addresses.split("-"))
                libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def _set(parameter: int, value: int) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(parameter, value)
