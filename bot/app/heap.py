"""How the C library's allocator keeps freed memory: by default it keeps most of what pictures take."""

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 256 << 10


def limit_arenas() -> None:
    """Share two arenas among all threads: freed memory of one thread serves the others. No effect without glibc."""
    _set(_M_ARENA_MAX, 2)


def return_large_blocks() -> None:
    """Give freed blocks of 256 kB and more back to the system. No effect without glibc.

    glibc raises that limit to 32 MB when the first such block is freed. From then on every picture, which is drawn in
    blocks of a few megabytes on one of several threads, leaves holes that are never used up: 80 MB after a dozen.
    """
    _set(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    _set(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def _set(parameter: int, value: int) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(parameter, value)
