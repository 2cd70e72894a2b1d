"""What moderators' commands work with besides what members' have."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.app.jobs import Jobs
from bot.discord.context import Context
from bot.discord.features.admin.staging import Staging
from index.library.sources import Fetcher


@dataclass(frozen=True, slots=True)
class AdminContext:
    """The parts that ``/admin`` needs. Made once, by whoever composes the bot.

    Attributes:
        context: the parts that all commands have.
        jobs: what runs in the background.
        fetcher: asks for videos.
        started_at: when the bot began, in UTC.
    """

    context: Context
    jobs: Jobs
    fetcher: Fetcher
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def library(self) -> Path:
        """The folder of episodes."""
        return self.context.settings.library

    @property
    def state(self) -> Path:
        """The folder of derived files."""
        return self.context.settings.state_folder

    @property
    def staging(self) -> Staging:
        """Where files wait for the second press."""
        return Staging(self.state / "staged", self.context.keeping)
