"""What is written into a button, so that it works after a restart: what it is about, and what it does.

``f:<key>:<page>:<verb>`` is about a stored question, ``e:<slug>:<view>:<verb>`` about an episode,
``r:<slug>:<ordinal>:<verb>`` about a reading of one of its slices, ``s:<key>:<verb>`` about a stored look over the
library. All fit by construction: a key has 12 characters, a slug 80, an ordinal 5.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from index.library.episodes import LONGEST_SLUG

FindVerb = Literal["turn", "flip", "wide", "share", "mine"]
EpisodeVerb = Literal["open", "share", "mine"]
EpisodeView = Literal["card", "picks", "kin"]
ReadingVerb = Literal["turn", "open", "pick"]
SpectrumVerb = Literal["share", "mine"]

FIND_PATTERN = re.compile(
    r"f:(?P<key>[\w-]{1,12}):(?P<page>\d{1,3}):(?P<verb>turn|flip|wide|share|mine)", re.ASCII
)
EPISODE_PATTERN = re.compile(
    rf"e:(?P<slug>[a-z0-9._-]{{1,{LONGEST_SLUG}}}):(?P<view>card|picks|kin):(?P<verb>open|share|mine)"
)
_READING = rf"r:(?P<slug>[a-z0-9._-]{{1,{LONGEST_SLUG}}}):(?P<ordinal>\d{{1,5}})"
READING_PATTERN = re.compile(rf"{_READING}:(?P<verb>turn)", re.ASCII)
PLACES_PATTERN = re.compile(rf"{_READING}:(?P<verb>open|pick)", re.ASCII)
"""Of selects. discord.py knows a kind of item by its pattern, so buttons and selects each have their own."""

SPECTRUM_PATTERN = re.compile(r"s:(?P<key>[\w-]{1,12}):(?P<verb>share|mine)", re.ASCII)


@dataclass(frozen=True, slots=True)
class FindPress:
    """A press about a stored question.

    Attributes:
        key: of the question.
        page: 0-based.
        verb: ``turn`` to the page, ``flip`` to the other side, ``wide`` to drop the limits, ``share`` with
            everybody, ``mine`` for the one who presses.
    """

    key: str
    page: int
    verb: FindVerb

    def __str__(self) -> str:
        return f"f:{self.key}:{self.page}:{self.verb}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "FindPress":
        """What ``FIND_PATTERN`` matched."""
        return cls(match["key"], int(match["page"]), cast(FindVerb, match["verb"]))


@dataclass(frozen=True, slots=True)
class EpisodePress:
    """A press about an episode: its card, its counterbalance or its relatives; to ``open``, ``share`` or for me."""

    slug: str
    view: EpisodeView
    verb: EpisodeVerb = "open"

    def __str__(self) -> str:
        return f"e:{self.slug}:{self.view}:{self.verb}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "EpisodePress":
        """What ``EPISODE_PATTERN`` matched."""
        return cls(match["slug"], cast(EpisodeView, match["view"]), cast(EpisodeVerb, match["verb"]))


@dataclass(frozen=True, slots=True)
class ReadingPress:
    """A press about the reading of a slice.

    Attributes:
        slug: of the episode.
        ordinal: of the slice; for a select, of the slice that is shown, and what is chosen is another.
        verb: ``turn`` to the slice; ``open`` in a message of its own what is chosen in a card's select; ``pick``
            from a reading's select.
    """

    slug: str
    ordinal: int
    verb: ReadingVerb

    def __str__(self) -> str:
        return f"r:{self.slug}:{self.ordinal}:{self.verb}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "ReadingPress":
        """What ``READING_PATTERN`` or ``PLACES_PATTERN`` matched."""
        return cls(match["slug"], int(match["ordinal"]), cast(ReadingVerb, match["verb"]))


@dataclass(frozen=True, slots=True)
class SpectrumPress:
    """A press about a stored look over the library: to ``share`` it, or to see it oneself."""

    key: str
    verb: SpectrumVerb

    def __str__(self) -> str:
        return f"s:{self.key}:{self.verb}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "SpectrumPress":
        """What ``SPECTRUM_PATTERN`` matched."""
        return cls(match["key"], cast(SpectrumVerb, match["verb"]))


Press: TypeAlias = FindPress | EpisodePress | ReadingPress | SpectrumPress
"""Whatever a member's button can say."""
