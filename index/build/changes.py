"""Differences between the library and the episodes that an edition was built from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.library.episodes import digest
from index.library.stamps import stamp
from index.storage.queries import Seen


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
