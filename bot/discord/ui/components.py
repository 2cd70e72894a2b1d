"""Buttons and selects that outlive a restart: what their custom_id says, and the base class that reads it.

A custom_id is about something and names an action: ``f:<key>:<page>:<verb>`` about a stored question,
``e:<slug>:<view>:<verb>`` about an episode, ``r:<slug>:<ordinal>:<verb>`` about the reading of one of its slices,
``s:<key>:<verb>`` about a stored look over the library, ``q:<slug>:<ordinal>:<hash>:<verb>`` about a quote,
``p:<slug>:<hash>:<verb>`` about a pair of quotes; ``q:pick`` is a select of quotes, ``c:<view>`` one of episodes that a
name may mean. All fit by construction: a key has 12 characters, a slug 80, an ordinal 5, a hash of a quote's words 5.
Messages with these ids stay in channels for years, so what was once read must be read for ever.

The ids of votes and of moderators' buttons are in the features ``votes`` and ``admin``, where nobody else needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Self, TypeAlias, TypeVar, cast

import discord
from discord import ui

from bot.app.quotes import KEY_LENGTH
from index.library.episodes import LONGEST_SLUG
from scoring.errors import CodedError, typed_fields

ItemT = TypeVar("ItemT", bound=ui.Item[Any])
ActionT = TypeVar("ActionT")

FindVerb = Literal["turn", "flip", "wide", "share", "mine"]
EpisodeVerb = Literal["open", "share", "mine"]
EpisodeView = Literal["card", "picks", "kin"]
ReadingVerb = Literal["turn", "open", "pick"]
SpectrumVerb = Literal["share", "mine"]
QuoteVerb = Literal["open", "share", "mine"]
ChoiceView = Literal["card", "picks", "kin", "remove"]

SLUG = rf"(?P<slug>[a-z0-9._-]{{1,{LONGEST_SLUG}}})"

_NEVER = re.compile(r"(?!)")


@typed_fields
class ChoiceUnknown(CodedError):
    """A select was answered with a value that it does not offer."""

    code = "choice_unknown"
    received: str


class PersistentComponent(ui.DynamicItem[ItemT], Generic[ItemT, ActionT], template=_NEVER):
    """A button or select whose custom_id says what it does. A subclass implements ``respond``.

    A subclass names two things in its parameters: ``template``, which whole custom_ids are its own and by which
    discord.py tells subclasses apart, and ``parse``, which makes an action of a match.

    Attributes:
        action: what the custom_id says.
    """

    _parse: ClassVar[Callable[[re.Match[str]], Any]]

    def __init_subclass__(cls, *, template: re.Pattern[str], parse: Callable[[re.Match[str]], Any]) -> None:
        super().__init_subclass__(template=template)
        cls._parse = staticmethod(parse)

    def __init__(self, item: ItemT, action: ActionT) -> None:
        super().__init__(item)
        self.action = action

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # a template of buttons is matched by buttons alone
        cls, interaction: discord.Interaction[Any], item: ItemT, match: re.Match[str], /
    ) -> Self:
        """Return the component that ``match`` describes."""
        del interaction
        return cls(item, cls._parse(match))

    @property
    def chosen(self) -> str:
        """The first value that was chosen in a select.

        Raises:
            ChoiceUnknown: none was.
        """
        values = list(getattr(self.item, "values", ()))
        if not values:
            raise ChoiceUnknown(received="")
        return str(values[0])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Respond; whatever goes wrong is told to the person."""
        try:
            await self.respond(interaction)
        except Exception as error:
            # The edge of the program: a forged custom_id or value gets an answer, too.
            await interaction.client.context.reporter.tell(interaction, error)

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the component says."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class FindAction:
    """An action on a stored question.

    Attributes:
        key: of the question.
        page: 0-based.
        verb: ``turn`` to the page, ``flip`` to the other side, ``wide`` to drop the limits, ``share`` with
            everybody, ``mine`` for the one who presses.
    """

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"f:(?P<key>[\w-]{1,12}):(?P<page>\d{1,3}):(?P<verb>turn|flip|wide|share|mine)", re.ASCII
    )

    key: str
    page: int
    verb: FindVerb

    def __str__(self) -> str:
        return f"f:{self.key}:{self.page}:{self.verb}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        return cls(match["key"], int(match["page"]), cast(FindVerb, match["verb"]))


@dataclass(frozen=True, slots=True)
class EpisodeAction:
    """An action on an episode: ``open`` a view of it, ``share`` it, or show it to ``mine``, the one who presses.

    Attributes:
        slug: of the episode.
        view: its ``card``, its ``picks`` (who counterbalances it) or its ``kin`` (related episodes).
        verb: what to do.
    """

    CARD: ClassVar[re.Pattern[str]] = re.compile(rf"e:{SLUG}:(?P<view>card):(?P<verb>open|share|mine)")
    OTHERS: ClassVar[re.Pattern[str]] = re.compile(rf"e:{SLUG}:(?P<view>picks|kin):(?P<verb>open|share|mine)")

    slug: str
    view: EpisodeView
    verb: EpisodeVerb = "open"

    def __str__(self) -> str:
        return f"e:{self.slug}:{self.view}:{self.verb}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``CARD`` or ``OTHERS`` matched."""
        return cls(match["slug"], cast(EpisodeView, match["view"]), cast(EpisodeVerb, match["verb"]))


