"""What a person saw of one interaction: the driver's answer to a test."""

from __future__ import annotations

from typing import Any

from discord_loopback.interactions import DEFER_UPDATE, MODAL, UPDATE, LiveInteraction, ModalShown
from discord_loopback.messages import Attachment, Component, Message, Snapshot
from discord_loopback.world import PATIENCE_S, World


class Reply:
    """The visible outcome of one interaction, kept up to date.

    For a command or a fresh answer `message` is the bot's message; for a button that edits, the edited
    message.
    """

    def __init__(self, world: World, live: LiveInteraction) -> None:
        self._world = world
        self.live = live
        self._states_seen: int | None = None

    def mark(self) -> None:
        """Take what the message shows now as seen: `wait_for_edit` waits for what comes after."""
        self._states_seen = len(self.message.history)

    @property
    def message(self) -> Message:
        """The original answer, or the first follow-up where the callback announced none; AssertionError if none."""
        found = self.live.original
        if found is not None and not found.deleted and self.live.callback != DEFER_UPDATE:
            return found
        if self.live.followups:
            return self.live.followups[0]
        assert found is not None, "the bot showed no message"
        return found

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def embeds(self) -> tuple[dict[str, Any], ...]:
        return self.message.embeds

    @property
    def buttons(self) -> list[Component]:
        return self.message.buttons

    @property
    def labels(self) -> list[str]:
        return self.message.labels

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return self.message.attachments

    @property
    def ephemeral(self) -> bool:
        return self.message.ephemeral

    @property
    def deferred(self) -> bool:
        return self.live.deferred

    @property
    def updated(self) -> bool:
        """Whether the message the button stands on was edited."""
        return self.live.callback in (UPDATE, DEFER_UPDATE)

    @property
    def ack_ms(self) -> float:
        """Milliseconds from dispatch to acknowledgement."""
        assert self.live.ack_ms is not None, "the bot did not acknowledge"
        return self.live.ack_ms

    @property
    def modal(self) -> ModalShown:
        assert self.live.modal is not None, "the bot showed no modal"
        return self.live.modal

    @property
    def edits(self) -> list[Snapshot]:
        """What the message showed before, oldest first, loading states left out, and last what it shows now."""
        return [s for s in [*self.message.history, self.message.now] if not s.is_loading]

    @property
    def followups(self) -> list[Message]:
        return self.live.followups

    async def wait_for_edit(self, *, within_s: float = PATIENCE_S) -> Message:
        """The message after its next edit that no earlier call has waited for, by whichever route it comes."""
        if self._states_seen is None:
            self.mark()
        seen = self._states_seen or 0
        await self._world.wait_until(
            lambda: len(self.message.history) > seen, within_s=within_s, what="an edit of the answer"
        )
        self._states_seen = seen + 1
        return self.message

    async def wait_for_followup(self, number: int = 1, *, within_s: float = PATIENCE_S) -> Message:
        """The `number`th follow-up, counted from 1."""
        await self._world.wait_until(
            lambda: len(self.live.followups) >= number, within_s=within_s, what=f"follow-up {number}"
        )
        return self.live.followups[number - 1]

    @property
    def answered(self) -> bool:
        """Whether there is something to see: a message with content, a modal, or an edit."""
        live = self.live
        if live.callback is None:
            return False
        if live.callback in (MODAL, UPDATE):
            return True
        if live.callback == DEFER_UPDATE:
            return bool(live.edits or live.followups)
        return bool(live.followups) or (live.original is not None and not live.original.loading)
