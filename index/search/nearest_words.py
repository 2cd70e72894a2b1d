"""Words of an edition that mean nearly the same as a word that it lacks: *children* for *kids*, *faster* for *quicker*.

Words are compared by the vectors that the encoder gives each of them alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder, Vectors
from index.storage import queries
from index.storage.sqlite import Connection
from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import Terms, Word

NEAR = 5.5
"""How far above the mean of all words' cosines to a word that of a near one is, at least, in their standard deviations,
so that it does not depend on the encoder; see docs/measurements.md."""

MOST_NEAR = 3
"""Words that are taken for another one, at most."""

_SHORTEST = 3
_LEAST_WORDS = 100
"""Words of an edition, at least, for their standard deviation to tell anything."""


@dataclass(slots=True)
class NearestWords:
    """The words of one edition by their vectors, which are loaded when a question first needs them.

    Args:
        connection: to the edition's SQLite file.
        encoder: the one that the edition was built with.
        frequency: document frequency of a stem in the edition.
        is_known: returns True if the edition has a word of this stem, in its speech or its titles.
        is_word: returns True for a word that the encoder knows whole. Of others it knows fragments, and their vectors
            are near to what is spelt alike.
    """

    connection: Connection
    encoder: Encoder
    frequency: Callable[[str], int]
    is_known: Callable[[str], bool]
    is_word: Callable[[str], bool]
    _words: tuple[list[str], npt.NDArray[np.int8]] | None = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def with_nearest(self, terms: Terms) -> Terms:
        """Return ``terms`` with variants for its common words that the edition lacks: those that mean nearly the same.

        What stands in quotation marks or in code is left alone.
        """
        lacking = [word for word in dict.fromkeys(terms.words) if self._is_lacking(word, terms)]
        if not lacking:
            return terms
        stems, vectors = await self._load()
        if len(stems) < _LEAST_WORDS:
            return terms
        near = await asyncio.to_thread(self._nearest, lacking, stems, vectors)
        own = frozenset(terms.stems)
        variants = {variant: meant for variant, meant in near if variant not in own}
        return replace(terms, variants=tuple((variants | dict(terms.variants)).items()))

    def _is_lacking(self, word: Word, terms: Terms) -> bool:
        return (
            word.stem in terms.stems
            and not word.is_literal
            and len(word.typed) >= _SHORTEST
            and word.typed.isalpha()
            and word.word not in FUNCTION_WORDS
            and self.is_word(word.typed)
            and not self.is_known(word.stem)
        )

    def _nearest(
        self, words: Sequence[Word], stems: Sequence[str], vectors: npt.NDArray[np.int8]
    ) -> list[tuple[str, str]]:
        """Return the stems nearest to each of ``words``, the least near first, each with the word's stem."""
        near = []
        for word, cosines in zip(words, self._cosines(words, vectors), strict=True):
            least = cosines.mean() + NEAR * cosines.std()
            places = np.flatnonzero(cosines >= least)
            nearest = places[np.argsort(cosines[places], kind="stable")]
            held = [stems[place] for place in nearest if self.frequency(stems[place])]
            near += [(stem, word.stem) for stem in held[-MOST_NEAR:]]
        return near

    def _cosines(self, words: Sequence[Word], vectors: npt.NDArray[np.int8]) -> Vectors:
        """Return multiples of the cosines of each of ``words`` to all words, shape (n_words, n_stems)."""
        asked = self.encoder.encode([word.typed for word in words])
        cosines: Vectors = asked @ vectors.T.astype(np.float32)
        return cosines

    async def _load(self) -> tuple[list[str], npt.NDArray[np.int8]]:
        """Return all words, read once: another question waits for them meanwhile."""
        async with self._loading:
            if self._words is None:
                self._words = await queries.word_vectors(self.connection)
            return self._words
