"""What the library says now, set against what an edition has read of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.library.episodes import digest
from index.library.stamps import stamp
from index.storage.queries import Seen


@dataclass(slots=True)
class Changes:
    """What differs. Slugs are in order.

    Attributes:
        added, changed: what the folders of new and of changed episodes say now.
        removed: episodes that the library no longer has.
        restamped: newer stamps of folders that still say what they said.
        unchanged: how many are as they were.
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
    """Set the folders ``slugs`` of ``library`` against what was ``seen`` of them.

    A folder whose stamp is the one it had is not read; any other is, and what it says decides.

    Args:
        library: folder of episodes.
        slugs: all its episodes.
        seen: what an edition has read, by slug.
        compared: told of each episode that is done.
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
