"""Files between the first look and the second press: on the disk, so that a restart in between loses nothing."""

import asyncio
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app.community import CommunityDatabase
from bot.discord.admin_access import AdminRefused
from index.library.ingest import Overrides, ParsedFile, Plan, plan_episode

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
        parsed: the file.
        title, source: what the moderator said, or None.
    """

    parsed: ParsedFile
    title: str | None = None
    source: str | None = None

    def plan(self, library: Path) -> Plan:
        """Return what adding it to ``library`` would do; reads the library, writes nothing, takes a while.

        Raises:
            SlugInvalid, OverrideInvalid: it cannot be added.
        """
        return plan_episode(self.parsed, Overrides(title=self.title, source=self.source), library)


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder of files that wait, one for each preview; what belongs to it is in the database."""

    folder: Path
    community: CommunityDatabase

    async def put(self, candidate: Candidate) -> str:
        """Store ``candidate`` for a day. Return its key."""
        parsed, name = candidate.parsed, secrets.token_hex(16)
        await asyncio.to_thread(self._write, name, parsed.data)
        payload: dict[str, Any] = {"file": name, "parsed": parsed.to_json()}
        payload |= {"title": candidate.title, "source": candidate.source}
        return await self.community.keep(_KIND, payload)

    async def get(self, key: str) -> Candidate:
        """Return what ``put`` stored under ``key``.

        Raises:
            StagedGone: it is no longer there.
        """
        payload = await self.community.kept(_KIND, key)
        if payload is None or "file" not in payload:
            raise StagedGone
        try:
            data = await asyncio.to_thread((self.folder / payload["file"]).read_bytes)
            parsed = ParsedFile.from_json(payload["parsed"], data)
        except (OSError, ValueError) as error:
            raise StagedGone from error
        return Candidate(parsed, payload["title"], payload["source"])

    async def drop(self, key: str) -> None:
        """Forget the file under ``key``, if it is there."""
        payload = await self.community.kept(_KIND, key)
        if payload is not None and "file" in payload:
            await asyncio.to_thread((self.folder / payload["file"]).unlink, missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        half = self.folder / f".{name}"
        half.write_bytes(data)
        half.replace(self.folder / name)

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
