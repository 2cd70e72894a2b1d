"""Names by their words: how a typed part of a name of a source, a speaker or an episode is compared with the whole."""

from collections.abc import Sequence
from functools import lru_cache

from index.text.tokens import fold, tokenize


@lru_cache(maxsize=20_000)
def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in order, without letter case and accents."""
    return tuple(fold(name[token.start : token.end]) for token in tokenize(name))


def each_begins(typed: Sequence[str], words: Sequence[str], *, shortest: int = 1) -> bool:
    """Return True if each of the ``typed`` words begins one of ``words``; also if nothing is typed.

    Args:
        typed: words as people type them.
        words: of a name.
        shortest: letters of the shortest beginning; a shorter word must be one of ``words``.

    Example:
        >>> each_begins(["rob", "m"], ["robert", "miles"]), each_begins(["rob", "m"], ["robert", "miles"], shortest=3)
        (True, False)
    """
    return all(
        any(own.startswith(word) if len(word) >= shortest else own == word for own in words) for word in typed
    )
