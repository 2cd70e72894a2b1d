"""The stems of an edition with what a machine must know of them that searches them in a store."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from index.storage.inverted_index import bytes_of_stems, stems_of_bytes
from index.storage.mapped_arrays import MappedArrays
from index.text.tokens import idf

VOCABULARY_FILE = "vocabulary.npy"


@dataclass(frozen=True)
class EditionVocabulary(MappedArrays):
    """The statistics of an edition's words: stems and slices, but not which slice holds which stem.

    Attributes:
        stems: every stem as UTF-8 bytes, one a line; a stem's number is its line, from 1.
        frequencies: how many slices hold each stem, shape (n_stems,).
        pieces: the pieces that the slices of stem ``i`` are stored in are those from ``pieces[i - 1]`` to
            ``pieces[i]``, shape (n_stems + 1,).
        n_words: number of words of each slice, all fields together, shape (n_slices,).
    """

    stems: npt.NDArray[np.uint8]
    frequencies: npt.NDArray[np.int32]
    pieces: npt.NDArray[np.int64]
    n_words: npt.NDArray[np.uint16]
    numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {stem: number for number, stem in enumerate(stems_of_bytes(self.stems), start=1)}
        object.__setattr__(self, "numbers", numbers)

    @classmethod
    def of(
        cls,
        frequencies: dict[str, int],
        pieces: Sequence[int],
        n_words: npt.NDArray[np.uint16],
    ) -> "EditionVocabulary":
        """Return a vocabulary of stems in the order of ``frequencies``."""
        return cls(
            bytes_of_stems(frequencies),
            np.array(list(frequencies.values()), np.int32),
            np.array(pieces, np.int64),
            n_words,
        )

    def __len__(self) -> int:
        return len(self.n_words)

    def lengths(self) -> npt.NDArray[np.uint16]:
        """Return the number of words of each slice, shape (n_slices,)."""
        return self.n_words

    def frequency(self, stem: str) -> int:
        """Return the document frequency of ``stem``: how many slices hold it."""
        number = self.numbers.get(stem)
        return 0 if number is None else int(self.frequencies[number - 1])

    def idf(self, stem: str) -> float:
        """Return the BM25 inverse document frequency of ``stem``; see ``tokens.idf``."""
        return idf(max(1, len(self)), self.frequency(stem))
