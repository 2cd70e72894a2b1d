"""Messages that the bot sends by itself, each exactly once: what is to be sent, what is on its way, what was sent.

A message is put here in the transaction of what it tells of. To send it, it is first marked ``sending``, then sent with
a nonce that stays the same for ever, then marked ``sent``. If the program dies in between, the message is looked for at
its goal before it is sent again, and Discord itself takes no second one with the same nonce within some minutes. What
can neither be found nor be sent again with certainty ends as ``unsure``: rather never than twice.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal

from bot.app.community.store import CommunityTables, Row, Transaction

SCHEMA = """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        about TEXT NOT NULL UNIQUE,
        goal TEXT NOT NULL CHECK (goal IN ('channel', 'person')),
        goal_id INTEGER NOT NULL,
        payload TEXT NOT NULL,
        nonce TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'unsure', 'refused')),
        created_at TEXT NOT NULL,
        sending_since TEXT,
        n_tries INTEGER NOT NULL DEFAULT 0,
        next_try_at TEXT NOT NULL,
        problem TEXT,
        message_id INTEGER
    ) STRICT;
    CREATE INDEX outbox_by_state ON outbox (state, next_try_at)
    """

Goal = Literal["channel", "person"]
Kind = Literal["episode", "alert", "alerts_ended", "digest"]
SendState = Literal["waiting", "sending", "sent", "unsure", "refused"]

GIVEN_UP_AFTER = timedelta(days=7)
"""A message that could not be sent for so long is given up."""

MESSAGES_KEPT_FOR = timedelta(days=60)
"""So long a sent message to a person is kept; those to channels stay, so that nothing is announced again."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
_SHORTEST_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class OutMessage:
    """A message to be sent.

    Attributes:
        id: its number.
        kind: what it is.
        about: what it tells whom; unique.
        goal, goal_id: a channel or a person, by Discord's number.
        payload: what its text is made of.
        nonce: at most 25 characters, the same for ever.
        state: ``sending`` where an earlier try may have reached Discord.
        created_at: in UTC.
        sending_since: when it was first tried; None before.
        n_tries: tries that failed.
    """

    id: int
    kind: Kind
    about: str
    goal: Goal
    goal_id: int
    payload: dict[str, Any]
    nonce: str
    state: SendState
    created_at: datetime
    sending_since: datetime | None
    n_tries: int


def stamp_of(at: datetime) -> str:
    """Return a moment to the second, such as ``20261129T213000``: it tells a goal's messages of one kind apart."""
    return at.strftime("%Y%m%dT%H%M%S")


