"""The tokenizer that indexing, questions and marks share, and the parsing of questions.

A token is a word as search compares it: lower-case, without accents, and with the stem under which it is indexed.
Its offsets are those of the text as written, so that matches can be quoted and marked. Besides plain words the
tokenizer knows

- abbreviations with dots: ``A.I.`` is ``ai``, and ``U.S.`` and ``US`` are ``u.s.``, which the pronoun *us* is not;
- names with symbols: ``C++``, ``C#``, ``F#``, ``.NET``, ``A*``, ``R&D``;
- ``85%``, which is *85 percent*;
- names with digits: ``GPT-4o``, ``GPT4o`` and ``gpt 4o`` are the same two tokens;
- contractions: ``don’t`` and ``dont`` are ``don't``, and a possessive or verbal ending (``'s``, ``'ll``) is left off;
- Chinese, Japanese and Korean, which are written without spaces: overlapping pairs of characters.

Everything here takes time linear in the length of the text, and no regular expression is built from a question.
"""

import math
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import snowballstemmer

from index.text.spelling_variants import american
from index.text.stopwords import ASKED_FOR, CONTRACTIONS, FUNCTION_WORDS
from scoring.apostrophes import with_plain_apostrophes

TOKENS_VERSION = 6
"""Raised with every change of a token or a stem: an edition whose stems are of another version is built anew."""

LONGEST_QUESTION = 2000
"""Characters of a question that are used."""

MOST_STEMS = 32
"""Stems of a question that are searched."""

QUOTATION_MARKS = '"“”„«»'
"""What people put around the very words that they ask for."""

_APOSTROPHES = "'’ʼ＇"
_SILENT = "\u00ad\u200c\u200d"  # soft hyphen, and the joiners of Persian and Indic scripts
_MARKS = "".join(
    chr(code)
    for code in (*range(0x300, 0x1D00), *range(0xA800, 0xAC00))
    if unicodedata.category(chr(code))[0] == "M"
)  # \w lacks them, though words of many scripts are written with them
_CJK = (
    "\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003fffd"
)

_LETTER = r"[^\W\d_]"
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_INSIDE = rf"[\w{_MARKS}{_SILENT}]"
_CHUNK = re.compile(
    rf"(?:\.(?=[Nn][Ee][Tt]{_AFTER}))?+{_INSIDE}++(?:[{_APOSTROPHES}.,&-]{_INSIDE}++)*+"
    rf"(?:[.+#*]{{1,2}}+(?:[{_APOSTROPHES}]s{_AFTER})?+)?+"
)
"""Text between spaces and punctuation, with the signs that may belong to a name."""

_PARTS = re.compile(
    "|".join(
        (
            rf"(?P<cjk>[{_CJK}]++)",
            rf"(?P<net>\.NET{_AFTER}|^\.net{_AFTER})",
            rf"(?P<dotted>{_BEFORE}{_LETTER}(?:\.{_LETTER})++{_AFTER}\.?+)",
            rf"(?P<both>{_BEFORE}[A-Za-z]{{1,3}}&[A-Za-z]{{1,3}}{_AFTER})",
            rf"(?P<coded>{_BEFORE}[A-Za-z]-\d++[A-Za-z]?+{_AFTER})",
            rf"(?P<symbol>{_BEFORE}(?:[A-Za-z](?:\+\+|\#)|[A-Z]\*))",
            r"(?P<number>\d++(?:[.,]\d++)++)",
            rf"(?P<name>(?:(?![{_CJK}]){_LETTER}){{2,}}+(?=\d))",
            rf"(?P<word>(?![{_CJK}])[^\W_](?:(?![{_CJK}_]){_INSIDE})*+(?:[{_APOSTROPHES}](?:(?![{_CJK}_]){_INSIDE})++)*+)",
        )
    )
)
"""The tokens of a chunk; every one of its letters and digits is in exactly one of them."""

