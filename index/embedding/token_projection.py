"""What makes vectors of word pieces from an encoder's hidden states, for late interaction.

Late interaction (Khattab and Zaharia 2020, "ColBERT", section 3) keeps a vector for each word piece of a passage, not
only one for all: each piece of a question looks for the piece of the passage that is nearest to it. Here the vectors
are a linear map of one hidden layer of the encoder that embeds windows anyway, so that they cost no pass of their own.
A second linear map says how much a piece counts; function words count little and are left out of passages.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import ModelUnavailable
from index.files import replace_file
from scoring.errors import AxisDataInvalid
from scoring.stored_arrays import archive_of, stored_arrays

FORMAT = 1
_PACKING = 2  # of ``WordPieces.packed``

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TokenProjection:
    """Trained maps from hidden states to vectors of word pieces.

    Attributes:
        fingerprint: of the encoder, see ``model_export.fingerprint``.
        layer: hidden layer that is mapped; 0 is the embeddings.
        centre: taken from a hidden state of unit length, shape (n_hidden,).
        vectors: map to a piece's vector, which is then brought to unit length, shape (n_hidden, dim).
        weights: map to a piece's weight before the softplus, shape (n_hidden,).
        bias: added to it.
    """

    fingerprint: str
    layer: int
    centre: Floats
    vectors: Floats
    weights: Floats
    bias: float

    @property
    def version(self) -> str:
        """Return 16 hex digits that change with any of its numbers, as they are kept."""
        digest = hashlib.sha256(
            f"{FORMAT} {_PACKING} {self.fingerprint} {self.layer} {self.bias:.6g}".encode()
        )
        for array in (self.centre, self.vectors, self.weights):
            digest.update(np.ascontiguousarray(array, np.float16).tobytes())
        return digest.hexdigest()[:16]

    @property
    def dim(self) -> int:
        """Return the length of a piece's vector."""
        return int(self.vectors.shape[1])

    def save(self, path: Path) -> None:
        """Write the file; its bytes depend on its content alone."""
        written = archive_of(
            FORMAT,
            fingerprint=self.fingerprint,
            layer=self.layer,
            centre=self.centre.astype(np.float16),
            vectors=self.vectors.astype(np.float16),
            weights=self.weights.astype(np.float16),
            bias=np.array(self.bias, np.float32),
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, written)

    @classmethod
    def load(cls, path: Path) -> "TokenProjection":
        """Read what ``save`` wrote.

        Raises:
            ModelUnavailable: it is missing, damaged or of another format.
        """
        try:
            with stored_arrays(path, FORMAT) as stored:
                return cls(
                    fingerprint=str(stored["fingerprint"]),
                    layer=int(stored["layer"]),
                    centre=stored["centre"].astype(np.float32),
                    vectors=stored["vectors"].astype(np.float32),
                    weights=stored["weights"].astype(np.float32),
                    bias=float(stored["bias"]),
                )
        except AxisDataInvalid as error:
            raise ModelUnavailable(model=str(path), problem=error.problem) from error


def read_projections(folder: Path) -> list[TokenProjection]:
    """Return the projections in ``folder``, by name; none if there is no such folder.

    Raises:
        ModelUnavailable: one is damaged.
    """
    return [TokenProjection.load(path) for path in sorted(folder.glob("*.npz"))]


def projection_of(fingerprint: str, projections: Iterable[TokenProjection]) -> TokenProjection | None:
    """Return the first of ``projections`` that is of the encoder with this ``fingerprint``; None for none."""
    return next((found for found in projections if found.fingerprint == fingerprint), None)


def export_name(fingerprint: str, pieces_version: str) -> str:
    """Return the name of an encoder's export: with the maps of that version, or without if it is empty."""
    return f"{fingerprint}-{pieces_version}" if pieces_version else fingerprint


def fingerprint_in(export: str) -> str:
    """Return the encoder's fingerprint in the name of its export."""
    return export.partition("-")[0]
