"""How one answer speaks in Discord: a person's language, and positions drawn in letters."""

from bot.discord.gauge import gauge
from bot.i18n.catalogue import signed
from bot.i18n.language import Language


class Speech(Language):
    """One person's language over one axis; foreign text in fields is escaped already."""

    __slots__ = ()

    def stand(self, position: float) -> str:
        """A position as a gauge, a number and a band."""
        return f"`{gauge(position)} {signed(position)}` {self.band(self.axis.band_of(position))}"
