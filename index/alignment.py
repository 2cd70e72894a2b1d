"""A published transcript's words with the captions' seconds: one knows the spelling, the other the clock."""

import re
from bisect import bisect_left
from dataclasses import replace
from difflib import SequenceMatcher

from index.transcript import Cue, Transcript

LEAST_SHARED = 0.3
"""Below this share of common words the two are not the same talk, and no times are taken over."""

_WORD = re.compile(r"[^\w']+")
_RUN_WORDS = 3


def with_times_of(published: Transcript, captions: Transcript) -> Transcript:
    """``published`` with start times taken from ``captions`` of the same recording.

    Words are matched in order (longest common runs of at least three words); a cue's first word that has no match
    gets its time by interpolation between matched words around it. Returned unchanged if fewer than
    ``LEAST_SHARED`` of its words match.
    """
    spoken = [(_folded(word), second) for cue in captions.cues for word, second in _timed_words(cue)]
    words = [
        (cue_index, _folded(word))
        for cue_index, cue in enumerate(published.cues)
        for word in cue.text.split(" ")
    ]
    matcher = SequenceMatcher(None, [word for _, word in words], [word for word, _ in spoken], autojunk=False)
    known: list[tuple[int, float]] = []
    for block in matcher.get_matching_blocks():
        if block.size >= _RUN_WORDS:
            known.extend((block.a + step, spoken[block.b + step][1]) for step in range(block.size))
    if len(known) < LEAST_SHARED * len(words):
        return published
    places = [place for place, _ in known]
    cues: list[Cue] = []
    place = 0
    for cue in published.cues:
        n_words = len(cue.text.split(" "))
        starts = tuple(_second_of(step, places, known) for step in range(place, place + n_words))
        cues.append(replace(cue, start_s=starts[0], end_s=starts[-1], word_starts_s=starts))
        place += n_words
    return replace(published, cues=tuple(cues))


def _folded(word: str) -> str:
    return _WORD.sub("", word.lower())


def _timed_words(cue: Cue) -> list[tuple[str, float]]:
    words = cue.text.split(" ")
    if cue.word_starts_s:
        return list(zip(words, cue.word_starts_s, strict=False))
    if cue.start_s is None:
        return []
    end_s = cue.end_s if cue.end_s is not None else cue.start_s
    step_s = (end_s - cue.start_s) / len(words)
    return [(word, cue.start_s + step_s * number) for number, word in enumerate(words)]


def _second_of(place: int, places: list[int], known: list[tuple[int, float]]) -> float:
    after = bisect_left(places, place)
    if after < len(known) and places[after] == place:
        return known[after][1]
    if after == 0:
        return known[0][1]
    if after == len(known):
        return known[-1][1]
    (place_a, second_a), (place_b, second_b) = known[after - 1], known[after]
    return second_a + (second_b - second_a) * (place - place_a) / (place_b - place_a)
