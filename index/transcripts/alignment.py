"""Giving a published transcript's words the captions' seconds: one knows the spelling, the other the clock."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Literal

from index.transcripts.model import Cue, Transcript

LEAST_SHARED = 0.3
"""Below this share of common words the two are not the same talk, and no times are taken over."""

LONGEST_WORD_S = 1.0
"""How long a cue's last word lasts at most, where the next one starts later."""

_PUNCTUATION = re.compile(r"[^\w]+")
_ANCHOR_WORDS = (6, 5, 4, 3)
_RUN_WORDS = 3
_SMALL_GAP = 40_000
"""Gaps of up to this many pairs of words are compared word by word; wider ones only by their rare phrases."""

_Match = tuple[int, int]


def with_times_of(published: Transcript, captions: Transcript) -> Transcript:
    """Return ``published`` with start times taken from ``captions`` of the same recording.

    Words are matched in order, in common runs of at least three; a word without a match gets its time by
    interpolation between matched words around it, and before the first or after the last match, that one's time.
    Returned unchanged if fewer than ``LEAST_SHARED`` of its words match.
    """
    spoken: list[str] = []
    seconds: list[float] = []
    for cue in captions.cues:
        for word, second in _timed_words(cue):
            spoken.append(_folded(word))
            seconds.append(second)
    words = [_folded(word) for cue in published.cues for word in cue.text.split(" ")]
    known = [(place, seconds[heard]) for place, heard in common_runs(words, spoken)]
    if not known or len(known) < LEAST_SHARED * len(words):
        return published
    starts_s = _interpolated(len(words), known)
    cues: list[Cue] = []
    place = 0
    for cue in published.cues:
        after = place + len(cue.text.split(" "))
        last_s = starts_s[after - 1]
        next_s = starts_s[after] if after < len(starts_s) else last_s + LONGEST_WORD_S
        cues.append(
            replace(
                cue,
                start_s=starts_s[place],
                end_s=min(next_s, last_s + LONGEST_WORD_S),
                word_starts_s=tuple(starts_s[place:after]),
            )
        )
        place = after
    return replace(published, cues=tuple(cues))


def common_runs(ours: Sequence[str], theirs: Sequence[str]) -> list[_Match]:
    """Return the places of words that both sequences have in the same order, in runs of at least three; both rising.

    Phrases that occur exactly once on either side are matched first, longest chain wins; what lies between two of
    them is searched again by shorter phrases, and word by word where it is small. Takes time in proportion to the
    length, but for the sort of the phrases, where a comparison of everything with everything takes its square.
    """
    matches = sorted(_between(ours, theirs, (0, len(ours)), (0, len(theirs)), level=0))
    return _long_enough(matches)


def _between(
    ours: Sequence[str], theirs: Sequence[str], mine: tuple[int, int], other: tuple[int, int], *, level: int
) -> Iterator[_Match]:
    """Give the matches inside two stretches, given as first and last place + 1."""
    n_mine, n_other = mine[1] - mine[0], other[1] - other[0]
    if n_mine < _RUN_WORDS or n_other < _RUN_WORDS:
        return
    if n_mine * n_other <= _SMALL_GAP:
        yield from _word_by_word(ours, theirs, mine, other)
        return
    if level == len(_ANCHOR_WORDS):
        return
    runs = _extended(ours, theirs, _anchors(ours, theirs, mine, other, _ANCHOR_WORDS[level]), mine, other)
    at_mine, at_other = mine[0], other[0]
    for start, heard, size in runs:
        yield from _between(ours, theirs, (at_mine, start), (at_other, heard), level=level + 1)
        yield from ((start + step, heard + step) for step in range(size))
        at_mine, at_other = start + size, heard + size
    yield from _between(ours, theirs, (at_mine, mine[1]), (at_other, other[1]), level=level + 1)


def _word_by_word(
    ours: Sequence[str], theirs: Sequence[str], mine: tuple[int, int], other: tuple[int, int]
) -> Iterator[_Match]:
    matcher = SequenceMatcher(None, ours[slice(*mine)], theirs[slice(*other)], autojunk=False)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            yield mine[0] + block.a + step, other[0] + block.b + step


