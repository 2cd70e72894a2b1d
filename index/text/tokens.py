"""Questions as words: what is looked up, how much each word tells, and which words of a text answer it."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from index.text.stopwords import FUNCTION_WORDS

LONGEST_QUESTION = 2000
"""Characters of a question that are looked at."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]{2,200})["“”„«»]')
_HALF = re.compile(r"[\ud800-\udfff]")
_REST_OF_WORD = re.compile(r"[^\W_]*")
_LOGI = re.compile(r"[aeiouy][^aeiouy]+[aeiouy]*logi$")
_MOST_TERMS = 32
_stemmer = snowballstemmer.stemmer("porter")


@dataclass(frozen=True, slots=True)
class Terms:
    """A question taken apart.

    Attributes:
        words: all its words in order, lower-case.
        stems: the distinct stems that tell something (no function words, unless there is nothing else), in order.
        phrases: word sequences that the asker put in quotation marks.
        heard: words that automatic captions may have instead, each with the stem that it stands for.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    heard: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.stems)


def fold(text: str) -> str:
    """``text`` without letter case and accents, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def readable(question: str) -> str:
    """The first ``LONGEST_QUESTION`` characters of what a person typed, accents joined to their letters.

    Half characters (lone surrogates, which a shell hands over for bytes that are no UTF-8) become spaces: neither
    the tokenizer nor SQLite takes them.
    """
    return unicodedata.normalize("NFC", _HALF.sub(" ", question[:LONGEST_QUESTION]))


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Porter stem of a lower-case word without its accents, so that either spelling finds either."""
    stemmed: str = _stemmer.stemWord(word if word.isascii() else fold(word))
    # Porter's own later addition, which the library lacks: technologi, like technolog(ical), ends in log.
    return stemmed[:-1] if _LOGI.search(stemmed) else stemmed


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


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each word of four letters or more occurs in ``texts``."""
    return Counter(
        word for text in texts for _, _, word in words_in(text) if len(word) > 3 and word.isalpha()
    )


def terms_of(question: str) -> Terms:
    """Take ``question`` apart. Whatever a person types is words; nothing in it is an operator but quotation marks."""
    question = readable(question)
    words = tuple(word for _, _, word in words_in(question))
    telling = [word for word in words if word not in FUNCTION_WORDS and len(word) > 1]
    stems = tuple(dict.fromkeys(stem(word) for word in (telling or words)))[:_MOST_TERMS]
    phrases = tuple(
        tuple(word for _, _, word in words_in(match.group(1))) for match in _QUOTED.finditer(question)
    )
    return Terms(words, stems, tuple(phrase for phrase in phrases if len(phrase) > 1))


def telling(n_slices: int, n_with_term: int) -> float:
    """How much a term tells: the BM25 inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), never negative.

    Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", section 3.1, with the 1 that keeps it
    above 0.
    """
    return math.log(1.0 + (n_slices - n_with_term + 0.5) / (n_with_term + 0.5))


class TermFinder:
    """Finds a question's stems in texts, quickly: words are looked at only where a stem's beginning stands."""

    def __init__(self, terms: Terms) -> None:
        self._meaning = {
            **{stem(word): meant for word, meant in terms.heard},
            **{one: one for one in terms.stems},
        }
        self._beginnings = {
            one[:-1] or one if len(one) > 3 or one.endswith("i") else one for one in self._meaning
        }

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Start, end and stem of every word of ``text`` whose stem is one of the question's."""
        lowered = _lowered(text)
        found = {}
        for beginning in self._beginnings:
            start = lowered.find(beginning)
            while start >= 0:
                end = start + len(beginning)
                if start == 0 or not lowered[start - 1].isalnum():
                    end = next(_REST_OF_WORD.finditer(lowered, end)).end()
                    meant = self._meaning.get(stem(lowered[start:end]))
                    if meant is not None:
                        found[start] = (start, end, meant)
                start = lowered.find(beginning, end)
        return [found[start] for start in sorted(found)]


def _lowered(text: str) -> str:
    """``text`` in small letters and with plain apostrophes, of the same length."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return lowered.replace("’", "'")


def phrase_pattern(words: Sequence[str]) -> re.Pattern[str]:
    """A pattern for ``words`` one after the other, whatever stands between them that is no word."""
    between = r"(?:['’]s)?[\W_]+"  # ``words_in`` takes possessive endings off
    return re.compile(rf"(?<![^\W_]){between.join(map(_as_written, words))}(?![^\W_])", re.IGNORECASE)


def _as_written(word: str) -> str:
    """A pattern for ``word``, with either apostrophe."""
    return re.escape(word).replace("'", "['’]")
