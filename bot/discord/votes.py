"""Three buttons under a reading: it fits, it lies too far to the one side, too far to the other.

``v:<slug>:<key><verdict><position>`` names the passage (12 characters of ``passage_key``), the verdict (one letter) and
the position that was shown (a whole number, two characters), since a vote is on what the voter saw.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.app.community_store import CommunityUnavailable
from bot.app.votes import KEY_LENGTH, passage_key
from bot.discord.limits import LABEL_MOST, cut
from index.library.episodes import LONGEST_SLUG
from scoring.vote_agreement import VERDICTS, Verdict

if TYPE_CHECKING:
    from bot.app.community_votes import OwnVote, VoteBox
    from bot.discord.language import Speech
    from index.storage.records import SliceRecord

VOTE_PATTERN = re.compile(
    rf"v:(?P<slug>[a-z0-9._-]{{1,{LONGEST_SLUG}}}):(?P<key>[\w-]{{{KEY_LENGTH}}})(?P<verdict>[flh])(?P<position>[\da-f]{{2}})",
    re.ASCII,
)

_LETTERS: dict[Verdict, str] = {"fits": "f", "too low": "l", "too high": "h"}
_VERDICTS = {letter: verdict for verdict, letter in _LETTERS.items()}
_OFFSET = 100
_CHOSEN = "✓ "


@dataclass(frozen=True, slots=True)
class VotePress:
    """A press of one of the three.

    Attributes:
        slug: of the episode.
        key: of the passage.
        verdict: on it.
        position: that was shown, a whole number from -100 to 100.
    """

    slug: str
    key: str
    verdict: Verdict
    position: int

    def __str__(self) -> str:
        return f"v:{self.slug}:{self.key}{_LETTERS[self.verdict]}{self.position + _OFFSET:02x}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "VotePress":
        """What ``VOTE_PATTERN`` matched."""
        return cls(
            match["slug"], match["key"], _VERDICTS[match["verdict"]], int(match["position"], 16) - _OFFSET
        )


def as_shown(position: float) -> int:
    """A position as a person sees it: a whole number."""
    return round(position)


async def own_verdict(
    box: "VoteBox", person: int, axis: str, slug: str, record: "SliceRecord"
) -> Verdict | None:
    """Return what a person said of a slice's reading; None where of none or one that stood elsewhere, or unreadable."""
    try:
        own = await box.own(person, slug, passage_key(axis, record.piece.text))
    except CommunityUnavailable:
        return None
    return own.verdict if is_of(own, as_shown(record.reading.position)) and own is not None else None


def is_of(own: "OwnVote | None", position: int) -> bool:
    """Whether a vote was cast on a reading that showed ``position``."""
    return own is not None and as_shown(own.position) == position


def vote_row(
    speech: "Speech", slug: str, record: "SliceRecord", own: Verdict | None = None
) -> ui.ActionRow[Any]:
    """The three buttons for a slice's reading; ``own`` is what whoever looks has said of it."""
    key = passage_key(speech.axis.name, record.piece.text)
    position = as_shown(record.reading.position)
    buttons = []
    for verdict in VERDICTS:
        is_own = verdict == own
        label = verdict_label(speech, verdict)
        buttons.append(
            ui.Button[Any](
                label=cut((_CHOSEN if is_own else "") + label, LABEL_MOST),
                custom_id=str(VotePress(slug, key, verdict, position)),
                style=discord.ButtonStyle.success if is_own else discord.ButtonStyle.secondary,
            )
        )
    return ui.ActionRow(*buttons)


def verdict_label(speech: "Speech", verdict: Verdict) -> str:
    """A verdict in words, such as "Too risk-forward"."""
    if verdict == "fits":
        return speech.say("vote.fits")
    pole = speech.axis.low_pole if verdict == "too low" else speech.axis.high_pole
    return speech.say("vote.too", pole=speech.pole(pole))
