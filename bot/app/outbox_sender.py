"""Sends what lies in the outbox, each message exactly once; see ``bot.app.community.outbox`` for how."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from bot.app.community.outbox import Outbox, OutMessage
from bot.app.community.store import CommunityUnavailable
from scoring.errors import CodedError

NONCE_HOLDS = timedelta(seconds=90)
"""So long after the first try Discord certainly takes no second message with the same nonce; it says "some minutes"."""

LOOKS_EVERY_S = 5.0

_log = logging.getLogger(__name__)


class SendRefused(Exception):
    """The message was not sent, for certain, and may be later. The argument says why."""


class GoalClosed(SendRefused):
    """The channel takes nothing from the bot: it is gone, or the bot may not write there. The argument says why.

    Attributes:
        is_gone: True if the channel is gone; a permission may come back.
    """

    def __init__(self, problem: str, *, is_gone: bool) -> None:
        super().__init__(problem)
        self.is_gone = is_gone


class SendPointless(Exception):
    """There is nothing to send any more. The argument says why."""


class NotFindable(Exception):
    """It cannot be told whether the message is there. The argument says why."""


class Messenger(Protocol):
    """An interface that sends messages and finds sent ones."""

    async def find(self, message: OutMessage) -> int | None:
        """Return Discord's number of the message if it was sent already, else None.

        Raises:
            NotFindable: that cannot be told. Anything else: as little, and the goal is asked again later.
        """

    async def send(self, message: OutMessage) -> int:
        """Send the message with its nonce, and return Discord's number of it.

        Raises:
            SendRefused, SendPointless: it was not sent. Anything else: nobody knows.
        """


class OutboxSender:
    """Works on the outbox.

    Args:
        outbox: the messages.
        messenger: sends and finds them.
        pace_s: seconds between two messages.
        now: the clock, in UTC.
        count: counts messages, by kind and outcome.
        closed: told of a message whose channel is told nothing of its kind any more, before it is given up.
    """

    def __init__(
        self,
        outbox: Outbox,
        messenger: Messenger,
        *,
        closed: Callable[[OutMessage], Awaitable[object]] | None = None,
        pace_s: float = 2.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        count: Callable[[str, str], None] = lambda _kind, _outcome: None,
    ) -> None:
        self._outbox = outbox
        self._messenger = messenger
        self._pace_s = pace_s
        self._now = now
        self._began_at = now()
        self._closed = closed
        self._count = count

    async def run(self) -> None:
        """Send until cancelled. What goes wrong is logged, and tried again."""
        while True:
            try:
                await self.round()
            except CodedError as error:
                _log.warning("messages wait: %s", error)
            except Exception:
                _log.exception("messages wait")
            await asyncio.sleep(min(LOOKS_EVERY_S, max(0.05, self._pace_s)))

    async def round(self) -> int:
        """Send what is due, and return how many messages were sent or found.

        Raises:
            CommunityUnavailable: the database cannot be read or written. Any other error is of one message, which
                waits; it keeps no other from being sent.
        """
        n_sent = 0
        for number, message in enumerate(await self._outbox.due()):
            if number:
                await asyncio.sleep(self._pace_s)
            with _of_this_message_alone(message):
                n_sent += await self._deliver(message)
        return n_sent

    async def _deliver(self, message: OutMessage) -> bool:
        presence = await self._look_for(message)
        if presence in ("there", "put off") or not await self._outbox.begin(message):
            return presence == "there"
        try:
            number = await self._messenger.send(message)
        except SendRefused as error:
            self._count(message.kind, "refused")
            await self._refused(message, error, is_certain=presence != "perhaps")
        except SendPointless as error:
            _log.info("message %d has nothing to tell any more: %s", message.id, error)
            await self._outbox.give_up(message)
        except Exception as error:
            _log.warning("nobody knows whether message %d was sent: %r", message.id, error)
            await self._outbox.unclear(message, type(error).__name__)
        else:
            self._count(message.kind, "sent")
            await self._outbox.sent(message, number)
            return True
        return False

    async def _refused(self, message: OutMessage, error: SendRefused, *, is_certain: bool) -> None:
        if isinstance(error, GoalClosed) and (error.is_gone or self._ends_without_permission(message)):
            _log.warning("message %d has nobody to take it any more: %s", message.id, error)
            await self._outbox.unclear(message, str(error))  # in case that telling it fails
            if self._closed is not None:
                await self._closed(message)
            await self._outbox.give_up(message, str(error))
            return
        _log.info("message %d was refused: %s", message.id, error)
        if is_certain:
            await self._outbox.refused(message, str(error))
        else:
            await self._outbox.unclear(message, str(error))

    def _ends_without_permission(self, message: OutMessage) -> bool:
        """Return True if a channel that the bot may not write in is told nothing of this kind any more.

        Who set an alert is told that it has ended. A digest or a followed source, of which nobody is told, keeps its
        channel as long as its message is tried.
        """
        return message.kind == "alert" or self._outbox.is_old(message)

    async def _look_for(self, message: OutMessage) -> Literal["there", "absent", "perhaps", "put off"]:
        """Look whether an earlier try sent the message. If it did, or if that keeps it from being sent, enter so.

        ``perhaps`` is one that cannot be looked for, but may be sent again with its nonce.
        """
        # After a power cut even one that waits may have been sent: the last entries of the database may be lost.
        if message.state == "waiting" and message.created_at >= self._began_at:
            return "absent"
        try:
            found = await self._messenger.find(message)
        except NotFindable as error:
            since = message.sending_since
            if since is None or self._now() - since <= NONCE_HOLDS:
                return "absent" if since is None else "perhaps"
            _log.warning("message %d may have been sent; it is not sent again: %s", message.id, error)
            await self._outbox.unsure(message, str(error))
            return "put off"
        except Exception as error:
            _log.warning("message %d could not be looked for: %r", message.id, error)
            await self._outbox.unclear(message, type(error).__name__)
            return "put off"
        if found is None:
            return "absent"
        self._count(message.kind, "found")
        await self._outbox.sent(message, found)
        return "there"


@contextmanager
def _of_this_message_alone(message: OutMessage) -> Iterator[None]:
    """Log an error that nobody foresaw as this message's: it must not keep all others from being sent.

    Raises:
        CommunityUnavailable: the database is gone for all of them.
    """
    try:
        yield
    except CommunityUnavailable:
        raise
    except Exception:
        _log.exception("message %d waits", message.id)
