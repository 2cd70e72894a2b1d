"""The crux gate: how likely two passages on opposite sides answer the same question, and which.

A pair is described by eight numbers (``features``), whose weights were fitted by logistic regression on judged pairs of
passages. Both passages are compared with questions that readers wrote for claims like them. Which data, and how well it
does, is in METHODOLOGY.md, "The other side". The gate was made for one encoder: vectors of another mean something else.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.errors import AxisDataInvalid
from scoring.fitting import chance, unit
from scoring.stored_arrays import stored_arrays

FORMAT = 1
N_FEATURES = 8

_SHARPNESS = 0.05
"""Temperature of the softmax over questions."""

_FULL_POINTS, _POINTS_A_LABEL = 100.0, 50.0

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Claims:
    """Passages that take a side, one a row.

    Attributes:
        vectors: unit vectors of whole slices, shape (n, dim).
        projected: ``CruxGate.project`` of them, shape (n, n_projected).
        positions: -100 to 100, shape (n,).
        lenses: numbers of lenses, shape (n,).
    """

    vectors: Floats
    projected: Floats
    positions: npt.NDArray[np.floating]
    lenses: npt.NDArray[np.integer]

    def take(self, rows: npt.NDArray[np.integer]) -> "Claims":
        """Return the claims in ``rows``."""
        return Claims(self.vectors[rows], self.projected[rows], self.positions[rows], self.lenses[rows])


@dataclass(frozen=True, slots=True)
class CruxGate:
    """A trained gate.

    Attributes:
        fingerprint: of the encoder whose vectors it takes.
        claims: projection of a slice's vector, shape (n_projected, dim).
        questions: in words.
        question_vectors, alike_vectors: projected unit vectors of each question, and of a second wording of it, shape
            (n_questions, n_projected).
        weights: of ``features``, shape (8,).
    """

    fingerprint: str
    claims: Floats
    questions: tuple[str, ...]
    question_vectors: Floats
    alike_vectors: Floats
    weights: npt.NDArray[np.float64]

    def project(self, vectors: Floats) -> Floats:
        """Return unit vectors, shape (n, n_projected), of slices' unit vectors, shape (n, dim); zeros stay zeros."""
        return unit(vectors.astype(np.float32) @ self.claims.T)

    def features(self, first: Claims, second: Claims) -> npt.NDArray[np.float64]:
        """Return what each pair of rows is described by, shape (n, 8).

        1; cosine of the slices; cosine of the projected; overlap of their questions (Bhattacharyya coefficient of two
        softmaxes); likeness of both to their best common question; the weaker and the stronger position (1 is 50
        points, 2 at most); 1 for the same lens, else 0.
        """
        likeness = self._likeness(first.projected), self._likeness(second.projected)
        shares = [_softmax(each / _SHARPNESS) for each in likeness]
        strengths = [
            np.minimum(np.abs(side.positions.astype(np.float64)), _FULL_POINTS) / _POINTS_A_LABEL
            for side in (first, second)
        ]
        return np.column_stack(
            [
                np.ones(len(first.positions)),
                _cosines(first.vectors, second.vectors),
                _cosines(first.projected, second.projected),
                np.sqrt((shares[0] * shares[1]).sum(axis=1)),
                np.minimum(*likeness).max(axis=1),
                np.minimum(*strengths),
                np.maximum(*strengths),
                (first.lenses == second.lenses).astype(np.float64),
            ]
        )

    def probabilities(self, first: Claims, second: Claims) -> npt.NDArray[np.float64]:
        """Return the probability, 0 to 1, that each pair of rows answers one question from opposite sides, shape (n,).

        It is that of a judge finding the pair good, among pairs whose positions lie on opposite sides.
        """
        return chance(self.features(first, second), self.weights)

    def questions_of(self, first: Claims, second: Claims) -> list[str]:
        """Return the question that both claims of each pair of rows are most like; ties take the earlier."""
        both = np.minimum(self._likeness(first.projected), self._likeness(second.projected))
        return [self.questions[place] for place in both.argmax(axis=1)]

    def _likeness(self, projected: Floats) -> npt.NDArray[np.float64]:
        """Return the cosine of each claim to the nearer wording of each question, shape (n, n_questions)."""
        nearer: Floats = np.maximum(projected @ self.question_vectors.T, projected @ self.alike_vectors.T)
        return nearer.astype(np.float64)

    @classmethod
    def load(cls, path: Path) -> "CruxGate":
        """Read the gate in the ``.npz`` file ``path``.

        Raises:
            AxisDataInvalid: it is missing, unreadable, of another format, or its arrays do not fit each other.
        """
        with stored_arrays(path, FORMAT) as stored:
            gate = cls(
                fingerprint=str(stored["fingerprint"]),
                claims=stored["claims"].astype(np.float32),
                questions=tuple(str(question) for question in stored["questions"]),
                question_vectors=unit(stored["question_vectors"].astype(np.float32)),
                alike_vectors=unit(stored["alike_vectors"].astype(np.float32)),
                weights=stored["weights"].astype(np.float64),
            )
        shape = (len(gate.questions), gate.claims.shape[0])
        if (
            not gate.questions
            or gate.question_vectors.shape != shape
            or gate.alike_vectors.shape != shape
            or gate.weights.shape != (N_FEATURES,)
            or not np.isfinite(gate.weights).all()
        ):
            raise AxisDataInvalid(file=str(path), problem="arrays that do not fit each other")
        return gate


def _cosines(first: Floats, second: Floats) -> npt.NDArray[np.float64]:
    products: npt.NDArray[np.float64] = np.einsum(
        "ij,ij->i", first.astype(np.float64), second.astype(np.float64)
    )
    return products


def _softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares
