"""The language of one reader, over one axis."""

from dataclasses import dataclass
from typing import Literal

from bot.i18n.message_catalogue import DEFAULT, MessageCatalogue
from index.evaluation.vote_agreement import VoteVerdict
from scoring.axis import Axis

End = Literal["low", "high"]
"""An end of the axis, or the slice of an episode that is nearest to it."""


@dataclass(frozen=True, slots=True)
class Language:
    """One reader's language over one axis.

    Attributes:
        catalogue: every sentence.
        locale: as Discord names it, such as ``en-GB``.
        axis: names of bands, poles and lenses.
    """

    catalogue: MessageCatalogue
    locale: str
    axis: Axis

    def say(self, key: str, /, **fields: object) -> str:
        """Return the sentence under ``key``; foreign text in ``fields`` is escaped already."""
        return self.catalogue.text(key, self.locale, **fields)

    def count(self, key: str, n: int, /, **fields: object) -> str:
        """Return the sentence under ``key`` for the number ``n``."""
        return self.catalogue.count(key, n, self.locale, **fields)

    def band(self, name: str) -> str:
        """Return a band's name in this language, or as the axis has it."""
        return self.named("band", name, name)

    def band_within(self, name: str) -> str:
        """Return a band's name as it is written within a sentence."""
        return self.named("band_within", name, self.band(name).lower())

    def lens(self, name: str) -> str:
        """Return a lens's name in this language, or as the axis has it."""
        return self.named("lens", name, name)

    def pole(self, name: str) -> str:
        """Return a pole's name in this language, or as the axis has it."""
        return self.named("pole", name, name)

    def extreme(self, end: End, position: float) -> str | None:
        """Return the name of the pole at ``end`` if ``position`` lies in the band there; else None."""
        bands = self.axis.bands
        band, pole = (bands[0], self.axis.low_pole) if end == "low" else (bands[-1], self.axis.high_pole)
        return self.pole(pole) if self.axis.band_of(position) == band else None

    def verdict(self, verdict: VoteVerdict) -> str:
        """Return a voter's verdict in words, such as "Too risk-forward"."""
        if verdict == "fits":
            return self.say("vote.fits")
        pole = self.axis.low_pole if verdict == "too low" else self.axis.high_pole
        return self.say("vote.too", pole=self.pole(pole))

    def of_axis(self, kind: str, name: str, text: str) -> str:
        """Return what an axis says in ``text``, in this language where the catalogue has that text.

        It is looked for under ``<kind>.<name>``; an axis may be anybody's, and use a name in another sense.
        """
        key = f"{kind}.{name}"
        return self.say(key) if self.catalogue.languages[DEFAULT].get(key) == text else text

    def named(self, kind: str, name: str, otherwise: str) -> str:
        """Return the text under ``<kind>.<name>``, or ``otherwise`` where the catalogue has none."""
        key = f"{kind}.{name}"
        return self.say(key) if self.catalogue.has(key) else otherwise
