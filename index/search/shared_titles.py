"""What two titles have in common: parts of a series, or two conversations on one thing, are often called alike."""

import re
from collections.abc import Sequence

from index.text.stopwords import FUNCTION_WORDS

_WORD = re.compile(r"\w+(?:['’]\w+)*")
LEAST_TELLING = 3
"""Words of a run that are no function words, at least."""

_COUNTING = frozenset("part parts episode ep no nr vol volume number season teil folge staffel".split())
_OF_A_SHOW = 0.25
_FEW = 4


def shared_titles(title: str, others: Sequence[str]) -> list[str | None]:
    """Return for each of ``others`` the longest run of words that it shares with ``title``, as written there.

    A run tells something if three of its words or more are no function words, after what counts parts (``Part 2``)
    has been taken off its ends; else it is None. What more than a quarter of ``others``, and more than four, have in
    common is how a show calls its episodes, and no more than that.
    """
    found = [(match.group().casefold(), match.span()) for match in _WORD.finditer(title)]
    own = [word for word, _ in found]
    words = [[match.group().casefold() for match in _WORD.finditer(other)] for other in others]
    runs = [_telling_run(own, other) for other in words]
    counted = {
        run: sum(_holds(other, own[run[0] : run[1]]) for other in words)
        for run in set(runs)
        if run is not None
    }
    most = max(_FEW, _OF_A_SHOW * len(others))
    return [
        None if run is None or counted[run] > most else title[found[run[0]][1][0] : found[run[1] - 1][1][1]]
        for run in runs
    ]


def _telling_run(own: list[str], other: list[str]) -> tuple[int, int] | None:
    """Return the bounds in ``own`` of the longest run that ``other`` has, too, if it tells something."""
    start, end = _longest_run(own, other)
    while end > start and _ends_nothing(own[end - 1]):
        end -= 1
    while end > start and _ends_nothing(own[start]):
        start += 1
    tells = sum(word not in FUNCTION_WORDS for word in own[start:end]) >= LEAST_TELLING
    return (start, end) if tells else None


def _holds(words: list[str], run: list[str]) -> bool:
    """Return True if ``words`` hold ``run``, side by side."""
    return any(words[at : at + len(run)] == run for at in range(len(words) - len(run) + 1))


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
