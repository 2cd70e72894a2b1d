"""Alerts, as the community database keeps them.

An alert waits for a topic, or for the other side of a passage, and tells a person or a channel. What alerts find in a
new episode (``news_tables``) is entered in one transaction, and put into the outbox in another, with the mark that it
was told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.app.community.news_tables import mark_matched
from bot.app.community.outbox import Goal, put_message, stamp_of
from bot.app.community.store import CommunityTables, Row, Transaction, has_passed
from index.text.tokens import fold
from scoring.errors import CodedError, typed_fields

SCHEMA = """
    CREATE TABLE alert (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        person INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('topic', 'answer')),
        words TEXT NOT NULL,
        side REAL,
        slug TEXT,
        ordinal INTEGER,
        is_prompt INTEGER NOT NULL,
        locale TEXT NOT NULL,
        created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alert_by_person ON alert (person);
    CREATE TABLE alert_hit (
        alert INTEGER NOT NULL REFERENCES alert ON DELETE CASCADE,
        slug TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        found_at TEXT NOT NULL,
        is_told INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (alert, slug)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alerted (
        person INTEGER PRIMARY KEY,
        told_at TEXT NOT NULL,
        n_in_week INTEGER NOT NULL,
        week_began_at TEXT NOT NULL
    ) STRICT
    """

CHANNELS_SCHEMA = """
    ALTER TABLE alert ADD COLUMN channel INTEGER;
    CREATE INDEX alert_by_channel ON alert (channel);
    CREATE TABLE alerted_channel (
        channel INTEGER PRIMARY KEY,
        told_at TEXT NOT NULL,
        n_in_week INTEGER NOT NULL,
        week_began_at TEXT NOT NULL
    ) STRICT
    """
"""Alerts that tell a channel: ``person`` is who set them, 0 once that is forgotten."""

HIT_KEYS_SCHEMA = "ALTER TABLE alert_hit ADD COLUMN key TEXT"
"""Names the words of what was found: until it is told of, its episode may be cut anew, or get another text."""

AlertKind = Literal["topic", "answer"]

MOST_ALERTS = 10
"""A person may have so many, and so may a channel."""

A_WEEK = timedelta(days=7)
GATHERED_FOR = timedelta(hours=1)
"""What is found is gathered for so long before a digest tells of it."""

MOST_IN_A_WEEK = 3
"""Messages a person or a channel gets in a week at most, where they asked to be told at once; by default it is one."""

MOST_HITS = 10
"""Hits that one message tells of, the first with their words; the others come with the next."""


class AlertRefused(CodedError):
    """Base of why there is no such alert."""

    code = "alert"


@typed_fields
class TooManyAlerts(AlertRefused):
    """The person, or the channel, has ``limit`` alerts already."""

    code = "too_many_alerts"
    limit: int


class AlertKnown(AlertRefused):
    """The person, or the channel, has the same alert already. No fields."""

    code = "alert_known"


class AlertGone(AlertRefused):
    """There is no such alert any more. No fields."""

    code = "alert_gone"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert: a person's words to be told of.

    Attributes:
        id: its number.
        person: Discord's number of the person who set it; 0 where a channel is told and that was forgotten.
        kind: ``topic``, or ``answer`` to a passage.
        words: the topic, or the words of the passage.
        side: the position that what is told must be across from; None for both sides.
        slug, ordinal: of the passage; None for a topic.
        is_prompt: True to be told at once, False once a week.
        locale: of the person.
        created_at: in UTC.
        channel: Discord's number of the channel that is told; None where the person is.
    """

    id: int
    person: int
    kind: AlertKind
    words: str
    side: float | None
    slug: str | None
    ordinal: int | None
    is_prompt: bool
    locale: str
    created_at: datetime
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that an alert waited for: a slice of a new episode, with the key of its words."""

    alert: int
    slug: str
    ordinal: int
    key: str | None = None


class AlertTables(CommunityTables):
    """Alerts, and what they found."""

    async def add(
        self,
        person: int,
        kind: AlertKind,
        words: str,
        *,
        side: float | None,
        passage: tuple[str, int] | None = None,
        is_prompt: bool = False,
        locale: str = "en",
        channel: int | None = None,
        server: int | None = None,
    ) -> Alert:
        """Enter an alert, which tells the person, or a channel of a server where there is one.

        Words that differ in letter case and accents alone are the same.

        Raises:
            TooManyAlerts, AlertKnown: it is not entered.
        """
        slug, ordinal = passage or (None, None)
        now = self._now()
        async with self._store.transaction() as connection:
            [*own] = await connection.execute_fetchall(
                *(_PERSON.alerts, (person,)) if channel is None else (_CHANNEL.alerts, (channel,))
            )
            if any(
                (row["kind"], fold(row["words"]), row["slug"], row["ordinal"])
                == (kind, fold(words), slug, ordinal)
                for row in own
            ):
                raise AlertKnown
            if len(own) >= MOST_ALERTS:
                raise TooManyAlerts(limit=MOST_ALERTS)
            entered = await connection.execute(
                "INSERT INTO alert (person, kind, words, side, slug, ordinal, is_prompt, locale, created_at, channel, "
                "server) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    person,
                    kind,
                    words,
                    side,
                    slug,
                    ordinal,
                    is_prompt,
                    locale,
                    now.isoformat(),
                    channel,
                    server,
                ),
            )
        number = int(entered.lastrowid or 0)
        return Alert(number, person, kind, words, side, slug, ordinal, is_prompt, locale, now, channel)

    async def of(self, person: int) -> list[Alert]:
        """Return the alerts that tell a person, oldest first."""
        return [_alert(row) for row in await self._store.rows(_PERSON.alerts, (person,))]

    async def of_channel(self, channel: int) -> list[Alert]:
        """Return the alerts that tell a channel, oldest first."""
        return [_alert(row) for row in await self._store.rows(_CHANNEL.alerts, (channel,))]

    async def get(self, number: int) -> Alert:
        """Return an alert.

        Raises:
            AlertGone: there is none of that number.
        """
        found = await self._store.row("SELECT * FROM alert WHERE id = ?", (number,))
        if found is None:
            raise AlertGone
        return _alert(found)

    async def all(self) -> list[Alert]:
        """Return every alert, oldest first."""
        return [_alert(row) for row in await self._store.rows("SELECT * FROM alert ORDER BY id")]

    async def remove(self, person: int, number: int) -> None:
        """Forget an alert that tells a person.

        Raises:
            AlertGone: the person has none of that number.
        """
        if not await self._store.write(_PERSON.remove, (person, number)):
            raise AlertGone

    async def remove_from_channel(self, channel: int, number: int) -> None:
        """Forget an alert that tells a channel.

        Raises:
            AlertGone: the channel has none of that number.
        """
        if not await self._store.write(_CHANNEL.remove, (channel, number)):
            raise AlertGone

    async def close_channel(self, channel: int) -> int:
        """Forget all alerts that tell a channel, since it cannot be told, and tell each who set one, once.

        Returns:
            How many messages were put into the outbox.
        """
        now, n_messages = self._now(), 0
        async with self._store.transaction() as connection:
            [*ended] = await connection.execute_fetchall(_CHANNEL.alerts, (channel,))
            stamp, by_person = stamp_of(now), dict[int, list[Alert]]()
            for alert in map(_alert, ended):
                by_person.setdefault(alert.person, []).append(alert)
            by_person.pop(0, None)
            for person, alerts in by_person.items():
                n_messages += await put_message(
                    connection,
                    "alerts_ended",
                    f"alerts_ended:{channel}:{person}:{stamp}",
                    to="person",
                    to_id=person,
                    payload={
                        "channel": channel,
                        "words": [alert.words for alert in alerts],
                        "locale": alerts[0].locale,
                        "stamp": stamp,
                    },
                    now=now,
                )
            await connection.execute("DELETE FROM alert WHERE channel = ?", (channel,))
            await connection.execute("DELETE FROM alerted_channel WHERE channel = ?", (channel,))
        return n_messages

    async def close_server(self, server: int) -> None:
        """Forget all alerts that tell channels of a server, and tell each who set one; see ``close_channel``."""
        found = await self._store.rows(
            "SELECT DISTINCT channel FROM alert WHERE server = ? ORDER BY channel", (server,)
        )
        for row in found:
            await self.close_channel(row["channel"])

    async def count_for_channels(self, person: int) -> int:
        """Return how many alerts that tell channels a person set."""
        return await self._store.count("alert WHERE person = ? AND channel IS NOT NULL", (person,))

    async def forget(self, person: int) -> int:
        """Forget all alerts that tell a person, with what was found for them. Returns how many there were."""
        async with self._store.transaction() as connection:
            gone = await connection.execute(
                "DELETE FROM alert WHERE person = ? AND channel IS NULL", (person,)
            )
            await connection.execute("DELETE FROM alerted WHERE person = ?", (person,))
        return gone.rowcount

    async def forget_who_set(self, person: int) -> int:
        """Forget that a person set alerts that tell channels; those stay. Returns how many there were."""
        return await self._store.write(
            "UPDATE alert SET person = 0 WHERE person = ? AND channel IS NOT NULL", (person,)
        )

    async def matched(self, slug: str, hits: Sequence[Hit]) -> None:
        """Enter what alerts found in a new episode, together or not at all."""
        async with self._store.transaction() as connection:
            await self._enter(connection, hits)
            await mark_matched(connection, slug)

    async def found(self, hits: Sequence[Hit]) -> None:
        """Enter what alerts found; an alert that has found something in the same episode before keeps that."""
        if hits:
            async with self._store.transaction() as connection:
                await self._enter(connection, hits)

    async def _enter(self, connection: Transaction, hits: Sequence[Hit]) -> None:
        now = self._now().isoformat()
        for hit in hits:
            await connection.execute(
                "INSERT INTO alert_hit (alert, slug, ordinal, found_at, key) SELECT CAST(? AS BIGINT), "
                "CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT) "
                "WHERE EXISTS (SELECT 1 FROM alert WHERE id = ?) ON CONFLICT DO NOTHING",
                (hit.alert, hit.slug, hit.ordinal, now, hit.key, hit.alert),
            )

    async def tell(self) -> int:
        """Put what is waited for into the outbox: one message a person or channel, as often as they want it.

        Returns:
            How many messages were put there.
        """
        found = await self._store.rows(
            "SELECT CASE WHEN channel IS NULL THEN person ELSE channel END AS goal_id, "
            "CASE WHEN channel IS NULL THEN 'person' ELSE 'channel' END AS goal, "
            "max(is_prompt) AS is_prompt, min(found_at) AS first_at FROM alert_hit "
            "JOIN alert ON alert.id = alert_hit.alert WHERE is_told = 0 "
            "GROUP BY goal, goal_id ORDER BY goal DESC, goal_id"
        )
        n_messages = 0
        for row in found:
            n_messages += await self._tell_one(
                _STATEMENTS[row["goal"]],
                row["goal_id"],
                datetime.fromisoformat(row["first_at"]),
                is_prompt=bool(row["is_prompt"]),
            )
        return n_messages

    async def _tell_one(
        self, statements: "_Statements", goal_id: int, first_at: datetime, *, is_prompt: bool
    ) -> bool:
        now = self._now()
        async with self._store.transaction() as connection:
            [*told] = await connection.execute_fetchall(statements.told, (goal_id,))
            week_began = datetime.fromisoformat(told[0]["week_began_at"]) if told else now
            n_in_week = told[0]["n_in_week"] if told else 0
            if has_passed(A_WEEK, week_began, now):
                week_began, n_in_week = now, 0
            is_due = n_in_week == 0 and has_passed(GATHERED_FOR, first_at, now)
            if not is_due and not (is_prompt and n_in_week < MOST_IN_A_WEEK):
                return False
            [*hits] = await connection.execute_fetchall(statements.hits, (goal_id, is_due, MOST_HITS))
            if not hits:
                return False
            stamp = stamp_of(now)
            payload = {
                "hits": [[row["id"], row["slug"], row["ordinal"], row["key"]] for row in hits],
                "stamp": stamp,
            }
            if statements.goal == "person":  # a channel is told in its server's language
                payload["locale"] = hits[0]["locale"]
            is_put = await put_message(
                connection,
                "alert",
                f"{statements.about}:{goal_id}:{stamp}",
                to=statements.goal,
                to_id=goal_id,
                payload=payload,
                now=now,
            )
            if not is_put:
                return False
            await connection.executemany(
                "UPDATE alert_hit SET is_told = 1 WHERE alert = ? AND slug = ?",
                [(row["id"], row["slug"]) for row in hits],
            )
            await connection.execute(
                statements.tell, (goal_id, now.isoformat(), n_in_week + 1, week_began.isoformat())
            )
        return True


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements on the alerts that tell one kind of goal. The first value of each is the goal's number.

    Attributes:
        goal: the kind.
        about: how ``about`` of its messages begins.
        alerts: find all alerts that tell it, oldest first.
        remove: forget the alert of a number.
        hits: find what is not told yet; then True for all of it, False for what is to be told at once, and a limit.
        told: find how often it was told.
        tell: enter when it was told, how often in its week, and when that began.
    """

    goal: Goal
    about: str
    alerts: str
    remove: str
    hits: str
    told: str
    tell: str


def _statements(goal: Goal, *, about: str, where: str, told_in: str) -> _Statements:
    """Return the statements for goals that ``where`` finds, and that ``told_in`` has in its column ``goal``."""
    by_name = {name: shape.format(goal=goal, where=where, told_in=told_in) for name, shape in _SHAPES.items()}
    return _Statements(goal, about, **by_name)


_SHAPES = {
    "alerts": "SELECT * FROM alert WHERE {where} ORDER BY id",
    "remove": "DELETE FROM alert WHERE {where} AND id = ?",
    "hits": (
        "SELECT alert.id AS id, alert.locale AS locale, alert_hit.slug AS slug, alert_hit.ordinal AS ordinal, "
        "alert_hit.key AS key "
        "FROM alert_hit JOIN alert ON alert.id = alert_hit.alert "
        "WHERE {where} AND is_told = 0 AND (is_prompt = 1 OR ? = 1) "
        "ORDER BY found_at, alert.id, alert_hit.slug LIMIT ?"
    ),
    "told": "SELECT * FROM {told_in} WHERE {goal} = ?",
    "tell": (
        "INSERT INTO {told_in} VALUES (?, ?, ?, ?) ON CONFLICT ({goal}) DO UPDATE SET "
        "told_at = excluded.told_at, n_in_week = excluded.n_in_week, week_began_at = excluded.week_began_at"
    ),
}
_PERSON = _statements("person", about="alert", where="person = ? AND channel IS NULL", told_in="alerted")
_CHANNEL = _statements("channel", about="alert:channel", where="channel = ?", told_in="alerted_channel")
_STATEMENTS: Mapping[Goal, _Statements] = {"person": _PERSON, "channel": _CHANNEL}


def _alert(row: Row) -> Alert:
    return Alert(
        row["id"],
        row["person"],
        row["kind"],
        row["words"],
        row["side"],
        row["slug"],
        row["ordinal"],
        bool(row["is_prompt"]),
        row["locale"],
        datetime.fromisoformat(row["created_at"]),
        row["channel"],
    )
