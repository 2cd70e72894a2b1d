"""Sources by their names: the one that a person means, however it is typed."""

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import DamerauLevenshtein

from index.text.name_words import each_begins, name_words
from index.text.tokens import fold

_SHORTEST_BEGINNING = 3
_SHORTEST_MISSPELT, _LONG = 4, 8


def sources_meant(typed: str, sources: Iterable[str]) -> list[str]:
    """Return the sources that ``typed`` may mean, in their order; none if nothing is typed.

    First the source of that very name, whatever its case, accents, spaces and punctuation. If there is none, those
    whose name holds ``typed``, or has for each typed word a word that begins so. Only if there are none of these
    either, those that have for each typed word a word like it: one letter apart, or two from eight letters on, and
    words of three letters and less as they are.

    Example:
        >>> sources_meant("lex friedman", ["AXRP", "Lex Fridman Podcast"])
        ['Lex Fridman Podcast']
    """
    sources = list(sources)
    letters, words = letters_of(typed), name_words(typed)
    if not letters:
        return []
    return (
        [name for name in sources if same_letters(name, typed)]
        or [name for name in sources if letters in letters_of(name) or _is_begun(words, name)]
        or [name for name in sources if _resembles(letters, words, name)]
    )


def letters_of(name: str) -> str:
    """Return the letters and digits of ``name`` alone, without case and accents; empty where it has none."""
    return "".join(filter(str.isalnum, fold(name)))


def same_letters(name: str, typed: str) -> bool:
    """Return True if ``typed`` is ``name`` but for case, accents, spaces and punctuation."""
    return letters_of(name) == letters_of(typed)


def _is_begun(words: Sequence[str], name: str) -> bool:
    return bool(words) and each_begins(words, name_words(name), shortest=_SHORTEST_BEGINNING)


def _resembles(letters: str, words: Sequence[str], name: str) -> bool:
    if _is_like(letters, letters_of(name)):
        return True
    of_name = name_words(name)
    return bool(words) and all(any(_is_like(word, own) for own in of_name) for word in words)


def _is_like(word: str, other: str) -> bool:
    if len(word) < _SHORTEST_MISSPELT:
        return word == other
    return DamerauLevenshtein.distance(word, other) <= (1 if len(word) < _LONG else 2)
