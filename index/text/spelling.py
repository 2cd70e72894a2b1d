"""Correction of misspelt questions, and variants for words misheard by automatic captions.

The vocabulary is the library's own: words of published transcripts, uploaded captions and titles count as spelt
correctly; words that only automatic captions have may be mishearings. No other source is used.
"""

import asyncio
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import Terms, Word, stem, word_of

_LEAST_SIMILAR = 75.0
_SHORTEST, _SHORTEST_HEARD = 4, 6
_LONG, _VERY_LONG = 8, 10
_LEAST_WRITTEN = 2
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("gh", ""),
    ("c", "k"),
    ("q", "k"),
    ("z", "s"),
    ("x", "ks"),
    ("d", "t"),
    ("v", "f"),
)
_PREFIXES = frozenset("a an anti co de dis il im in ir mis non over pre re un under".split())
_ENDINGS = frozenset(
    "able al ally ance ant ary dom ed ee en ence ent er ers ery ess est ful hood ian ible ic ical ies ify ing ion ise "
    "ier iest ish ism ist ists ity ive ize less let ling ly ment ments ness or ous ry ship ships some ty ward wards "
    "wise".split()
)
_LONGEST_PREFIX, _LONGEST_ENDING = max(map(len, _PREFIXES)), max(map(len, _ENDINGS))
_PROFESSIONS = (("ologist", "ology"), ("ologists", "ology"), ("iatrist", "iatry"), ("iatrists", "iatry"))
"""Endings of who does something, and of what they do: their stems differ."""

_SILENT = re.compile(r"[aeiouyhw]")
_LEAST_ALIKE = 60.0
_MOST_ALIKE = 4


class EditionWords(Protocol):
    """The words of an edition, each with its ``sound_of``."""

    async def written(self) -> Sequence[tuple[str, int]]:
        """Return every word that a person spelt, with its count."""

    async def heard(self, length: int) -> Sequence[str]:
        """Return the words that only automatic captions have, of ``length`` letters or one more or less."""

    async def sounding_like(
        self, words: Sequence[str], sounds: Sequence[str]
    ) -> tuple[set[str], Mapping[str, Sequence[str]]]:
        """Return those of ``words`` that a person spelt, and by sound, of ``sounds``, the words only in captions."""


@dataclass(frozen=True, slots=True)
class Speller:
    """A spelling corrector over one edition, which loads most words only when a question needs them.

    Args:
        is_known: returns True if the edition has a word of this stem, in its speech or its titles.
        names: words of titles and of people's names; they count as spelt correctly.
        words: the edition's words.
        is_word: returns True if a word is a common word, even if the edition lacks it; it is left alone then.
    """

    is_known: Callable[[str], bool]
    names: frozenset[str]
    words: EditionWords
    is_word: Callable[[str], bool] = field(default=lambda word: word in FUNCTION_WORDS)
    _written: dict[str, int] = field(default_factory=dict)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def correct(self, terms: Terms, *, but: Container[str] = ()) -> tuple[Terms, dict[str, str]]:
        """Return ``terms`` with unknown words replaced by the words probably meant, and the replacements by word.

        Those of ``but`` stay as typed.

        A word is unknown if the edition has no word of its stem and it is no common word, nor one with an ending or a
        beginning (``cooker``, ``scariest``, ``unsafe``). The written word that is one edit away takes its place, or,
        of eight letters on, one that sounds alike and is two edits away, of ten on three; of several the nearest, then
        the one of the same letters (``restaraunt`` is no ``restraint``), then the one that sounds alike, then the one
        with the same first letter, then the more frequent. Where there is
        none, a word of six letters or more may be one that only captions have, one edit away and alike in sound. Words
        of four letters must sound alike or have two letters changed places. Short words, numbers, contractions, and
        what stands in quotation marks or in code are left alone, and no word becomes a function word. A word that two
        written words make together (``finetuning``) becomes these.
        """
        corrected: dict[Word, str] = {}
        for word in dict.fromkeys(terms.words):
            if word.is_literal or word.word in FUNCTION_WORDS or word.stem not in terms.stems:
                continue
            if word.typed in but or self.is_known(word.stem) or self.is_word(word.typed):
                continue
            meant = await self._nearest(word.typed)
            if meant is not None:
                corrected[word] = meant
        if not corrected:
            return terms, {}
        meant_words = [
            tuple(map(word_of, corrected[word].split())) if word in corrected else (word,)
            for word in terms.words
        ]
        words = tuple(word for meant in meant_words for word in meant)
        stems = [
            new.stem
            for old, meant in zip(terms.words, meant_words, strict=True)
            if old.stem in terms.stems
            for new in meant
        ]
        meant_by_typed = {word.typed: meant for word, meant in corrected.items()}
        return replace(terms, words=words, stems=tuple(dict.fromkeys(stems))), meant_by_typed

    async def with_mishearings(self, terms: Terms) -> Terms:
        """Return ``terms`` with variants: words that automatic captions may have written, or a profession's field."""
        stems = {word.typed: word.stem for word in terms.words if word.stem in terms.stems}
        asked = [typed for typed in stems if len(typed) >= 5]
        if not asked:
            return terms
        kindred = {
            other: stems[word] for word in asked for other in _kindred(word) if other not in terms.stems
        }
        written, misheard = await self.words.sounding_like(asked, [sound_of(word) for word in asked])
        variants = {
            stem(other): stems[word]
            for word in asked
            if word in written or word in self.names
            for other in _alike(word, misheard.get(sound_of(word), ()))
        }
        return replace(terms, variants=tuple((kindred | variants).items()))

    async def _nearest(self, word: str) -> str | None:
        if len(word) < _SHORTEST or not word.isalpha():
            return None
        await self._load_written()
        if (apart := self._apart(word)) is not None:
            return apart
        if self._is_formed(word):
            return None
        found = process.extract(
            word, self._written.keys(), scorer=fuzz.ratio, score_cutoff=_LEAST_SIMILAR, limit=12
        )
        most = 1 if len(word) < _LONG else 2 if len(word) < _VERY_LONG else 3
        sound = sound_of(word)
        ranked = sorted(
            (
                DamerauLevenshtein.distance(word, other),
                sorted(other) != sorted(word),
                sound_of(other) != sound,
                other[0] != word[0],
                -self._written[other],
                other,
            )
            for other, _, _ in found
            if other not in FUNCTION_WORDS
            and (len(word) > _SHORTEST or sound_of(other) == sound or sorted(other) == sorted(word))
        )
        best = next(iter(ranked), None)
        if best is None or best[0] > most or (best[0] > 1 and sound_of(best[-1]) != sound):
            return await self._heard(word) if len(word) >= _SHORTEST_HEARD else None
        return best[-1]

    async def _load_written(self) -> None:
        """Load the written words, all at once: another question must not see a part of them meanwhile."""
        async with self._loading:
            if not self._written:
                written = dict.fromkeys(self.names, 1)
                for word, times in await self.words.written():
                    written[word] = written.get(word, 0) + times
                self._written.update(written)

    async def _heard(self, word: str) -> str | None:
        """Return the first word, by alphabet, of the captions that is one edit away and sounds alike; None for none."""
        sound = sound_of(word)
        alike = (other for other in await self.words.heard(len(word)) if sound_of(other) == sound)
        return min((other for other in alike if DamerauLevenshtein.distance(word, other) == 1), default=None)

    def _apart(self, word: str) -> str | None:
        """Return the two written words of four letters or more that ``word`` is, written together; None if it is none.

        Of several, the pair whose rarer word is the most frequent.
        """
        pairs = [
            (min(self._written.get(word[:at], 0), self._written.get(word[at:], 0)), word[:at], word[at:])
            for at in range(_SHORTEST, len(word) - _SHORTEST + 1)
            if not {word[:at], word[at:]} & FUNCTION_WORDS
        ]
        times, first, second = max(pairs, default=(0, "", ""))
        return f"{first} {second}" if times >= _LEAST_WRITTEN else None

    def _is_formed(self, word: str) -> bool:
        """Return True if ``word`` is a written or common word with a beginning or an ending; it is no slip then."""
        return any(base in self._written or self.is_word(base) for base in _bases(word))


