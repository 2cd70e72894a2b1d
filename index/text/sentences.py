"""Sentence ends, in edited prose and in captions without punctuation."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

from index.text.stopwords import FUNCTION_WORDS
from scoring.apostrophes import with_plain_apostrophes

LONGEST_UNIT_CHARS = 320
"""Text without a sentence end is broken into units of at most this many characters (a word may exceed it)."""

PAUSE_S = 0.7
"""A silence of this many seconds between two words counts as an end where there is no punctuation."""

_CLOSING, _CLOSING_WIDE = "\"'”’)]»", "”’」』）】》"
_END = re.compile(
    rf"(?<![.!?…؟۔।॥])[.!?…؟۔।॥]++[{re.escape(_CLOSING)}]*+(?=\s|$)"  # possessive: a line of dots is no trap
    rf"|[。！？｡]++[{_CLOSING_WIDE}]*+"  # written without a space after them
)
_STOPS, _QUESTION_MARKS = ".!?…؟！？", "?？؟"
_BEFORE_NAMES = frozenset("mr mrs ms dr prof st vs cf approx e.g i.e".split())
"""Abbreviations that end no sentence."""
_BEFORE_NUMBERS = frozenset("no nos fig eq vol p pp".split())
"""Words that are abbreviations before a number alone."""
_ABBREVIATIONS = frozenset("etc al inc ltd jr sr ph.d".split())
"""Those that may end a sentence, as may an initial (*plan B.*) and ``_DOTTED``: a small word in capitals begins one."""
_LONGEST_ABBREVIATION = 24
_LONGEST_NUMBER = 2  # of an item in a list; a year may be an answer
_DOTTED = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")  # U.S., A.I.
_RESTARTS = frozenset(
    "so and but because or then now well if when which where okay ok right "
    "i you we they he she it that there this".split()
)
_BEGINNINGS = (FUNCTION_WORDS | _RESTARTS) - {"may", "will"}  # which are names, too

_NEXT_WORD = re.compile(r"\s+[\"'“‘(\[]*(?![^\W\d_]\.)([^\W\d_]+(?:['’][^\W\d_]+)*)")  # no initial
_WORD_AFTER = re.compile(r"(?<=\s)([^\W\d_]+)")


def sentence_ends(text: str) -> list[int]:
    """Return the offsets just past each sentence of ``text``, ascending; the last is always ``len(text)``.

    A full stop after an abbreviation, a single initial, the number of an item or before a lower-case word ends
    nothing. Chinese and Japanese sentences end without a space. Empty text has no ends.
    """
    ends: list[int] = []
    for match in _END.finditer(text):
        end = match.end()
        if (
            match.group()[0] == "."
            and not match.group().startswith("..")
            and _is_inner_stop(text, ends[-1] if ends else 0, match.start(), end)
        ):
            continue
        ends.append(end)
    if text and (not ends or ends[-1] != len(text)):
        ends.append(len(text))
    return ends


def is_question(sentence: str) -> bool:
    """Return True if a sentence ends with a question mark, whatever stops, quotation marks and brackets follow it.

    Example:
        >>> is_question("They ask: “Will it hold?”")
        True
    """
    ended = sentence.rstrip().rstrip(_CLOSING + _CLOSING_WIDE)
    return any(mark in ended[len(ended.rstrip(_STOPS)) :] for mark in _QUESTION_MARKS)


def unit_ends(text: str, anchors: Sequence[tuple[int, float]] = (), breaks: Sequence[int] = ()) -> list[int]:
    """Return the offsets just past each unit of ``text``: a sentence, or a breath of unpunctuated speech.

    Args:
        text: the words of one turn, single-spaced.
        anchors: ``(offset, second)`` of words or cues, ascending; pauses between them are taken as ends where a
            sentence is longer than ``LONGEST_UNIT_CHARS``.
        breaks: offsets of cue starts, ascending; the next best places to break.

    Returns:
        Ascending offsets, the last being ``len(text)``; each lies at a word boundary.
    """
    ends: list[int] = []
    start = 0
    for end in sentence_ends(text):
        if end - start > LONGEST_UNIT_CHARS:
            ends.extend(_soft_ends(text, start, end, anchors, breaks))
        ends.append(end)
        start = end
    return ends


def clause_starts(text: str) -> list[int]:
    """Return the offsets of the words that may begin a clause of speech without punctuation, ascending."""
    return [match.start(1) for match in _WORD_AFTER.finditer(text) if match[1].lower() in _RESTARTS]


def after_space(text: str, end: int) -> int:
    """Return the start of the unit after ``end``, past a space if there is one."""
    return end + 1 if text[end : end + 1] == " " else end


def _is_inner_stop(text: str, start: int, dot: int, end: int) -> bool:
    """Return True if the full stop at ``dot`` ends no sentence of those that begin at ``start``."""
    before = text[max(start, dot - _LONGEST_ABBREVIATION) : dot]
    word = (before.split() or [""])[-1].lower().lstrip("(\"'“‘[") if not before[-1:].isspace() else ""
    rest = text[end : end + 2].strip()
    if not rest:
        return False
    if rest.islower() or word in _BEFORE_NAMES or (word in _BEFORE_NUMBERS and rest.isdigit()):
        return True
    is_initial = len(word) == 1 and word.isalpha() and word != "i"
    is_first = dot - start <= len(word) + 2  # after a space and a bracket
    if is_first and len(word) <= _LONGEST_NUMBER and (is_initial or word.isdigit()):
        return True
    may_end = is_initial or word in _ABBREVIATIONS or _DOTTED.fullmatch(word) is not None
    return may_end and not begins_sentence(text, end)


def begins_sentence(text: str, end: int) -> bool:
    """Return True if the word after ``end`` is a small one in capitals: a name begins with few of these."""
    after = _NEXT_WORD.match(text, end)
    if after is None or not after[1][0].isupper() or after[1][1:].isupper():
        return False
    return with_plain_apostrophes(after[1]).lower() in _BEGINNINGS


def _soft_ends(
    text: str, start: int, end: int, anchors: Sequence[tuple[int, float]], breaks: Sequence[int]
) -> list[int]:
    """Break ``text[start:end]`` near two thirds of the longest unit, at the best place in reach each time."""
    first = max(bisect_right(anchors, start, key=itemgetter(0)) - 1, 0)
    inside = anchors[first : bisect_left(anchors, end, key=itemgetter(0))]
    pauses = {later: later_s - earlier_s for (_, earlier_s), (later, later_s) in pairwise(inside)}
    cue_starts = set(breaks[bisect_right(breaks, start) : bisect_left(breaks, end)])
    ends: list[int] = []
    position = start
    while end - position > LONGEST_UNIT_CHARS:
        low, high = position + LONGEST_UNIT_CHARS // 3, position + LONGEST_UNIT_CHARS
        best, best_score = 0, -1.0
        for match in re.finditer(r"\s(?=\S)", text[low:high]):
            word_start = low + match.end()
            score = _break_score(text, word_start, pauses, cue_starts)
            score -= abs(word_start - position - LONGEST_UNIT_CHARS * 2 / 3) / LONGEST_UNIT_CHARS
            if score > best_score:
                best, best_score = word_start, score
        if not best:  # one endless word
            space = text.find(" ", low, end)
            if space < 0:
                break
            best = space + 1
        ends.append(best - 1)
        position = best
    return ends


def _break_score(text: str, word_start: int, pauses: dict[int, float], cue_starts: set[int]) -> float:
    word = (text[word_start : word_start + 12].split() or [""])[0].lower().strip(",'’")
    score = 1.0
    if pauses.get(word_start, 0.0) >= PAUSE_S:
        score += 1.0
    if text[word_start - 2] in ",;:—":
        score += 0.6
    if word in _RESTARTS:
        score += 0.5
    if word_start in cue_starts:
        score += 0.2
    return score
