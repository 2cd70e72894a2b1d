"""Questions as words: what is looked up, how much each word tells, and which words of a text answer it."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from index.stopwords import FUNCTION_WORDS

LONGEST_QUESTION = 2000
"""Characters of a question that are looked at."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]{2,200})["“”„«»]')
_MOST_TERMS = 32
_stemmer = snowballstemmer.stemmer("porter")


@dataclass(frozen=True, slots=True)
class Terms:
    """A question taken apart.

    Attributes:
        words: all its words in order, lower-case.
        stems: the distinct stems that tell something (no function words, unless there is nothing else), in order.
        phrases: word sequences that the asker put in quotation marks.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.stems)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Porter stem of a lower-case word, as SQLite's ``porter`` tokenizer makes it."""
    stemmed: str = _stemmer.stemWord(word)
    return stemmed


def words_in(text: str) -> list[tuple[int, int, str]]:
    """Start, end and lower-case form of every word of ``text``, possessive endings taken off."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group().lower().replace("’", "'")
        end = match.end()
        if word.endswith("'s"):
            word, end = word[:-2], end - 2
        found.append((match.start(), end, word))
    return found


def stems_in(text: str) -> list[str]:
    """The stem of every word of ``text``, in order."""
    return [stem(word) for _, _, word in words_in(text)]


def terms_of(question: str) -> Terms:
    """Take ``question`` apart. Whatever a person types is words; nothing in it is an operator but quotation marks."""
    question = question[:LONGEST_QUESTION]
    words = tuple(word for _, _, word in words_in(question))
    telling = [word for word in words if word not in FUNCTION_WORDS and (len(word) > 1 or word.isdigit())]
    stems = tuple(dict.fromkeys(stem(word) for word in (telling or words)))[:_MOST_TERMS]
    phrases = tuple(
        tuple(word for _, _, word in words_in(match.group(1))) for match in _QUOTED.finditer(question)
    )
    return Terms(words, stems, tuple(phrase for phrase in phrases if len(phrase) > 1))


def match_expression(terms: Terms, also: Iterable[str] = ()) -> str:
    """An FTS5 expression that any of the terms (and of the further words ``also``) satisfies; every word is quoted."""
    seen: dict[str, str] = {}
    for word in (*terms.words, *also):
        if stem(word) in terms.stems or word in also:
            seen.setdefault(stem(word), word)
    parts = [f'"{word}"' for word in seen.values()]
    parts += ['"' + " ".join(phrase) + '"' for phrase in terms.phrases]
    return " OR ".join(parts)


def telling(n_slices: int, n_with_term: int) -> float:
    """How much a term tells: the BM25 inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), never negative.

    Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", section 3.1, with the 1 that keeps it
    above 0.
    """
    return math.log(1.0 + (n_slices - n_with_term + 0.5) / (n_with_term + 0.5))


def longest_run(question: Sequence[str], text: Sequence[str]) -> int:
    """Length of the longest sequence of consecutive stems of ``question`` that ``text`` has in the same order."""
    best = 0
    ending: dict[int, int] = {}
    places: dict[str, list[int]] = {}
    for place, word in enumerate(question):
        places.setdefault(word, []).append(place)
    for word in text:
        now: dict[int, int] = {}
        for place in places.get(word, ()):
            now[place] = ending.get(place - 1, 0) + 1
            best = max(best, now[place])
        ending = now
    return best