def _anchors(
    ours: Sequence[str], theirs: Sequence[str], mine: tuple[int, int], other: tuple[int, int], n_words: int
) -> list[_Match]:
    """Return the places of phrases that either stretch has exactly once: the longest chain that rises on both sides."""
    once_ours, once_theirs = _once(ours, mine, n_words), _once(theirs, other, n_words)
    pairs = [(place, once_theirs[phrase]) for phrase, place in once_ours.items() if phrase in once_theirs]
    return _rising(pairs)


def _once(words: Sequence[str], stretch: tuple[int, int], n_words: int) -> dict[tuple[str, ...], int]:
    places = range(stretch[0], stretch[1] - n_words + 1)
    phrases = [tuple(words[place : place + n_words]) for place in places]
    counts = Counter(phrases)
    return {phrase: place for place, phrase in zip(places, phrases, strict=True) if counts[phrase] == 1}


def _rising(pairs: list[_Match]) -> list[_Match]:
    """Return the longest chain of ``pairs``, which rise in their first place, that rises in the second one too."""
    tails: list[int] = []
    tail_of: list[int] = []
    before: list[int | None] = []
    for number, (_, heard) in enumerate(pairs):
        length = bisect_left(tails, heard)
        before.append(tail_of[length - 1] if length else None)
        if length == len(tails):
            tails.append(heard)
            tail_of.append(number)
        else:
            tails[length] = heard
            tail_of[length] = number
    chain: list[_Match] = []
    at = tail_of[-1] if tail_of else None
    while at is not None:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _extended(
    ours: Sequence[str],
    theirs: Sequence[str],
    anchors: list[_Match],
    mine: tuple[int, int],
    other: tuple[int, int],
) -> Iterator[tuple[int, int, int]]:
    """Give each anchor grown to the whole run of words around it: (start, start there, size), in order, apart."""
    at_mine, at_other = mine[0], other[0]
    for place, heard in anchors:
        if place < at_mine or heard < at_other:
            continue
        back = _equal_steps(
            ours, theirs, (place - 1, heard - 1), -1, most=min(place - at_mine, heard - at_other)
        )
        ahead = _equal_steps(ours, theirs, (place, heard), 1, most=min(mine[1] - place, other[1] - heard))
        yield place - back, heard - back, back + ahead
        at_mine, at_other = place + ahead, heard + ahead


def _equal_steps(
    ours: Sequence[str], theirs: Sequence[str], start: _Match, step: Literal[1, -1], *, most: int
) -> int:
    """Return how many words agree from ``start`` on, going forwards or back."""
    place, heard = start
    n_equal = 0
    while n_equal < most and ours[place + step * n_equal] == theirs[heard + step * n_equal]:
        n_equal += 1
    return n_equal


def _long_enough(matches: list[_Match]) -> list[_Match]:
    """Return ``matches`` without runs of fewer than three words, which agree by chance."""
    kept: list[_Match] = []
    run: list[_Match] = []
    for match in matches:
        if run and match != (run[-1][0] + 1, run[-1][1] + 1):
            if len(run) >= _RUN_WORDS:
                kept.extend(run)
            run = []
        run.append(match)
    return kept + run if len(run) >= _RUN_WORDS else kept


def _folded(word: str) -> str:
    return _PUNCTUATION.sub("", word.lower())


def _timed_words(cue: Cue) -> list[tuple[str, float]]:
    words = cue.text.split(" ")
    if cue.word_starts_s:
        return list(zip(words, cue.word_starts_s, strict=False))
    if cue.start_s is None:
        return []
    end_s = cue.end_s if cue.end_s is not None else cue.start_s
    step_s = (end_s - cue.start_s) / len(words)
    return [(word, cue.start_s + step_s * number) for number, word in enumerate(words)]


def _interpolated(n_words: int, known: Sequence[tuple[int, float]]) -> list[float]:
    """Return a second for every word; ``known`` are (place, second), places rising."""
    starts_s = [known[0][1]] * n_words
    latest_s = known[0][1]
    for (place, second), (next_place, next_second) in zip(known, [*known[1:], known[-1]], strict=True):
        latest_s = max(latest_s, second)
        goal_s = max(latest_s, next_second)
        n_steps = next_place - place
        for step in range(max(n_steps, 1)):
            starts_s[place + step] = latest_s + (goal_s - latest_s) * step / max(n_steps, 1)
    last_place, _ = known[-1]
    starts_s[last_place:] = [latest_s] * (n_words - last_place)
    return starts_s
