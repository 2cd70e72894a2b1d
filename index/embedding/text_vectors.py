"""Embedding of single texts as an index build embeds slices."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder
from index.text.slicing import slice_transcript
from index.text.windows import window_texts, windows_of
from index.transcripts.model import Cue, Transcript


def vectors_of(texts: Sequence[str], encoder: Encoder) -> list[npt.NDArray[np.float32]]:
    """Return for each text the vectors of its windows, shape (n_windows, dim), the whole text first.

    They are the vectors that an index build gives a slice of the same text.
    """
    groups = []
    for text in texts:
        folded = " ".join(text.split()) or "-"
        # Cut to twice its length it stays whole, even where sentences are written without the spaces that slices have.
        (piece,) = slice_transcript(
            Transcript((Cue(folded),), "plain", "captions"), target_chars=2 * len(folded)
        )
        groups.append(window_texts(piece, windows_of(piece)))
    flat = encoder.encode([text for group in groups for text in group])
    stops = np.cumsum([0, *map(len, groups)])
    return [flat[start:end] for start, end in pairwise(stops)]
