"""Files between the first look and the second press: on the disk, so that a restart in between loses nothing."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app.community import CommunityDatabase
from bot.discord.moderators import AdminRefused
from index.library.ingest import Overrides, Plan, Sidecars, plan_bytes
from index.library.ingest.sidecars import hints_of_info

STAGED_FOR_S = 24 * 3600.0
MOST_STAGED = 50

_KIND = "staged"


class StagedGone(AdminRefused):
    """A staged file is no longer there: used already, or older than a day. No fields."""

    code = "staged_gone"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A transcript that may be added.

    Attributes:
        data: its bytes.
        name: the file's, as it came.
        title, source: what the moderator said, or None.
        info: a video's metadata, keyed as yt-dlp's, or None.
    """

    data: bytes
    name: str
    title: str | None = None
    source: str | None = None
    info: Mapping[str, object] | None = None

    def plan(self, library: Path) -> Plan:
        """Return what adding it to ``library`` would do; reads the library, writes nothing, takes a while.

        Raises:
            TranscriptRejected, SlugInvalid, WishInvalid: it cannot be added.
        """
        sidecars = Sidecars() if self.info is None else Sidecars(info=hints_of_info(dict(self.info)))
        overrides = Overrides(title=self.title, source=self.source)
        return plan_bytes(self.data, self.name, overrides, library, neighbours=sidecars)


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder of files that wait, each under the digest of its bytes; what belongs to it is in the database."""

    folder: Path
    community: CommunityDatabase

    async def put(self, candidate: Candidate) -> str:
        """Store ``candidate`` for a day. Return its key."""
        digest = hashlib.sha256(candidate.data).hexdigest()
        await asyncio.to_thread(self._write, digest, candidate.data)
        payload: dict[str, Any] = {"digest": digest, "name": candidate.name}
        payload |= {"title": candidate.title, "source": candidate.source}
        payload["info"] = None if candidate.info is None else dict(candidate.info)
        return await self.community.keep(_KIND, payload)

    async def get(self, key: str) -> Candidate:
        """Return what ``put`` stored under ``key``.

        Raises:
            StagedGone: it is no longer there.
        """
        payload = await self.community.kept(_KIND, key)
        if payload is None:
            raise StagedGone
        try:
            data = await asyncio.to_thread((self.folder / payload["digest"]).read_bytes)
        except OSError as error:
            raise StagedGone from error
        return Candidate(data, payload["name"], payload["title"], payload["source"], payload["info"])

    async def drop(self, key: str) -> None:
        """Forget the file under ``key``, if it is there."""
        payload = await self.community.kept(_KIND, key)
        if payload is not None:
            await asyncio.to_thread((self.folder / payload["digest"]).unlink, missing_ok=True)

    def _write(self, digest: str, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        half = self.folder / f".{digest}"
        half.write_bytes(data)
        half.replace(self.folder / digest)

    def _sweep(self) -> None:
        """Delete the old files, and the oldest where there are too many."""
        ages = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                ages.append((time.time() - path.stat().st_mtime, path))
        ages.sort()
        for place, (age_s, path) in enumerate(ages):
            if age_s > STAGED_FOR_S or place >= MOST_STAGED - 1:
                path.unlink(missing_ok=True)
