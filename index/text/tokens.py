"""One tokenizer for everything: indexing, questions, marking and names all split text in the same way.

A token is a word as people mean it: ``U.S.``, ``A.I.``, ``C++``, ``.NET``, ``don't`` and ``Gödel`` are one token each,
``GPT-4o`` is two. Scripts that are written without spaces are split into overlapping pairs of characters.
"""

import math
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from index.text.stopwords import FUNCTION_WORDS

LONGEST_QUESTION = 2000
"""Characters of a question that are looked at."""

Token = tuple[int, int, str]
"""Start and end in the text, and the token in its normal form: lower-case, accents removed, never empty."""

_MOST_TERMS = 32
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]{2,200})["“”„«»]')
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LOGI = re.compile(r"[aeiouy][^aeiouy]+[aeiouy]*logi$")
_LETTERS_THEN_DIGITS = re.compile(r"([^\W\d_]{2,})(\d.*)", re.DOTALL)


def _marks() -> str:
    """Return the combining marks of all scripts as the inside of a character class."""
    codes = [
        code for code in range(0x300, sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Mn", "Mc")
    ]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


_CJK = (
    "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W_{_CJK}]"
_WORD = re.compile(
    rf"(?P<symbol>(?<!\w)(?:[CJcj]\+\+|[CFcf]#|\.(?:NET|Net|net)\b))"
    rf"|(?P<dotted>(?<![\w.])(?:[A-Za-z]\.){{2,}}(?![A-Za-z]\w)|(?<![\w.])(?:[A-Za-z]\.)+[A-Za-z](?![\w'’]))"
    rf"|(?P<cjk>[{_CJK}]+)"
    rf"|{_LETTER}(?:{_LETTER}|[{_marks()}])*(?:['’]{_LETTER}(?:{_LETTER}|[{_marks()}])*)*"
)
_ALL_CJK = re.compile(f"[{_CJK}]+")
_ALSO_ABBREVIATIONS = frozenset("US IT WHO".split())
_ALSO_WORDS = frozenset("ill hell shed shell id its lets were wed well whos".split())
_CONTRACTIONS = {
    word.replace("'", ""): word
    for word in FUNCTION_WORDS
    if "'" in word and word.replace("'", "") not in _ALSO_WORDS | FUNCTION_WORDS
}
_stemmer = snowballstemmer.stemmer("porter")


@dataclass(frozen=True, slots=True)
class Terms:
    """A question taken apart.

    Attributes:
        words: all its tokens in order.
        stems: the distinct stems worth looking up (no function words, unless there is nothing else), in order.
        phrases: token sequences that the asker put in quotation marks.
        heard: words that automatic captions may have instead, each with the stem that it stands for.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    heard: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.stems)


def fold(text: str) -> str:
    """Return ``text`` stripped, case-folded and without accents, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def readable(question: str) -> str:
    """Return the first ``LONGEST_QUESTION`` characters of a question in composed form (NFC).

    Lone surrogates, which a shell hands over for bytes that are not UTF-8, become spaces: neither the tokenizer of a
    model nor SQLite accepts them.
    """
    return unicodedata.normalize("NFC", _SURROGATE.sub(" ", question[:LONGEST_QUESTION]))


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the Porter stem of a token without its accents; never empty for a token that is not.

    As in Porter's paper, words of one or two letters are their own stem ("An algorithm for suffix stripping", 1980).
    """
    if len(word) <= 2:
        return word
    plain = word if word.isascii() else fold(word)
    stemmed: str = _stemmer.stemWord(plain)
    if _LOGI.search(stemmed):  # Porter's own later addition: technologi, like technolog(ical), ends in log
        stemmed = stemmed[:-1]
    return stemmed or plain or word


def tokenize(text: str) -> list[Token]:
    """Split ``text`` into tokens, in order of their start. Linear in the length of the text.

    - Possessive endings are removed, apostrophes are plain: ``Ada’s`` is ``ada``.
    - Dotted abbreviations are one token without dots, ``A.I.`` is ``ai``; with dots where the letters alone would be a
      function word: ``U.S.`` is ``u.s.``. So is ``US`` in capitals.
    - Contractions typed without their apostrophe have it: ``dont`` is ``don't``.
    - Letters and a number behind them are two tokens: ``GPT-4o``, ``gpt4o`` and ``gpt 4o`` are ``gpt`` and ``4o``.
    - A run of Chinese, Japanese or Korean is split into overlapping pairs of characters.
    """
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    is_shouted = text.isupper()
    for match in _WORD.finditer(text):
        start, end = match.span()
        raw = match.group()
        kind = match.lastgroup
        if kind is None:
            if raw in _ALSO_ABBREVIATIONS and not is_shouted:
                yield start, end, _abbreviation(raw.lower())
                continue
            word = raw.lower().replace("’", "'") if raw.isascii() or "’" in raw else raw
            if not word.isascii():
                word = fold(word)
            if word.endswith("'s"):
                word, end = word[:-2], end - 2
            parts = _LETTERS_THEN_DIGITS.fullmatch(word)
            if parts is not None and len(word) == end - start:
                cut = start + parts.end(1)
                yield start, cut, parts.group(1)
                yield cut, end, parts.group(2)
            elif word:
                yield start, end, _CONTRACTIONS.get(word, word)
        elif kind == "cjk":
            yield from _pairs(raw, start)
        elif kind == "dotted":
            yield start, end, _abbreviation(raw.replace(".", "").lower())
        else:
            yield start, end, raw.lower()


def _abbreviation(letters: str) -> str:
    """Return the token of an abbreviation; dotted where its letters alone would be a function word."""
    return ".".join(letters) + "." if letters in FUNCTION_WORDS or len(letters) == 1 else letters


def _pairs(run: str, start: int) -> Iterator[Token]:
    if len(run) == 1:
        yield start, start + 1, fold(run) or run
    for place in range(len(run) - 1):
        pair = run[place : place + 2]
        yield start + place, start + place + 2, fold(pair) or pair


def stems_in(text: str) -> list[str]:
    """Return the stem of every token of ``text``, in order."""
    return [stem(word) for _, _, word in _tokens(text)]


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """Count the words of four letters or more in ``texts``."""
    return Counter(
        word
        for text in texts
        for _, _, word in _tokens(text)
        if len(word) > 3 and word.isalpha() and not _ALL_CJK.match(word)
    )


def terms_of(question: str) -> Terms:
    """Take ``question`` apart. Whatever a person types is words; quotation marks are the only operator."""
    question = readable(question)
    words = tuple(word for _, _, word in _tokens(question))
    content = [word for word in words if word not in FUNCTION_WORDS and (len(word) > 1 or not word.isascii())]
    stems = tuple(dict.fromkeys(stem(word) for word in (content or words)))[:_MOST_TERMS]
    phrases = (tuple(word for _, _, word in _tokens(match.group(1))) for match in _QUOTED.finditer(question))
    return Terms(words, stems, tuple(phrase for phrase in phrases if len(phrase) > 1))


def idf(n_slices: int, n_with_term: int) -> float:
    """Return the BM25 inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.

    Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", section 3.1, with the 1 that keeps it
    above 0.
    """
    return math.log(1.0 + (n_slices - n_with_term + 0.5) / (n_with_term + 0.5))


class TermFinder:
    """Find a question's stems in texts.

    Args:
        terms: the question's.
    """

    def __init__(self, terms: Terms) -> None:
        self._meaning = {
            **{stem(word): meant for word, meant in terms.heard},
            **{one: one for one in terms.stems},
        }

    def find(self, text: str) -> list[Token]:
        """Return start, end and stem of every token of ``text`` whose stem is one of the question's, in order."""
        meaning = self._meaning
        found = []
        for start, end, word in _tokens(text):
            meant = meaning.get(stem(word))
            if meant is not None:
                found.append((start, end, meant))
        return found


def holds_phrase(text: str, phrase: Sequence[str]) -> bool:
    """Return True if the tokens of ``phrase`` stand one after the other in ``text``. Linear in the text."""
    return _joined(phrase) in _joined(word for _, _, word in _tokens(text))


def _joined(words: Iterable[str]) -> str:
    """Return the words with a separator around each that no token contains."""
    return f"\n{chr(10).join(words)}\n"
