"""A second look at the best candidates: whoever reads a question and a passage together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Reranker(Protocol):
    """Says how well passages answer a question. ``export.load_cross_encoder`` gives one."""

    def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """How well each of ``texts`` answers ``question``: shape (len(texts),), from 0 (not at all) to 1."""
        ...
