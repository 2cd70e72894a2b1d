"""Words misspelt by the asker or misheard by automatic captions find what was meant.

The vocabulary is the library's own: words of published transcripts, uploaded captions and titles are taken for
spelt; words that only automatic captions have may be mishearings. Nothing is looked up outside.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from index.keywords import Terms, stem

_LEAST_SIMILAR = 75.0
_SHORTEST = 4
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
_SILENT = re.compile(r"[aeiouyhw]")
_LEAST_ALIKE = 60.0
_MOST_ALIKE = 4


@dataclass(frozen=True, slots=True)
class Speller:
    """Knows the words of one edition.

    Attributes:
        written: how often each word occurs in texts that someone spelt.
        stems: stems of all words of the edition.
        misheard: words that only automatic captions have, by their ``sound``.
    """

    written: Mapping[str, int]
    stems: frozenset[str]
    misheard: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, vocabulary: Iterable[tuple[str, int, int]], names: Iterable[str] = ()) -> "Speller":
        """A speller over ``(word, times written, times heard)`` and the words of titles and names."""
        written = dict.fromkeys(names, 1)
        stems = {stem(word) for word in written}
        misheard: dict[str, list[str]] = {}
        for word, times_written, _ in vocabulary:
            stems.add(stem(word))
            if times_written:
                written[word] = written.get(word, 0) + times_written
            else:
                misheard.setdefault(sound_of(word), []).append(word)
        return cls(written, frozenset(stems), misheard)

    def correct(self, terms: Terms) -> tuple[Terms, dict[str, str]]:
        """``terms`` with unknown words replaced by what was probably meant, and which were.

        A word is unknown if the edition has no word of its stem; the written word that is nearest by edits (one
        for short words, up to three for long ones) takes its place, of several the one with the same first
        letter, then the more frequent. Short words, numbers and what is in quotation marks are left alone.
        """
        quoted = {word for phrase in terms.phrases for word in phrase}
        corrected: dict[str, str] = {}
        for word in dict.fromkeys(terms.words):
            if word not in quoted and stem(word) in terms.stems and stem(word) not in self.stems:
                meant = self._nearest(word)
                if meant is not None:
                    corrected[word] = meant
        if not corrected:
            return terms, {}
        words = tuple(corrected.get(word, word) for word in terms.words)
        kept = [stem(new) for old, new in zip(terms.words, words, strict=True) if stem(old) in terms.stems]
        return replace(terms, words=words, stems=tuple(dict.fromkeys(kept))), corrected

    def with_mishearings(self, terms: Terms) -> Terms:
        """``terms`` that also match what automatic captions may have made of their words."""
        heard = {
            other: stem(word)
            for word in dict.fromkeys(terms.words)
            if stem(word) in terms.stems
            for other in self._sounding_like(word)
        }
        return replace(terms, heard=tuple(heard.items()))

    def _sounding_like(self, word: str) -> tuple[str, ...]:
        if len(word) < 5 or word not in self.written:
            return ()
        alike = [(fuzz.ratio(word, other), other) for other in self.misheard.get(sound_of(word), ())]
        ranked = sorted(
            (pair for pair in alike if pair[0] >= _LEAST_ALIKE), key=lambda pair: (-pair[0], pair[1])
        )
        return tuple(other for _, other in ranked if stem(other) != stem(word))[:_MOST_ALIKE]

    def _nearest(self, word: str) -> str | None:
        if len(word) < _SHORTEST or not word.isalpha():
            return None
        found = process.extract(
            word, self.written.keys(), scorer=fuzz.ratio, score_cutoff=_LEAST_SIMILAR, limit=12
        )
        most = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        ranked = sorted(
            (DamerauLevenshtein.distance(word, other), other[0] != word[0], -self.written[other], other)
            for other, _, _ in found
        )
        return next((other for distance, _, _, other in ranked if distance <= most), None)


def sound_of(word: str) -> str:
    """The consonants of ``word`` as they sound: like letters made one, vowels and repeats left out."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    first, rest = word[:1], _SILENT.sub("", word[1:])
    return re.sub(r"(.)\1+", r"\1", first + rest)
