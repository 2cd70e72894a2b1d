"""Change stamps: detection of changes to an episode's folder without reading its files.

A stamp is a hash of each file's name, inode number, size, and modification and change times. The kernel sets the
change time whenever a file is written, renamed or given other times, so an unchanged stamp means unchanged bytes.
Git's index uses the same values.
"""

import hashlib
import os
import time
from pathlib import Path
from stat import S_ISLNK, S_ISREG

SETTLED_AFTER_S = 3.0
"""A file that changed more recently might change again within one tick of the file system's clock."""


def stamp(library: Path, slug: str, *, now_s: float | None = None) -> str | None:
    """Return a hex digest that stays the same while no file in the folder of ``slug`` changes, or None.

    It is None if anything in the folder is a link or changed within the last ``SETTLED_AFTER_S`` (or in the future,
    by its clock), if the folder itself is a link, and if it cannot be listed. Hidden files are ignored, as in
    ``episodes.digest``.

    Args:
        library: folder of episodes.
        slug: name of an episode.
        now_s: the time in seconds, as by ``time.time``, before the files were read; now if None.
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
            identity = (name, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
            hashed.update(repr(identity).encode("utf-8", "surrogateescape"))
        elif S_ISLNK(facts.st_mode):
            return None
    return hashed.hexdigest()
