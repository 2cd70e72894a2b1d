"""A text by itself, seen as an index build sees a slice."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder
from index.text.slicing import slice_transcript
from index.text.windows import window_texts, windows_of
from index.transcripts.model import Cue, Transcript


def vectors_of(
    texts: Sequence[str], encoder: Encoder, progress: Callable[[int], None] | None = None
) -> list[npt.NDArray[np.float32]]:
    """For each text the vectors of its windows, the whole first, as an index build would have them for one slice."""
    groups = []
    for text in texts:
        folded = " ".join(text.split()) or "-"
        piece = slice_transcript(
            Transcript((Cue(folded),), "plain", "captions"), target_chars=len(folded) + 1
        )[0]
        groups.append(window_texts(piece, windows_of(piece)))
    flat = encoder.encode([text for group in groups for text in group], progress=progress)
    stops = np.cumsum([0, *map(len, groups)])
    return [flat[start:end] for start, end in pairwise(stops)]
