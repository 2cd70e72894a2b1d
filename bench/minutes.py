"""Labelled minutes for measurements: read from a file, embedded once, and drawn from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder, Vectors
from index.embedding.text_vectors import vectors_of
from index.errors import RowsInvalid
from index.evaluation.retrieval import read_rows
from index.text.slicing import SLICING_VERSION
from index.training.calibration import EDGE_LABEL
from scoring.fitting import Floats, folds_of
from scoring.lexicon.reader import Lexicon, lexical_position
from scoring.semantic import feature_of
from scoring.statements import FULL

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Minutes:
    """Labelled texts as every method sees them: arrays with a row a text.

    Attributes:
        vectors: of each text's windows, the whole text first.
        features: what the semantic reader looks at, shape (n, dim).
        lexical: the lexicon's position, -1 to 1.
        labels: -2 to 2.
        groups: the episode of each, or the text itself.
    """

    vectors: Sequence[Vectors]
    features: Floats
    lexical: Floats
    labels: Floats
    groups: Sequence[str]

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, rows: Ints) -> "Minutes":
        """Those of ``rows``, in their order."""
        return Minutes(
            [self.vectors[row] for row in rows],
            self.features[rows],
            self.lexical[rows],
            self.labels[rows],
            [self.groups[row] for row in rows],
        )

    def and_then(self, other: "Minutes") -> "Minutes":
        """These, followed by ``other``."""
        return Minutes(
            [*self.vectors, *other.vectors],
            np.concatenate([self.features, other.features]),
            np.concatenate([self.lexical, other.lexical]),
            np.concatenate([self.labels, other.labels]),
            [*self.groups, *other.groups],
        )

    def wholes(self) -> Floats:
        """The vectors of the whole texts, shape (n, dim)."""
        return np.stack([own[0] for own in self.vectors]).astype(np.float64)


def minutes_of(
    texts: Sequence[str],
    labels: Sequence[float],
    groups: Sequence[str],
    vectors: Sequence[Vectors],
    lexicon: Lexicon,
) -> Minutes:
    """Texts with what ``vectors_of`` gave for them, read by ``lexicon``."""
    return Minutes(
        vectors=vectors,
        features=np.stack([feature_of(own) for own in vectors]),
        lexical=np.array([lexical_position(lexicon.read(text)) / 100.0 for text in texts]),
        labels=np.array(labels, np.float64),
        groups=groups,
    )


def drawn(minutes: Minutes, size: int, seed: int) -> Minutes:
    """``size`` of them without replacement, all if there are fewer; the same for the same seed."""
    random = np.random.default_rng([seed, size])
    return minutes.at(np.sort(random.permutation(len(minutes))[:size]))


def labelled_rows(file: Path, *, needs_episodes: bool) -> list[dict[str, Any]]:
    """The passages in ``file``.

    Raises:
        RowsInvalid: a line is broken, a label is no number from -2 to 2, a band is empty, or episodes are too few.
    """
    rows = read_rows(file, ("text", "position", *(["episode"] if needs_episodes else [])))
    labels = [row["position"] for row in rows]
    problem = None
    if not all(type(one) in (int, float) and -FULL <= one <= FULL for one in labels):
        problem = "a position is no number from -2 to 2"
    elif len({(one > EDGE_LABEL) - (one < -EDGE_LABEL) for one in labels}) < 3:
        problem = "each band needs a passage"
    elif needs_episodes and len(set(folds_of([str(row["episode"]) for row in rows]))) < 4:
        problem = "there are too few episodes to train on some and read the others"
    if problem is not None:
        raise RowsInvalid(file=str(file), line=None, problem=problem)
    return rows


def kept_vectors(texts: Sequence[str], encoder: Encoder, folder: Path) -> list[Vectors]:
    """What ``vectors_of`` gives for ``texts``, from ``folder`` where it has been asked before."""
    digest = hashlib.sha256(f"{encoder.fingerprint} {SLICING_VERSION}".encode())
    for text in texts:
        digest.update(f"\0{text}".encode())
    path = folder / f"{digest.hexdigest()[:24]}.npz"
    if not path.is_file():
        made = vectors_of(texts, encoder)
        folder.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".part").open("wb") as handle:
            np.savez(handle, flat=np.concatenate(made), counts=[len(own) for own in made])
        path.with_suffix(".part").replace(path)
    with np.load(path, allow_pickle=False) as stored:
        stops, flat = np.cumsum([0, *stored["counts"]]), stored["flat"]
    return [flat[start:end] for start, end in pairwise(stops)]
