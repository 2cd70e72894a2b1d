"""Positions of texts, where they are in the language that the axis reads."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.text.languages import is_in_another
from scoring.axis import Axis
from scoring.reading import Reading, Scorer, unread


def read_positions(
    scorer: Scorer, axis: Axis, texts: Sequence[str], vectors: Sequence[npt.NDArray[np.float32]]
) -> list[Reading]:
    """Return a reading of each text, in order; of one in another language than the axis's, that it was not read.

    Args:
        scorer: reads positions on ``axis``, whose lexicon and models know one language.
        axis: the axis.
        texts: see ``Scorer.read``.
        vectors: see ``Scorer.read``.
    """
    band = axis.band_of(0.0)
    return [
        unread(reading, band) if is_in_another(text, axis.language) else reading
        for text, reading in zip(texts, scorer.read(texts, vectors), strict=True)
    ]
