"""The log of jobs, and the messages in Discord that show how far they are."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.app.community.store import CommunityStore, CommunityTables, Row

Outcome = Literal["running", "done", "failed", "interrupted"]

_MOST_JOBS = 500


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of the log of jobs.

    Attributes:
        id: its number; later jobs have greater ones.
        kind: what was done, such as ``reindex``.
        asked_by: id of the person who asked for it, or None.
        started_at, ended_at: in UTC; ``ended_at`` is None while it runs.
        outcome: ``interrupted`` where the program ended before the job did.
        detail: what it reported: for a failed one ``code`` and ``fields`` of its error.
    """

    id: int
    kind: str
    asked_by: int | None
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobMessage:
    """The message in Discord that shows how far a job is.

    Attributes:
        token: of the interaction; the message can be edited with it for 15 minutes.
        message_id: its id.
        locale: of the person who reads it.
    """

    token: str
    message_id: int
    locale: str


class JobLog(CommunityTables):
    """The log of jobs.

    Args:
        store, now: as of ``CommunityTables``.
        program: what tells this program from others that share the database.
    """

    def __init__(self, store: CommunityStore, now: Callable[[], datetime], program: str = "") -> None:
        super().__init__(store, now)
        self._program = program

    async def started(self, kind: str, *, asked_by: int | None = None) -> int:
        """Enter a job that begins now. Returns its number."""
        async with self._store.transaction() as connection:
            entered = await connection.execute(
                "INSERT INTO job (kind, asked_by, started_at, outcome, detail, ran_by) "
                "VALUES (?, ?, ?, 'running', '{}', ?)",
                (kind, asked_by, self._now().isoformat(), self._program),
            )
        return int(entered.lastrowid or 0)

    async def ended(self, job: int, outcome: Outcome, detail: Mapping[str, Any] | None = None) -> None:
        """Enter how the job numbered ``job`` ended, now."""
        await self._store.write(
            "UPDATE job SET ended_at = ?, outcome = ?, detail = ? WHERE id = ?",
            (self._now().isoformat(), outcome, json.dumps(detail or {}, default=str), job),
        )

    async def last(self, limit: int = 5) -> list[Job]:
        """Return the newest jobs, newest first."""
        found = await self._store.rows("SELECT * FROM job ORDER BY id DESC LIMIT ?", (limit,))
        return [_job(row) for row in found]

    async def count_of(self, person: int) -> int:
        """Return how many entries of the log of jobs a person asked for."""
        return await self._store.count("job WHERE asked_by = ?", (person,))

    async def forget(self, person: int) -> int:
        """Forget who asked for jobs, where it was this person. Returns how many there were."""
        return await self._store.write("UPDATE job SET asked_by = NULL WHERE asked_by = ?", (person,))

    async def show_message(self, job: int, message: JobMessage) -> None:
        """Remember the message that shows how far a job is, for ``unclosed_messages`` of a later program."""
        await self._store.write(
            "INSERT INTO job_message VALUES (?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET token = excluded.token, "
            "message_id = excluded.message_id, locale = excluded.locale",
            (job, message.token, message.message_id, message.locale),
        )

    async def close_message(self, job: int) -> None:
        """Forget the message of a job: it shows how the job ended, or cannot be edited any more."""
        await self._store.write("DELETE FROM job_message WHERE job = ?", (job,))

    async def unclosed_messages(self) -> list[tuple[Job, JobMessage]]:
        """Return the messages that show this program's jobs under way, with what became of the jobs; oldest first."""
        found = await self._store.rows(
            "SELECT job.*, token, message_id, locale FROM job_message JOIN job ON job.id = job_message.job "
            "WHERE coalesce(ran_by, '') = ? ORDER BY id",
            (self._program,),
        )
        return [(_job(row), JobMessage(row["token"], row["message_id"], row["locale"])) for row in found]

    async def interrupt_running(self) -> None:
        """Mark the jobs that an earlier run of this program left running as interrupted."""
        await self._store.write(
            "UPDATE job SET outcome = 'interrupted', ended_at = ? "
            "WHERE outcome = 'running' AND coalesce(ran_by, '') = ?",
            (self._now().isoformat(), self._program),
        )

    async def prune(self) -> None:
        """Forget the oldest jobs beyond the newest 500."""
        await self._store.write(
            "DELETE FROM job WHERE id NOT IN (SELECT id FROM job ORDER BY id DESC LIMIT ?)", (_MOST_JOBS,)
        )


def _job(row: Row) -> Job:
    ended_at = row["ended_at"]
    return Job(
        id=row["id"],
        kind=row["kind"],
        asked_by=row["asked_by"],
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
        outcome=row["outcome"],
        detail=json.loads(row["detail"]),
    )