@dataclass(frozen=True, slots=True)
class ReadingAction:
    """An action on the reading of a slice.

    Attributes:
        slug: of the episode.
        ordinal: of the slice; for a select, of the slice that is shown, and another is chosen.
        verb: ``turn`` to the slice; ``open`` in a new message the slice chosen on a card; ``pick`` the slice chosen
            on a reading.
    """

    TURN: ClassVar[re.Pattern[str]] = re.compile(rf"r:{SLUG}:(?P<ordinal>\d{{1,5}}):(?P<verb>turn)", re.ASCII)
    SELECT: ClassVar[re.Pattern[str]] = re.compile(
        rf"r:{SLUG}:(?P<ordinal>\d{{1,5}}):(?P<verb>open|pick)", re.ASCII
    )

    slug: str
    ordinal: int
    verb: ReadingVerb

    def __str__(self) -> str:
        return f"r:{self.slug}:{self.ordinal}:{self.verb}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``TURN`` or ``SELECT`` matched."""
        return cls(match["slug"], int(match["ordinal"]), cast(ReadingVerb, match["verb"]))


@dataclass(frozen=True, slots=True)
class SpectrumAction:
    """An action on a stored look over the library: ``share`` it, or show it to ``mine``, the one who presses."""

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"s:(?P<key>[\w-]{1,12}):(?P<verb>share|mine)", re.ASCII)

    key: str
    verb: SpectrumVerb

    def __str__(self) -> str:
        return f"s:{self.key}:{self.verb}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        return cls(match["key"], cast(SpectrumVerb, match["verb"]))


@dataclass(frozen=True, slots=True)
class ChoiceAction:
    """A choice among episodes that a name may mean: the ``view`` that is opened of the one that is chosen."""

    view: ChoiceView

    def __str__(self) -> str:
        return f"c:{self.view}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that a pattern of ``pattern`` matched."""
        return cls(cast(ChoiceView, match["view"]))

    @staticmethod
    def pattern(*views: ChoiceView) -> re.Pattern[str]:
        """Return the pattern of the selects that open these views."""
        return re.compile(rf"c:(?P<view>{'|'.join(views)})")


@dataclass(frozen=True, slots=True)
class AnswerAlertAction:
    """A wish to be told when the other side of a slice answers it."""

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(rf"n:answer:{SLUG}:(?P<ordinal>\d{{1,5}})", re.ASCII)

    slug: str
    ordinal: int

    def __str__(self) -> str:
        return f"n:answer:{self.slug}:{self.ordinal}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        return cls(match["slug"], int(match["ordinal"]))


@dataclass(frozen=True, slots=True)
class QuoteAction:
    """A picture of a quote, or of a pair: ``open`` it, ``share`` it, or show it to ``mine``, the one who presses.

    Attributes:
        slug: of the episode.
        ordinal: of the slice that the quote was in; for a pair None.
        key: hash of the words.
        verb: what to do.
    """

    QUOTE: ClassVar[re.Pattern[str]] = re.compile(
        rf"q:{SLUG}:(?P<ordinal>\d{{1,5}}):(?P<key>[\w-]{{{KEY_LENGTH}}}):(?P<verb>open|share|mine)", re.ASCII
    )
    PAIR: ClassVar[re.Pattern[str]] = re.compile(
        rf"p:{SLUG}:(?P<key>[\w-]{{{KEY_LENGTH}}}):(?P<verb>open|share|mine)", re.ASCII
    )

    slug: str
    ordinal: int | None
    key: str
    verb: QuoteVerb = "open"

    def __str__(self) -> str:
        about = f"p:{self.slug}" if self.ordinal is None else f"q:{self.slug}:{self.ordinal}"
        return f"{about}:{self.key}:{self.verb}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``QUOTE`` or ``PAIR`` matched."""
        ordinal = match.groupdict().get("ordinal")
        return cls(
            match["slug"],
            None if ordinal is None else int(ordinal),
            match["key"],
            cast(QuoteVerb, match["verb"]),
        )


@dataclass(frozen=True, slots=True)
class QuoteChoice:
    """A choice among quotes whose picture is drawn."""

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"q:pick")
    VALUE: ClassVar[re.Pattern[str]] = re.compile(
        rf"{SLUG}:(?P<ordinal>\d{{1,5}}):(?P<key>[\w-]{{{KEY_LENGTH}}})", re.ASCII
    )

    def __str__(self) -> str:
        return "q:pick"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        del match
        return cls()


MemberAction: TypeAlias = (
    FindAction | EpisodeAction | ReadingAction | SpectrumAction | AnswerAlertAction | QuoteAction
)
"""Whatever a member's button can say."""
