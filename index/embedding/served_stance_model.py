"""The stance model as it is served: ``scoring.stance.StanceModel`` over an exported model."""

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Precision, ServedModel
from index.embedding.stance_weights import stance_fingerprint
from scoring.fitting import sigmoid
from scoring.stance import Stance, spoken


class ServedStanceModel:
    """A trained stance model, exported and opened at its first use. Safe to call from several threads.

    It is pickled with the files of its export, like the ``ServedModel`` in it.

    Args:
        weights: its file.
        models: folder that exports lie in.
        precision, threads: as ``ServedModel`` has them.

    Raises:
        AxisDataInvalid: the file cannot be read.
    """

    def __init__(
        self, weights: Path, models: Path, *, precision: Precision = "auto", threads: int = 0
    ) -> None:
        self.version = stance_fingerprint(weights)
        """Changes with the weights."""
        self._weights, self._models = weights, models
        self._open = partial(ServedModel, precision=precision, threads=threads)
        self._opening = threading.Lock()
        self._model: ServedModel | None = None

    def __getstate__(self) -> tuple[str, ServedModel]:
        return self.version, self._opened()

    def __setstate__(self, state: tuple[str, ServedModel]) -> None:
        self.version, self._model = state
        self._opening = threading.Lock()

    def _opened(self) -> ServedModel:
        with self._opening:
            if self._model is None:
                folder = self._models / self.version
                if not (folder / "serving.json").is_file():
                    from index.embedding.model_export import export_stance  # noqa: PLC0415 - it loads PyTorch

                    folder = export_stance(self._weights, self._models)
                self._model = self._open(folder)
            return self._model

    def stances(self, texts: Sequence[str]) -> list[Stance]:
        """Return what the model says of each text, in order; it reads the first ``max_tokens`` word pieces.

        Raises:
            ModelUnavailable: the base encoder is missing, or the export is damaged.
        """
        model = self._opened()
        read = [spoken(text) for text in texts]
        found: dict[int, Stance] = {}

        def take(rows: list[int], encodings: list[Any], outputs: list[npt.NDArray[np.float32]]) -> None:
            heads, why = (output.astype(np.float64) for output in outputs)
            for place, (row, encoding) in enumerate(zip(rows, encodings, strict=True)):
                leaning, side, *lenses = heads[place]
                spans = read[row].given(np.array(encoding.offsets, np.int64))
                found[row] = Stance(
                    leaning=float(leaning),
                    takes_side=float(sigmoid(side)),
                    lenses=np.array(lenses),
                    why=sigmoid(why[place, : len(spans)]),
                    spans=spans,
                )

        model.in_batches([talk.text for talk in read], take)
        return [found[row] for row in range(len(texts))]