async def put_message(
    connection: Transaction,
    kind: Kind,
    about: str,
    *,
    to: Goal,
    to_id: int,
    payload: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Put a message into the outbox within a transaction. Return False if one about the same was put there before."""
    at = now.isoformat()
    entered = await connection.execute(
        "INSERT INTO outbox (kind, about, goal, goal_id, payload, nonce, state, created_at, next_try_at) "
        "VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (about) DO NOTHING",
        (kind, about, to, to_id, json.dumps(payload), f"cp{secrets.token_hex(10)}", at, at),
    )
    return entered.rowcount > 0


class Outbox(CommunityTables):
    """The messages that the bot sends by itself."""

    async def due(self, limit: int = 20) -> list[OutMessage]:
        """Return the messages whose time has come, oldest first; those on their way before all others."""
        found = await self._store.rows(
            "SELECT * FROM outbox WHERE state IN ('waiting', 'sending') "
            "AND (next_try_at <= ? OR next_try_at > ?) ORDER BY state, id LIMIT ?",
            (*self._due_bounds(), limit),
        )
        return [_message(row) for row in found]

    async def begin(self, message: OutMessage) -> bool:
        """Mark a message as on its way, before anything is sent.

        Return False where another program that shares the database has begun or sent it since it was read.
        """
        since = message.sending_since
        n_marked = await self._store.write(
            "UPDATE outbox SET state = 'sending', sending_since = coalesce(sending_since, ?) "
            "WHERE id = ? AND state = ? AND sending_since IS ?",
            (
                self._now().isoformat(),
                message.id,
                message.state,
                None if since is None else since.isoformat(),
            ),
        )
        return n_marked > 0

    async def sent(self, message: OutMessage, message_id: int) -> None:
        """Mark a message as sent, under Discord's number for it."""
        await self._store.write(
            "UPDATE outbox SET state = 'sent', message_id = ?, problem = NULL WHERE id = ?",
            (message_id, message.id),
        )

    async def refused(self, message: OutMessage, problem: str) -> None:
        """Enter that Discord took nothing; tried again more and more seldom, given up after a week."""
        state: SendState = "refused" if self.is_old(message) else "waiting"
        await self._store.write(
            "UPDATE outbox SET state = ?, sending_since = NULL, n_tries = n_tries + 1, problem = ?, next_try_at = ? "
            "WHERE id = ?",
            (state, problem, self._after_pause(message, _FIRST_PAUSE), message.id),
        )

    async def unclear(self, message: OutMessage, problem: str) -> None:
        """Enter that nobody knows whether Discord took the message, or that it could not be looked for.

        A message on its way stays so. It is looked for soon, then more and more seldom, and given up after a week.
        """
        given_up = "CASE state WHEN 'sending' THEN 'unsure' ELSE 'refused' END"
        await self._store.write(
            f"UPDATE outbox SET state = {given_up if self.is_old(message) else 'state'}, n_tries = n_tries + 1, "  # noqa: S608
            "problem = ?, next_try_at = ? WHERE id = ?",
            (problem, self._after_pause(message, _SHORTEST_PAUSE), message.id),
        )

    def is_old(self, message: OutMessage) -> bool:
        """Return True if a message is given up the next time that it cannot be sent."""
        return self._now() - message.created_at > GIVEN_UP_AFTER

    def _after_pause(self, message: OutMessage, first: timedelta) -> str:
        """Return when a message is tried again: after ``first``, and twice as long each time."""
        pause: timedelta = min(_LONGEST_PAUSE, first * 2 ** min(message.n_tries, 12))
        return (self._now() + pause).isoformat()

    async def unsure(self, message: OutMessage, problem: str) -> None:
        """Give up a message that may have been sent and can neither be found nor safely be sent again."""
        await self._store.write(
            "UPDATE outbox SET state = 'unsure', problem = ? WHERE id = ?", (problem, message.id)
        )

    async def give_up(self, message: OutMessage, problem: str | None = None) -> None:
        """Give up a message: without a ``problem`` it has nothing to tell, such as of an episode that was removed."""
        await self._store.write(
            "UPDATE outbox SET state = 'refused', problem = ? WHERE id = ?", (problem, message.id)
        )

    async def troubles(
        self, is_wanted: Callable[[OutMessage], bool] = lambda _: True, *, limit: int = 5
    ) -> list[tuple[OutMessage, str]]:
        """Return the newest messages that met a problem, with it; those given up for as long again.

        Args:
            is_wanted: False for messages that are left out.
            limit: messages at most.
        """
        since = (self._now() - GIVEN_UP_AFTER).isoformat()
        found = await self._store.rows(
            "SELECT * FROM outbox WHERE problem IS NOT NULL AND state != 'sent' AND next_try_at > ? ORDER BY id DESC",
            (since,),
        )
        wanted = ((message, row["problem"]) for row in found if is_wanted(message := _message(row)))
        return list(islice(wanted, limit))

    async def forget(self, person: int) -> int:
        """Forget every message to a person. Returns how many there were."""
        return await self._store.write("DELETE FROM outbox WHERE goal = 'person' AND goal_id = ?", (person,))

    async def n_waiting(self) -> int:
        """Return how many messages wait to be sent or are on their way."""
        return await self._store.count("outbox WHERE state IN ('waiting', 'sending')")

    async def count_for(self, person: int) -> int:
        """Return how many messages to a person are kept."""
        return await self._store.count("outbox WHERE goal = 'person' AND goal_id = ?", (person,))

    async def prune(self) -> None:
        """Forget old messages to people that were sent or given up."""
        oldest = (self._now() - MESSAGES_KEPT_FOR).isoformat()
        await self._store.write(
            "DELETE FROM outbox WHERE goal = 'person' AND state NOT IN ('waiting', 'sending') AND created_at < ?",
            (oldest,),
        )


def _message(row: Row) -> OutMessage:
    since = row["sending_since"]
    return OutMessage(
        id=row["id"],
        kind=row["kind"],
        about=row["about"],
        goal=row["goal"],
        goal_id=row["goal_id"],
        payload=json.loads(row["payload"]),
        nonce=row["nonce"],
        state=row["state"],
        created_at=datetime.fromisoformat(row["created_at"]),
        sending_since=None if since is None else datetime.fromisoformat(since),
        n_tries=row["n_tries"],
    )
