"""What is written into moderators' buttons and menus: ``a:<verb>:<what it is about>``."""

import re
from dataclasses import dataclass
from typing import Literal, cast

from index.library.episodes import LONGEST_SLUG

AdminVerb = Literal["write", "drop", "remove", "keep", "reindex"]
Setting = Literal["source", "roles", "channels"]

ADMIN_PATTERN = re.compile(
    rf"a:(?P<verb>write|drop|remove|keep|reindex):(?P<about>[A-Za-z0-9._-]{{1,{LONGEST_SLUG}}})"
)
SETTING_PATTERN = re.compile(r"a:set:(?P<setting>source|roles|channels)")


@dataclass(frozen=True, slots=True)
class AdminPress:
    """A moderator's press.

    Attributes:
        verb: ``write`` or ``drop`` what is staged, ``remove`` or ``keep`` an episode, ``reindex``.
        about: key of what is staged, slug of the episode, or ``now``.
    """

    verb: AdminVerb
    about: str

    def __str__(self) -> str:
        return f"a:{self.verb}:{self.about}"

    @classmethod
    def of(cls, match: re.Match[str]) -> "AdminPress":
        """What ``ADMIN_PATTERN`` matched."""
        return cls(cast(AdminVerb, match["verb"]), match["about"])


def setting_id(setting: Setting) -> str:
    """The custom_id of the menu for a setting."""
    return f"a:set:{setting}"


def setting_of(match: re.Match[str]) -> Setting:
    """The setting of the menu that ``SETTING_PATTERN`` matched."""
    return cast(Setting, match["setting"])