_ENCLITICS = ("'s", "'ll", "'ve", "'re", "'d", "'m", "n't")
_CAPITALS = {"US": "u.s.", "IT": "i.t.", "WHO": "w.h.o."}
_SAME_LETTER = str.maketrans(
    {**dict(zip("øłđıŧħ", "oldith", strict=True)), "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
    | {"ي": "ی", "ى": "ی", "ك": "ک"}
)
_BEFORE_WORDS, _AFTER_WORDS = "\"'([", "\"')],.;:!?"
"""What stands right before and after a word and belongs to no token; a dot before one does (``.NET``)."""
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_LOGI = re.compile(r"[aeiouy][^aeiouy]+[aeiouy]*logi$")
_LONGEST_CACHED = 40
_IDF_STEPS = 1 << 20
_stemmer = snowballstemmer.stemmer("porter")
_stemming = threading.Lock()  # a stemmer keeps its word in a field: two threads would mix theirs

_NO_TEXT = re.compile("[\ud800-\udfff\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
_QUOTED = re.compile(rf"[{QUOTATION_MARKS}]([^{QUOTATION_MARKS}]{{2,200}})[{QUOTATION_MARKS}]")
_CODE = re.compile(r"`{1,3}[^`]++`{1,3}")
_NOT_WORDS = re.compile(
    r"https?://\S+|www\.\S+"  # links
    r"|<(?:[@#][!&]?|/[^\s:<>]{1,100}:|a?:\w{1,40}:|t:)\d{1,20}(?::\w)?>"  # mentions, emoji, times of Discord
    r"|(?<![^\W_]):[a-zA-Z]\w{1,40}:(?![^\W_])"  # :tada:
)


class Token(NamedTuple):
    """A word of a text.

    Attributes:
        start, end: its offsets in the text; a possessive ending is left out.
        word: lower-case and without accents, for comparing words as such.
        stem: stem under which it is indexed; never empty.
    """

    start: int
    end: int
    word: str
    stem: str


class Word(NamedTuple):
    """A word of a question.

    Attributes:
        typed: as a person typed it, lower-case.
        word, stem: as in ``Token``.
        is_literal: True if it stands in quotation marks or in code; it is not corrected then.
    """

    typed: str
    word: str
    stem: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """The parsed words of a question.

    Attributes:
        words: all words in order.
        stems: the distinct stems that are searched (no function words, unless there is nothing else), in order.
        phrases: sequences of two or more words that the asker put in quotation marks.
        variants: further stems to search, each with the stem of ``stems`` that it stands for.
    """

    words: tuple[Word, ...]
    stems: tuple[str, ...]
    phrases: tuple[tuple[Word, ...], ...] = ()
    variants: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.stems)

    @property
    def quoted_stems(self) -> frozenset[str]:
        """Return the stems of all words in ``phrases``."""
        return frozenset(word.stem for phrase in self.phrases for word in phrase)

    @property
    def are_quoted(self) -> bool:
        """True if all that is searched stands in one pair of quotation marks: the very words are asked for."""
        if len(self.phrases) != 1 or all(word.word in FUNCTION_WORDS for word in self.phrases[0]):
            return False
        return self.quoted_stems.issuperset(self.stems)


def fold(text: str) -> str:
    """Return ``text`` without letter case and accents and with plain apostrophes, for comparing names."""
    folded = with_plain_apostrophes(text).strip().casefold()
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFKD", folded)
    kept = "".join(
        letter for letter in decomposed if not unicodedata.combining(letter) or letter in "\u3099\u309a"
    )
    return unicodedata.normalize("NFC", kept).translate(_SAME_LETTER)


def readable(question: str) -> str:
    """Return the first ``LONGEST_QUESTION`` characters of what a person typed, accents joined to their letters.

    Half characters (lone surrogates, which a shell hands over for bytes that are no UTF-8) become spaces: neither
    the model's tokenizer nor SQLite takes them. So do emoji, which are no words, yet change a vector.
    """
    return unicodedata.normalize("NFC", _NO_TEXT.sub(" ", question[:LONGEST_QUESTION]))


def only_words(text: str) -> str:
    """Return ``text`` with spaces for links, mentions and codes of emoji, so that offsets stay."""
    return _NOT_WORDS.sub(lambda match: " " * len(match.group()), text)


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return the Porter stem of a lower-case word as Americans spell it, without its accents; never empty.

    Words of one or two letters and words with symbols are their own stems. A stem that a function word has, too, gets
    an apostrophe: else *Andes* would be *and*, *willing* would be *will* and *useful* would be *us*.
    """
    folded = word if word.isascii() else fold(word) or word
    stemmed = _porter(american(folded))
    return f"{stemmed}'" if stemmed in _FUNCTION_STEMS and folded not in FUNCTION_WORDS else stemmed


def _porter(folded: str) -> str:
    if len(folded) <= 2 or not folded.isalnum():
        return folded
    with _stemming:
        stemmed: str = _stemmer.stemWord(folded) or folded
    # Porter's own later addition, which the library lacks: technologi, like technolog(ical), ends in log.
    return stemmed[:-1] if _LOGI.search(stemmed) else stemmed


_FUNCTION_STEMS = FUNCTION_WORDS.union(map(_porter, FUNCTION_WORDS))
_ASKED_FOR = frozenset(map(stem, ASKED_FOR))


def tokenize(text: str, *, with_characters: bool = False) -> list[Token]:
    """Return the tokens of ``text`` in order.

    Args:
        text: any text.
        with_characters: also return each single character of a longer Chinese, Japanese or Korean run, so that a
            question of one character finds it. The index has them.
    """
    found: list[Token] = []
    at = 0
    for part in _without_shouting(text).split(" "):
        for start, end, word, stemmed in _tokens_of_part(part, with_characters):
            found.append(Token(at + start, at + end, word, stemmed))
        at += len(part) + 1
    return found


def stems_in(text: str, *, with_characters: bool = False) -> list[str]:
    """Return the stem of every token of ``text``, in order; see ``tokenize``."""
    return [
        stemmed
        for part in _without_shouting(text).split(" ")
        for _, _, _, stemmed in _tokens_of_part(part, with_characters)
    ]


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """Count each word of four letters or more in ``texts``, lower-case and with its accents."""
    return Counter(
        word
        for text in texts
        for token in tokenize(text)
        if (word := text[token.start : token.end].lower()).isalpha() and len(word) > 3
    )


def terms_of(question: str) -> Terms:
    """Parse ``question`` into terms.

    Only quotation marks are operators. Links, mentions and codes of emoji are left out.
    """
    question = only_words(readable(question))
    tokens = tokenize(question)
    quoted = [match.span(1) for match in _QUOTED.finditer(question)]
    literal = bytearray(len(question))
    for start, end in (*quoted, *(match.span() for match in _CODE.finditer(question))):
        literal[start:end] = b"\x01" * (end - start)
    words = tuple(
        Word(question[token.start : token.end].lower(), token.word, token.stem, bool(literal[token.start]))
        for token in tokens
    )
    names_letters = not question.isupper() or len(tokens) == 1
    content_stems = [
        token.stem
        for token in tokens
        if token.word not in FUNCTION_WORDS
        and (
            len(token.word) > 1
            or not token.word.isascii()
            or token.word.isdigit()
            or (names_letters and question[token.start] in "BCDEFGHJKLMNOPQRSTUVWXYZ")
        )
    ]
    topic_stems = [stemmed for stemmed in content_stems if stemmed not in _ASKED_FOR]
    stems = tuple(dict.fromkeys(topic_stems or content_stems or [token.stem for token in tokens]))[
        :MOST_STEMS
    ]
    phrases = (
        tuple(word for word, token in zip(words, tokens, strict=True) if start <= token.start < end)
        for start, end in quoted
    )
    return Terms(words, stems, tuple(phrase for phrase in phrases if len(phrase) > 1))


def word_of(typed: str) -> Word:
    """Return the single word ``typed``."""
    return next(
        (Word(typed, token.word, token.stem) for token in tokenize(typed)), Word(typed, typed, stem(typed))
    )


def idf(n_slices: int, n_with_term: int) -> float:
    """Return the BM25 inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), never negative.

    Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", section 3.1, with the 1 that keeps it
    above 0. It is a multiple of 2**-20, so that sums of a question's words are exact: the same in any order, as those
    of a set come in another order in each process.
    """
    exact = math.log(1.0 + (n_slices - n_with_term + 0.5) / (n_with_term + 0.5))
    return max(1, round(exact * _IDF_STEPS)) / _IDF_STEPS


@dataclass(frozen=True)
class TermFinder:
    """Finds the words of a question in texts.

    Most words of a text are none of the question's, and how they begin shows it: a stem has the first two letters of
    its word, unless it has but one, or its second was a y (``eyed`` is ``ei``) or a c (``sceptic``). Only the others
    are stemmed.
    """

    terms: Terms
    _meaning: dict[str, str] = field(init=False, repr=False)
    _beginnings: frozenset[str] = field(init=False, repr=False)
    _with_characters: bool = field(init=False, repr=False)
    _known: dict[str, tuple[tuple[int, int, str], ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        meaning = {**dict(self.terms.variants), **{stemmed: stemmed for stemmed in self.terms.stems}}
        object.__setattr__(self, "_meaning", meaning)
        bare = {key.removesuffix("'") for key in meaning}  # see ``stem``: ``aed`` is ``a'``
        with_y = (key[:1] + "y" for key in bare if key[1:] == "i")
        with_c = ("sc" for key in bare if key.startswith("skeptic"))
        object.__setattr__(self, "_beginnings", frozenset((*(key[:2] for key in bare), *with_y, *with_c)))
        object.__setattr__(
            self, "_with_characters", any(len(key) == 1 and not key.isascii() for key in meaning)
        )

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and stem of every word of ``text`` that is one of the question's, in order.

        The stem is the one of ``Terms.stems`` that the word stands for. Pairs of Chinese characters may overlap.
        """
        known = self._known
        parts = _without_shouting(text).split(" ")
        for part in {*parts}.difference(known):
            known[part] = self._found_in(part)
        found = [
            (n_before + end - len(part) + first, n_before + end - len(part) + last, meant)
            for n_before, (part, end) in enumerate(zip(parts, accumulate(map(len, parts)), strict=True))
            for first, last, meant in known[part]
        ]
        return self._quoted(text, found) if self.terms.are_quoted else found

    def _quoted(self, text: str, found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Return those of ``found`` that stand where the very words are said; all if they are said nowhere."""
        wanted = [word.word for word in self.terms.phrases[0]]
        tokens = tokenize(text)
        said = [
            (tokens[at].start, tokens[at + len(wanted) - 1].end)
            for at in range(len(tokens) - len(wanted) + 1)
            if [token.word for token in tokens[at : at + len(wanted)]] == wanted
        ]
        within = [mark for mark in found if any(start <= mark[0] and mark[1] <= end for start, end in said)]
        return within or found

    def _found_in(self, part: str) -> tuple[tuple[int, int, str], ...]:
        """Return start, end and stem of every word of ``part``, which holds no space, that is one of the question's."""
        bare = part if part.isalpha() else part.rstrip(_AFTER_WORDS).lstrip(_BEFORE_WORDS)
        if bare.isascii() and bare.isalpha() and bare not in _CAPITALS:
            word = bare.lower()
            word = CONTRACTIONS.get(word, word)
            if word[:2] not in self._beginnings and word[0] not in self._beginnings:
                return ()
        return tuple(
            (start, end, self._meaning[stemmed])
            for start, end, _, stemmed in _tokens_of_part(part, self._with_characters)
            if stemmed in self._meaning
        )


def holds_phrases(text: str, phrases: Iterable[Sequence[Word]]) -> bool:
    """Return True if the words of each of ``phrases`` stand one after the other in ``text``."""
    words = _joined(token.word for token in tokenize(text))
    return all(_joined(word.word for word in phrase) in words for phrase in phrases)


def _joined(words: Iterable[str]) -> str:
    """Return ``words`` between zero characters, which no word contains: phrases are substrings then."""
    return "\0" + "\0".join(words) + "\0"


def _without_shouting(text: str) -> str:
    """Return a text in capitals alone in small letters: its capitals mark no abbreviations. Offsets stay."""
    if not text.isupper() or text.count(" ") < 3:
        return text
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _tokens_of_part(part: str, with_characters: bool) -> Sequence[Token]:
    """Return the tokens of a ``part`` of a text without spaces; tokens never lie across one."""
    if len(part) <= _LONGEST_CACHED:
        return _cached_tokens(part, with_characters)
    return tuple(_parsed(part, with_characters))


@lru_cache(maxsize=1 << 15)
def _cached_tokens(part: str, with_characters: bool) -> tuple[Token, ...]:
    return tuple(_parsed(part, with_characters))


def _parsed(part: str, with_characters: bool) -> Iterator[Token]:
    for match in _CHUNK.finditer(part):
        chunk, at = match.group(), match.start()
        if chunk.isascii() and chunk.isalpha():  # most of them
            word = _CAPITALS.get(chunk) or chunk.lower()
            word = CONTRACTIONS.get(word, word)
            yield Token(at, at + len(chunk), word, stem(word))
        else:
            yield from _parts_of_chunk(chunk, at, with_characters)
            if chunk[-1].isdigit() and part.startswith("%", match.end()):
                yield Token(match.end(), match.end() + 1, "percent", "percent")


def _parts_of_chunk(chunk: str, at: int, with_characters: bool) -> Iterator[Token]:
    for match in _PARTS.finditer(chunk):
        kind, part = match.lastgroup, match.group()
        start, end = at + match.start(), at + match.end()
        if kind == "cjk":
            yield from _pairs(part, start, with_characters)
            continue
        if kind == "word":
            word, end = _plain_word(part, end)
        elif kind == "dotted":
            letters = fold(part.replace(".", ""))
            word = _CAPITALS.get(letters.upper(), letters)
        elif kind == "coded":
            word = part.replace("-", "").lower()
        elif kind == "number":
            word = part.replace(",", "") if _THOUSANDS.fullmatch(part) else part
            if "," in word:
                for number in re.finditer(r"[\d.]+", part):
                    yield Token(start + number.start(), start + number.end(), number.group(), number.group())
                continue
        else:
            word = _CAPITALS.get(part) or fold(part)
        word = word or part
        yield Token(start, end, word, stem(word))


def _plain_word(part: str, end: int) -> tuple[str, int]:
    """Return the word that ``part`` is, and where it ends once its enclitic is left off."""
    if part in _CAPITALS:
        return _CAPITALS[part], end
    word = part
    for sign in _SILENT:
        word = word.replace(sign, "")
    word = fold(word) or part
    if "'" in word and word not in FUNCTION_WORDS:
        ending = next((enclitic for enclitic in _ENCLITICS if word.endswith(enclitic)), "")
        stripped = word.removesuffix(ending) if ending else word
        word = stripped.replace("'", "") or word
        end -= len(ending)
    elif word.endswith("'s"):
        word, end = word[:-2], end - 2
    return CONTRACTIONS.get(word, word), end


def _pairs(run: str, at: int, with_characters: bool) -> Iterator[Token]:
    """Yield overlapping pairs of the characters of ``run``, or the only one."""
    for place in range(len(run)):
        if place + 1 < len(run) or place == 0:
            word = unicodedata.normalize("NFKC", run[place : place + 2])
            yield Token(at + place, at + min(place + 2, len(run)), word, word)
        if with_characters and len(run) > 1:
            word = unicodedata.normalize("NFKC", run[place])
            yield Token(at + place, at + place + 1, word, word)
