"""What two titles have in common: parts of a series, or two conversations on one thing, are often called alike."""

import re
from collections.abc import Collection

from index.text.stopwords import FUNCTION_WORDS

_WORD = re.compile(r"\w+(?:['’]\w+)*")
LEAST_TELLING = 3
"""Words of a run that are no function words, at least."""

_COUNTING = frozenset("part parts episode ep no nr vol volume number season teil folge staffel".split())
_OF_A_SHOW = 0.25
_FEW = 4


def shared_title(title: str, other: str, titles: Collection[str] = ()) -> str | None:
    """Return the longest run of words that two titles share, as written in ``title``; None if it tells nothing.

    A run tells something if three of its words or more are no function words, after what counts parts (``Part 2``)
    has been taken off its ends. What more than a quarter of ``titles``, and more than four, have in common is how a
    show calls its episodes.

    Args:
        title: the first title.
        other: the second title.
        titles: all titles of the same show or library.
    """
    found = [(match.group().casefold(), match.span()) for match in _WORD.finditer(title)]
    own = [word for word, _ in found]
    start, end = _longest_run(own, [match.group().casefold() for match in _WORD.finditer(other)])
    while end > start and _ends_nothing(own[end - 1]):
        end -= 1
    while end > start and _ends_nothing(own[start]):
        start += 1
    run = own[start:end]
    if sum(word not in FUNCTION_WORDS for word in run) < LEAST_TELLING:
        return None
    wanted = f" {' '.join(run)} "
    n_alike = sum(wanted in f" {' '.join(_WORD.findall(one.casefold()))} " for one in titles)
    if n_alike > max(_FEW, _OF_A_SHOW * len(titles)):
        return None
    return title[found[start][1][0] : found[end - 1][1][1]]


def _ends_nothing(word: str) -> bool:
    return word in FUNCTION_WORDS or word in _COUNTING or word.isdigit()


def _longest_run(words: list[str], others: list[str]) -> tuple[int, int]:
    """Return the bounds in ``words`` of the longest run of words that ``others`` have, too; the first of several."""
    best, lengths = (0, 0), [0] * (len(others) + 1)
    for at, word in enumerate(words, start=1):
        lengths = [
            0,
            *(length + 1 if word == other else 0 for other, length in zip(others, lengths, strict=False)),
        ]
        longest = max(lengths)
        if longest > best[1] - best[0]:
            best = (at - longest, at)
    return best
