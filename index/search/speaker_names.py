"""Finding a speaker by a part of the name, and telling a person's name from the label of a part in a conversation."""

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from index.text.name_words import each_begins, name_words
from index.text.tokens import fold
from index.transcripts.formats.speakers import is_full_name, is_role

_SHORTEST_BEGINNING = 3
_SHORTEST_ALIKE, _ALIKE = 4, 80.0
_NOBODYS_WORDS = frozenset(
    "a all and another anonymous both crowd everybody everyone first group multiple off other panel panellist "
    "question questions second several speakers staff the third unidentified unnamed various voices".split()
)
"""Words that say nothing of who speaks, beside those of ``is_role``: *Audience Question*, *Second Speaker*."""

_IN_BRACKETS = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")


def suggested_speakers(typed: str, speakers: Sequence[str]) -> list[str]:
    """Return the speakers whom ``typed`` may name; all, if nothing is typed.

    These have every typed word in their name or words that begin so, those with the whole words first. Only where there
    are none, they are those whose name holds ``typed`` anywhere. Ties keep the order of ``speakers``.

    Example:
        >>> suggested_speakers("david", ["Tom Davidson", "David Rein"])
        ['David Rein', 'Tom Davidson']
    """
    wanted = name_words(typed)
    names = {name: name_words(name) for name in speakers}
    begun = [name for name, words in names.items() if each_begins(wanted, words)]
    whole = [name for name in begun if is_named(typed, name)]
    return list(dict.fromkeys((*whole, *begun))) or [name for name in speakers if fold(typed) in fold(name)]


def speakers_meant(typed: str, speakers: Iterable[str]) -> list[str]:
    """Return those of ``speakers`` whom ``typed`` means, in their order; none, if nothing is typed.

    They have every typed word in their name; only where nobody has, they have words that begin so. What stands inside a
    word means nobody: *ann* is neither Joanna nor Hannah.

    Example:
        >>> speakers_meant("ann", ["Joanna Roe", "Ann Lee", "Hannah Bo", "Anna Berg"])
        ['Ann Lee']
    """
    wanted, names = name_words(typed), list(speakers)
    if not wanted:
        return []
    return [name for name in names if is_named(typed, name)] or [
        name for name in names if each_begins(wanted, name_words(name))
    ]


def speakers_like(typed: str, speakers: Sequence[str]) -> list[str]:
    """Return the speakers of whose name each word of ``typed`` is a word, or nearly one of four letters or more.

    Example:
        >>> speakers_like("tom davidsen", ["Tom Davidson", "David Rein"])
        ['Tom Davidson']
    """
    wanted = name_words(typed)
    return [name for name in speakers if _are_alike(wanted, name_words(name))]


def is_named(typed: str, name: str) -> bool:
    """Return True if every word of ``typed`` is a word of ``name``."""
    return set(name_words(typed)) <= set(name_words(name))


def may_be_short_for(typed: str, name: str) -> bool:
    """Return True if every word of ``typed`` begins a word of ``name``, with three letters or more: *Rob* Miles."""
    words = name_words(name)
    wanted = [word for word in name_words(typed) if len(word) >= _SHORTEST_BEGINNING]
    return bool(wanted) and each_begins(wanted, words)


def _are_alike(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Return True if each of ``wanted`` is one of ``words``, or long enough and nearly one: *shlegris*, Shlegeris."""
    return bool(wanted) and all(
        word in words
        or (len(word) >= _SHORTEST_ALIKE and any(fuzz.ratio(word, own) >= _ALIKE for own in words))
        for word in wanted
    )


def is_nobody(label: str) -> bool:
    """Return True if a speaker's label names a part in a conversation and no person: *Host*, *Speaker 2*, *Q*.

    Whoever has that part in one transcript is somebody else in the next, so no view is theirs.

    Example:
        >>> [is_nobody(label) for label in ("Audience Question", "Host (Ada Lind)", "Moderata Host")]
        [True, False, False]
    """
    if any(is_full_name(aside) and not is_role(aside) for aside in _IN_BRACKETS.findall(label)):
        return False
    words = name_words(_IN_BRACKETS.sub(" ", label))
    return is_role(label) or (
        bool(words)
        and all(
            (len(word) == 1 and word.isascii()) or word in _NOBODYS_WORDS or is_role(word) for word in words
        )
    )
