"""The file of a trained stance model: what training changed in a base encoder, its heads, and its calibration.

The base encoder's weights are somebody else's and are had as a package or from a hub; what is kept of a matrix that was
trained is its difference to the base's, as a product of two narrow matrices (the best of that rank, by singular values:
Eckart and Young 1936), as adapters do (LoRA, Hu et al. 2021). A file knows the base by a fingerprint of the weights
that it changes, so that it does not matter in which files these come.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.files import replace_file
from scoring.errors import AxisDataInvalid
from scoring.fitting import Scale
from scoring.stance import StanceCalibration
from scoring.stored_arrays import archive_of, stored_arrays

FORMAT = 1

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StanceWeights:
    """A stance model as it is kept.

    Attributes:
        base: name of the base encoder, as ``model_export.model_folder`` or a model hub knows it.
        base_fingerprint: ``weights_fingerprint`` of the weights in ``changes`` as the base has them.
        changes: for each weight of the base that was trained the difference to add, of the weight's shape.
        heads: weights and biases of the linear heads ``why`` (1 output, over word pieces), ``position`` (1), ``side``
            (1) and ``lens`` (one a lens); the last three see the pieces' mean and their mean weighed by ``why``.
        max_tokens: word pieces that it reads of a text.
        calibration: to positions and confidence.
        recorded: figures when it was made, by name, on talks that it was not trained on.
    """

    base: str
    base_fingerprint: str
    changes: Mapping[str, Floats]
    heads: Mapping[str, Floats]
    max_tokens: int
    calibration: StanceCalibration
    recorded: Mapping[str, float]

    def save(self, path: Path, rank: int) -> None:
        """Write the file, with differences of matrices at most of ``rank``; its bytes depend on its content alone."""
        arrays: dict[str, Any] = {
            "base": self.base,
            "base_fingerprint": self.base_fingerprint,
            "max_tokens": self.max_tokens,
            "lexical": self.calibration.lexical,
            "scale": astuple(self.calibration.scale),
            "sureness": self.calibration.sureness,
            "sure": self.calibration.sure,
            "recorded": json.dumps(dict(self.recorded), sort_keys=True),
        }
        for name, change in sorted(self.changes.items()):
            if change.ndim == 2 and min(change.shape) > rank:
                left, values, right = np.linalg.svd(change, full_matrices=False)
                root = np.sqrt(values[:rank])
                arrays[f"left:{name}"] = (left[:, :rank] * root).astype(np.float16)
                arrays[f"right:{name}"] = (root[:, np.newaxis] * right[:rank]).astype(np.float16)
            else:
                arrays[f"whole:{name}"] = change.astype(np.float16)
        for name, weights in sorted(self.heads.items()):
            arrays[f"head:{name}"] = weights.astype(np.float32)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, archive_of(FORMAT, **arrays))

    @classmethod
    def load(cls, path: Path) -> "StanceWeights":
        """Read what ``save`` wrote.

        Raises:
            AxisDataInvalid: it is missing, damaged or of another format.
        """
        with stored_arrays(path, FORMAT) as stored:
            changes: dict[str, Floats] = {}
            for key in stored.files:
                part, _, name = key.partition(":")
                if part == "left":
                    right = stored[f"right:{name}"].astype(np.float32)
                    changes[name] = stored[key].astype(np.float32) @ right
                elif part == "whole":
                    changes[name] = stored[key].astype(np.float32)
            return cls(
                base=str(stored["base"]),
                base_fingerprint=str(stored["base_fingerprint"]),
                changes=changes,
                heads={
                    key.removeprefix("head:"): stored[key] for key in stored.files if key.startswith("head:")
                },
                max_tokens=int(stored["max_tokens"]),
                calibration=_calibration(stored),
                recorded=json.loads(str(stored["recorded"])),
            )


def stance_calibration(path: Path) -> StanceCalibration:
    """Read the calibration of the stance model in the file ``path`` without its weights.

    Raises:
        AxisDataInvalid: it is missing, damaged or of another format.
    """
    with stored_arrays(path, FORMAT) as stored:
        return _calibration(stored)


def weights_fingerprint(weights: Mapping[str, Floats]) -> str:
    """Return 16 hex digits that change with any of ``weights`` or its name."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(weights[name], np.float32).tobytes())
    return digest.hexdigest()[:16]


def stance_fingerprint(path: Path) -> str:
    """Return 16 hex digits that change with the file ``path``.

    Raises:
        AxisDataInvalid: it cannot be read.
    """
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()[:16]
    except OSError as error:
        raise AxisDataInvalid(file=str(path), problem="missing or unreadable") from error


def _calibration(stored: Mapping[str, Any]) -> StanceCalibration:
    low, high, spread = (float(value) for value in stored["scale"])
    medium, surely = (float(value) for value in stored["sure"])
    return StanceCalibration(
        lexical=float(stored["lexical"]),
        scale=Scale(low, high, spread),
        sureness=np.asarray(stored["sureness"], np.float64),
        sure=(medium, surely),
    )
