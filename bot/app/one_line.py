"""Text in one line, without characters that hide or turn others."""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Cn")
_KEPT_FORMATS = "\u200c\u200d"


class ShownLetters(dict[int, str | None]):
    """Table for ``str.translate`` that is filled as letters are met.

    Args:
        instead: what hidden characters become; None leaves them out.
        of_space: what characters of space become; None leaves them as they are.
    """

    def __init__(self, instead: str | None, of_space: str | None) -> None:
        super().__init__()
        self._instead, self._of_space = instead, of_space

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        shown: str | None = letter
        if _is_hidden(letter):
            shown = self._instead
        elif letter.isspace() and self._of_space is not None:
            shown = self._of_space
        self[code] = shown
        return shown


def _is_hidden(letter: str) -> bool:
    return letter not in _KEPT_FORMATS and unicodedata.category(letter) in _HIDDEN


_SHOWN = ShownLetters(None, None)


def one_line(text: str) -> str:
    """Return ``text`` in one line, without control characters and marks that turn or hide other letters."""
    return _SPACE.sub(" ", _SPACE.sub(" ", text).translate(_SHOWN)).strip()
