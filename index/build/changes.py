"""Differences between the library and the episodes that an edition was built from.

A folder whose stamp is the same is not read. A stamp is a hash of each file's name, inode number, size, and
modification and change times. The kernel sets the change time whenever a file is written, renamed or given other times,
so an unchanged stamp means unchanged bytes. Git's index uses the same values.
"""

import hashlib
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from index.library.episodes import digest, slugs
from index.storage.queries import Seen

SETTLED_AFTER_S = 3.0
"""A file that changed more recently might change again within one tick of the file system's clock."""

LONGEST_BUILD_S = 6 * 3600.0
"""What changed so long before an index was finished may have changed after its folder was read."""


@dataclass(slots=True)
class Changes:
    """Episodes that differ. Slugs are in order.

    Attributes:
        added, changed: present state of the folders of new and of changed episodes.
        removed: episodes that the library no longer has.
        restamped: newer stamps of folders whose contents are the same.
        unchanged: number of episodes that are the same.
    """

    added: dict[str, Seen] = field(default_factory=dict)
    changed: dict[str, Seen] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    restamped: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def compare(
    library: Path, slugs: Sequence[str], seen: Mapping[str, Seen], *, compared: Callable[[int], None]
) -> Changes:
    """Compare the folders ``slugs`` of ``library`` with their state when they were ``seen`` last.

    A folder with the same stamp is not read; any other is read, and its digest decides.

    Args:
        library: folder of episodes.
        slugs: all its episodes.
        seen: the state that an edition was built from, by slug.
        compared: called with 1 after each episode.
    """
    found = Changes(removed=sorted(set(seen) - set(slugs)))
    for slug in slugs:
        before = seen.get(slug)
        now = stamp(library, slug)
        if before is None or now is None or before.stamp != now:
            read = Seen(digest(library, slug), now)
            if before is None:
                found.added[slug] = read
            elif before.digest != read.digest:
                found.changed[slug] = read
            elif now is not None:
                found.restamped[slug] = now
        if slug not in found.added and slug not in found.changed:
            found.unchanged += 1
        compared(1)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """Numbers of episodes that differ from an index: they wait for the next one."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def waiting(library: Path, digests: Mapping[str, str], *, built_s: float) -> Waiting:
    """Return how many episodes of ``library`` an index does not have as they are; quicker than ``compare``.

    Only folders that changed since shortly before the index was built are read.

    Args:
        library: folder of episodes.
        digests: of each episode's folder when the index read it, by slug.
        built_s: when the index was built, as by ``time.time``.

    Raises:
        LibraryMissing: ``library`` is no folder.
    """
    present = slugs(library)
    changed = sum(
        _changed_at_s(library, slug) > built_s - LONGEST_BUILD_S and digest(library, slug) != digests[slug]
        for slug in present
        if slug in digests
    )
    return Waiting(
        added=sum(slug not in digests for slug in present),
        changed=changed,
        removed=len(digests.keys() - set(present)),
    )


def _changed_at_s(library: Path, slug: str) -> float:
    """Return when anything in an episode's folder changed last; infinity where that cannot be told."""
    folder = f"{library}/{slug}"
    try:
        with os.scandir(folder) as entries:
            times = [entry.stat().st_ctime for entry in entries]
        return max([os.stat(folder).st_ctime, *times])  # noqa: PTH116 - as quick as can be
    except OSError:
        return math.inf


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
