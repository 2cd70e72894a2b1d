"""What one person reads in: a language of the catalogue, and the axis whose names it says."""

from dataclasses import dataclass

from bot.i18n.catalogue import Catalogue
from scoring.axis import Axis


@dataclass(frozen=True, slots=True)
class Language:
    """One person's language over one axis.

    Attributes:
        catalogue: every sentence.
        locale: as Discord names it, such as ``en-GB``.
        axis: names of bands, poles and lenses.
    """

    catalogue: Catalogue
    locale: str
    axis: Axis

    def say(self, key: str, /, **fields: object) -> str:
        """The sentence under ``key``; foreign text in ``fields`` is as it will be shown."""
        return self.catalogue.text(key, self.locale, **fields)

    def count(self, key: str, n: int, /, **fields: object) -> str:
        """The sentence under ``key`` for so many."""
        return self.catalogue.count(key, n, self.locale, **fields)

    def band(self, name: str) -> str:
        """A band's name in this language, or as the axis has it."""
        return self.named("band", name, name)

    def band_within(self, name: str) -> str:
        """A band's name as it stands within a sentence."""
        return self.named("band_within", name, self.band(name).lower())

    def lens(self, name: str) -> str:
        """A lens's name in this language, or as the axis has it."""
        return self.named("lens", name, name)

    def pole(self, name: str) -> str:
        """A pole's name in this language, or as the axis has it."""
        return self.named("pole", name, name)

    def named(self, kind: str, name: str, otherwise: str) -> str:
        """The text under ``<kind>.<name>``, or ``otherwise`` where the catalogue has none for this axis."""
        key = f"{kind}.{name}"
        return self.say(key) if self.catalogue.has(key) else otherwise
