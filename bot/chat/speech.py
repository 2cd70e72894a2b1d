"""How one answer speaks: its language, and the axis whose names it says."""

from dataclasses import dataclass

from bot.chat.gauge import gauge
from bot.texts.catalogue import Catalogue, signed
from scoring.axis import Axis


@dataclass(frozen=True, slots=True)
class Speech:
    """One person's language over one axis.

    Attributes:
        catalogue: every sentence.
        locale: as Discord names it, such as ``en-GB``.
        axis: names of bands and lenses.
    """

    catalogue: Catalogue
    locale: str
    axis: Axis

    def say(self, key: str, /, **fields: object) -> str:
        """The sentence under ``key``; foreign text in ``fields`` is escaped already."""
        return self.catalogue.text(key, self.locale, **fields)

    def count(self, key: str, n: int, /, **fields: object) -> str:
        """The sentence under ``key`` for so many."""
        return self.catalogue.count(key, n, self.locale, **fields)

    def band(self, name: str) -> str:
        """A band's name in this language, or as the axis has it."""
        return self._named("band", name)

    def lens(self, name: str) -> str:
        """A lens's name in this language, or as the axis has it."""
        return self._named("lens", name)

    def pole(self, name: str) -> str:
        """A pole's name in this language, or as the axis has it."""
        return self._named("pole", name)

    def stand(self, position: float) -> str:
        """A position as a gauge, a number and a band."""
        return f"`{gauge(position)} {signed(position)}` {self.band(self.axis.band_of(position))}"

    def _named(self, kind: str, name: str) -> str:
        key = f"{kind}.{name}"
        return self.say(key) if self.catalogue.has(key) else name
