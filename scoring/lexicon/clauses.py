"""Text to words that can be compared, and the clauses that they stand in.

Automatic captions have no punctuation and stumble, so words are freed of case, apostrophes, fillers and
stammers, and a clause also ends where a conjunction or a new subject begins one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scoring.apostrophes import with_plain_apostrophes

_TOKEN = re.compile(
    r"(?P<word>(?:[^\W\d_]\.){2,}|[^\W_]+(?:'[^\W_]+)*)"
    r"|(?P<noise>\[[^\[\]\n]{0,40}\])"
    r'|(?P<mark>[.!?;:,()"\u201c\u201d\u2026\u2013\u2014]|--|>>)'
)
_QUOTES = '"\u201c\u201d'
_DROPPED_ENDINGS = ("'s", "'re", "'ll", "'ve", "'d", "'m")
_BARE_NEGATIONS = frozenset(
    "dont doesnt didnt wont wouldnt isnt arent wasnt werent "
    "shouldnt couldnt hasnt havent hadnt aint cant".split()
)
_HOST_OF = {"ca": "can", "wo": "will", "ai": "is", "sha": "shall"}
_LONGEST_STAMMER = 3


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """The small words of an axis's language.

    Attributes:
        fillers: words, and pairs of words, that are skipped wherever they stand.
        openers: words that begin a clause.
        restarts: pronouns that begin a clause unless a bridge stands before them or a tie after them.
        bridges: words that carry a clause on over a pronoun ("I don't think | it").
        ties: words after which a pronoun before them was an object ("use it | to").
    """

    fillers: frozenset[tuple[str, ...]]
    openers: frozenset[str]
    restarts: frozenset[str]
    bridges: frozenset[str]
    ties: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """The words of a text, fillers and stammers left out; five lists of one length.

    Attributes:
        keys: the form that is compared; "can't" is two words, ``can`` and ``not``.
        starts, ends: offsets in the text; they ascend and do not overlap.
        clauses: ordinal of the clause, never descending.
        stretches: ordinal of the stretch between punctuation marks, quotation marks apart; never descending.
    """

    keys: list[str]
    starts: list[int]
    ends: list[int]
    clauses: list[int]
    stretches: list[int]


def keys_of(text: str) -> list[str]:
    """Return the comparable forms of all words in ``text``, fillers included."""
    keys: list[str] = []
    for match in _TOKEN.finditer(with_plain_apostrophes(text)):
        if match.lastgroup == "word":
            keys.extend(_keys_of_word(match.group()))
    return keys


def words_of(text: str, speech: FunctionWords) -> ClauseWords:
    """Return the words of ``text`` and their clauses, in time linear in its length."""
    words = ClauseWords([], [], [], [], [])
    filler_ends = frozenset(filler[-1] for filler in speech.fillers)
    n_marks = 0
    n_stretches = 0
    marks_before: list[int] = []
    for match in _TOKEN.finditer(with_plain_apostrophes(text)):
        if match.lastgroup == "mark":
            n_marks += 1
            n_stretches += match.group() not in _QUOTES
        if match.lastgroup != "word":
            continue
        start, end = match.span()
        keys = _keys_of_word(match.group())
        middle = end if len(keys) == 1 else _start_of_negation(match.group(), start)
        for key, span in zip(keys, ((start, middle), (middle, end)), strict=False):
            words.keys.append(key)
            words.starts.append(span[0])
            words.ends.append(span[1])
            words.stretches.append(n_stretches)
            marks_before.append(n_marks)
            _drop_filler(words, marks_before, speech.fillers, filler_ends)
            _drop_stammer(words, marks_before)
    words.clauses.extend(_clauses(words.keys, marks_before, speech))
    return words


@lru_cache(maxsize=65_536)
def _keys_of_word(word: str) -> tuple[str, ...]:
    if len(word) > 1 and word[1] == "." and word[-1] == ".":
        return (word.replace(".", "").casefold(),)
    key = word.casefold()
    if key.endswith("n't") or key in _BARE_NEGATIONS:
        host = key.replace("'", "")[:-2]
        return (_HOST_OF.get(host, host), "not")
    if key == "cannot":
        return ("can", "not")
    for ending in _DROPPED_ENDINGS:
        if key.endswith(ending):
            key = key.removesuffix(ending)
            break
    return (key.replace("'", ""),)


def _start_of_negation(word: str, start: int) -> int:
    n_letters = len(word)
    return start + n_letters - (3 if word[-2] == "'" or word.casefold() == "cannot" else 2)


def _drop_filler(
    words: ClauseWords,
    marks_before: list[int],
    fillers: frozenset[tuple[str, ...]],
    filler_ends: frozenset[str],
) -> None:
    if words.keys[-1] not in filler_ends:
        return
    for n_words in (2, 1):
        if tuple(words.keys[-n_words:]) in fillers:
            _drop_last(words, marks_before, n_words)
            return


def _drop_stammer(words: ClauseWords, marks_before: list[int]) -> None:
    keys = words.keys
    n_keys = len(keys)
    for n_words in range(1, _LONGEST_STAMMER + 1):
        if n_keys < 2 * n_words:
            return
        if keys[-1] == keys[-1 - n_words] and keys[-n_words:] == keys[-2 * n_words : -n_words]:
            _drop_last(words, marks_before, n_words)
            return


def _drop_last(words: ClauseWords, marks_before: list[int], n_words: int) -> None:
    for column in (words.keys, words.starts, words.ends, words.stretches, marks_before):
        del column[-n_words:]


def _clauses(keys: Sequence[str], marks_before: Sequence[int], speech: FunctionWords) -> list[int]:
    clauses: list[int] = []
    clause = 0
    for place, key in enumerate(keys):
        if place and (
            marks_before[place] != marks_before[place - 1]
            or key in speech.openers
            or (key in speech.restarts and _restarts(keys, place, speech))
        ):
            clause += 1
        clauses.append(clause)
    return clauses


def _restarts(keys: Sequence[str], place: int, speech: FunctionWords) -> bool:
    is_object = place + 1 == len(keys) or keys[place + 1] in speech.ties
    return keys[place - 1] not in speech.bridges and not is_object
