"""Whether an episode's folder is as it was when its digest was taken, told without reading its files.

A stamp is made of what the file system says of each file: name, number, size, and the times of its last change. Of
these the change time is set by the kernel whenever a file is written, renamed or given other times, so that a
stamp that has not changed stands for bytes that have not. Git's index decides by the same facts.
"""

import hashlib
import os
import time
from pathlib import Path
from stat import S_ISLNK, S_ISREG

SETTLED_AFTER_S = 3.0
"""A file that changed less than so long ago might change again within one tick of the file system's clock."""


def stamp(library: Path, slug: str, *, now_s: float | None = None) -> str | None:
    """Hex digits that stay as long as no file in the folder of ``slug`` changes; None where that cannot be said.

    That is so where anything in it is a link or changed within the last ``SETTLED_AFTER_S`` (or in the future, by
    its clock), where the folder is a link itself, and where it cannot be listed. Hidden files do not count, as they
    do not for ``library.digest``.

    Args:
        library: folder of episodes.
        slug: of one of them.
        now_s: the time, as ``time.time`` has it, from before the files were read; the clock's where None.
    """
    newest_ns = int(((time.time() if now_s is None else now_s) - SETTLED_AFTER_S) * 1e9)
    hashed = hashlib.sha256()
    folder = f"{library}/{slug}"
    try:
        if os.path.islink(folder):  # noqa: PTH114 - a path object for each folder would take most of the time
            return None
        with os.scandir(folder) as entries:
            found = sorted(
                (entry.name, entry.stat(follow_symlinks=False)) for entry in entries if entry.name[0] != "."
            )
    except OSError:
        return None
    for name, facts in found:
        if S_ISREG(facts.st_mode):
            if max(facts.st_mtime_ns, facts.st_ctime_ns) > newest_ns:
                return None
            said = (name, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
            hashed.update(repr(said).encode("utf-8", "surrogateescape"))
        elif S_ISLNK(facts.st_mode):
            return None
    return hashed.hexdigest()