def with_corrections(question: str, corrected: Mapping[str, str]) -> str:
    """Return ``question`` with each word of ``corrected``, as typed, replaced by what is meant."""
    for typed, meant in corrected.items():
        parts = re.split(rf"(?<!\w){re.escape(typed)}(?!\w)", question, flags=re.IGNORECASE)
        question = meant.join(parts)
    return question


def _bases(word: str) -> Iterator[str]:
    """Yield what ``word`` may be formed from: without a beginning, or an ending and what an ending changes.

    A beginning may be one letter (``atypical``); an ending of one letter is as likely a slip of the finger.
    """
    for at in range(1, min(_LONGEST_PREFIX, len(word) - _SHORTEST) + 1):
        if word[:at] in _PREFIXES:
            yield word[at:]
    for at in range(max(_SHORTEST - 1, len(word) - _LONGEST_ENDING), len(word) - 1):
        base, ending = word[:at], word[at:]
        if ending not in _ENDINGS:
            continue
        if len(base) >= _SHORTEST:
            yield base
        if ending[0] in "aeio" and len(base) >= _SHORTEST - 1:
            yield base + "e"
        if ending[0] == "i":
            yield base + "y"
        if len(base) > _SHORTEST and base[-1] == base[-2]:
            yield base[:-1]


def _kindred(word: str) -> Iterator[str]:
    """Yield the stems of the profession's field if ``word`` is a profession, of the profession if it is a field."""
    for person, area in _PROFESSIONS:
        if word.endswith(person):
            yield stem(word.removesuffix(person) + area)
        elif word.endswith(area):
            yield stem(word.removesuffix(area) + person)


def _alike(word: str, misheard: Sequence[str]) -> tuple[str, ...]:
    """Return the most similar of ``misheard``, which sound like ``word``, best first, ties by alphabet."""
    ranked = sorted((-fuzz.ratio(word, other), other) for other in misheard)
    alike = (
        other for similarity, other in ranked if -similarity >= _LEAST_ALIKE and stem(other) != stem(word)
    )
    return tuple(islice(alike, _MOST_ALIKE))


def sound_of(word: str) -> str:
    """Return the consonants of ``word`` by sound: similar letters merged, vowels and repeats left out."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    first, rest = word[:1], _SILENT.sub("", word[1:])
    return re.sub(r"(.)\1+", r"\1", first + rest)
