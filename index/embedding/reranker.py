"""Interface of rerankers, which read a question and a passage together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Reranker(Protocol):
    """Reranker of passages for a question; see ``model_export.load_cross_encoder``."""

    def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return how well each of ``texts`` answers ``question``, shape (len(texts),), from 0 (not at all) to 1."""
        ...
