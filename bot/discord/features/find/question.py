"""A question as a person asked it, and as it is stored so that its buttons can ask it again."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.app.input_validation import QuestionForgotten
from bot.discord.ui.markup import plain_text


@dataclass(frozen=True, slots=True)
class FindQuestion:
    """The question of ``/find`` and its buttons.

    Attributes:
        query: words, in one line.
        source, speaker, lens, band: limits, or None.
        since, until: first and last day of publication, as ``2025-12-24``, or None.
        episode, title: slug and title of the only episode to look into, or None.
        balanced: passages of each band side by side.
        other: what is on the other side of what this question finds.
        is_claim: True if it is a message that is to be countered, of which passages are wanted that speak to its claim.
        missing_video: True if the message asked about links to a video that the library does not have.
        missing_link: the same of another link, which leads to no episode.
        is_usual: True if ``source`` is the server's usual one, which the asker did not name.
        missed: band that was asked for, in which nothing was found, so that every band is shown; or None.
        apart: slug of an episode that is left out, since the question is about its words; or None.
    """

    query: str
    source: str | None = None
    speaker: str | None = None
    lens: str | None = None
    band: str | None = None
    episode: str | None = None
    balanced: bool = False
    other: bool = False
    missing_video: bool = False
    missing_link: bool = False
    title: str | None = None
    apart: str | None = None
    is_claim: bool = False
    since: str | None = None
    until: str | None = None
    missed: str | None = None
    is_usual: bool = False

    @property
    def words(self) -> str:
        """Return the query as a person reads it: without mentions and signs of markup."""
        return plain_text(self.query)

    @property
    def is_limited(self) -> bool:
        """True if anything but the words limits the answer; a band does not limit what is on the other side."""
        limits = (self.source, self.speaker, self.lens, self.episode, self.since, self.until)
        return any(limits) or (self.band is not None and not self.other)

    def payload(self) -> dict[str, Any]:
        """Return what is stored: the fields that say something."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value not in (None, False)}

    @classmethod
    def of(cls, payload: Mapping[str, Any] | None) -> "FindQuestion":
        """Return the question that ``payload`` stores; keys of another version are left out.

        Raises:
            QuestionForgotten: there is none.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        if payload is None or "query" not in payload:
            raise QuestionForgotten
        return cls(**{name: value for name, value in payload.items() if name in known})

    def flipped(self) -> "FindQuestion":
        """Return the question for the other side, or back."""
        return dataclasses.replace(self, other=not self.other)

    def widened(self) -> "FindQuestion":
        """Return the question without its limits."""
        return FindQuestion(
            self.query, balanced=self.balanced, other=self.other, is_claim=self.is_claim, apart=self.apart
        )
