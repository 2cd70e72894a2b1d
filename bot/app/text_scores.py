"""Positions of texts that are in no library: each is cut like an episode and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index.embedding.encoder import Encoder
from index.text.positions import read_positions
from index.text.slicing import slice_transcript
from index.text.windows import window_texts, windows_of
from index.transcripts.model import Cue, Transcript
from scoring.axis import Axis
from scoring.profile import headline_of
from scoring.reading import Reading, Scorer

_EMBEDDED_SINGLY = 64
"""Up to so many windows are embedded one at a time. A batch compiles the model once more, which takes 34 MB."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The position of a text that is in no library: its slices' readings and their headline."""

    position: float
    band: str
    reading: Reading
    readings: tuple[Reading, ...]


def score_texts(texts: Sequence[str], encoder: Encoder, scorer: Scorer, axis: Axis) -> tuple[Scored, ...]:
    """Return where texts stand that are in no library: each is cut like an episode and read; long ones have a headline.

    Args:
        texts: in any order, or none; an empty text is read as a dash.
        encoder: the encoder that ``scorer`` was made for.
        scorer: what reads positions.
        axis: the axis of positions.
    """
    if not texts:
        return ()
    cut = [
        slice_transcript(Transcript((Cue(" ".join(text.split()) or "-"),), "plain", "published"))
        for text in texts
    ]
    pieces = [piece for slices in cut for piece in slices]
    windows = [window_texts(piece, windows_of(piece)) for piece in pieces]
    flat = [text for group in windows for text in group]
    if len(flat) <= _EMBEDDED_SINGLY:
        vectors = np.concatenate([encoder.encode([text]) for text in flat])
    else:
        vectors = encoder.encode(flat)
    stops = np.cumsum([0, *map(len, windows)]).tolist()
    readings = read_positions(
        scorer, axis, [piece.text for piece in pieces], [vectors[a:b] for a, b in pairwise(stops)]
    )
    scored = []
    for slices in cut:
        own, readings = tuple(readings[: len(slices)]), readings[len(slices) :]
        position = headline_of(own)
        clearest = min(own, key=lambda reading: abs(reading.position - position))
        scored.append(Scored(position, axis.band_of(position), clearest, own))
    return tuple(scored)
