"""What is written into a button, so that it works after a restart: what it is about, and what it does.

``f:<key>:<page>:<verb>`` is about a stored question, ``e:<slug>:<view>:<verb>`` about an episode. Both fit by
construction: a key has 12 characters, a slug 80.
"""

import re
from dataclasses import dataclass
from typing import Literal, cast

from index.library import LONGEST_SLUG

FindVerb = Literal["turn", "flip", "wide", "share", "mine"]
EpisodeVerb = Literal["open", "share", "mine"]
EpisodeView = Literal["card", "picks", "kin"]

FIND_PATTERN = re.compile(
    r"f:(?P<key>[\w-]{1,12}):(?P<page>\d{1,3}):(?P<verb>turn|flip|wide|share|mine)", re.ASCII
)
EPISODE_PATTERN = re.compile(
    rf"e:(?P<slug>[a-z0-9._-]{{1,{LONGEST_SLUG}}}):(?P<view>card|picks|kin):(?P<verb>open|share|mine)"
)


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
