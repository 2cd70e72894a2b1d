"""What is in another language than an axis reads has no position, and says so."""

from dataclasses import replace

import numpy as np

from bot.app.text_scores import score_texts
from index.text.positions import read_positions
from scoring.axis import load_axis
from scoring.scorer import LexicalScorer

from ..conftest import AXIS, WordEncoder

ENGLISH = "This is a catastrophe, and the danger is that it will kill us all."
GERMAN = "Das ist eine Katastrophe, und niemand hat die Kontrolle über diese Systeme. Nuclear war!"
NO_VECTORS = np.zeros((0, 1), dtype=np.float32)


def test_a_text_in_another_language_is_not_read() -> None:
    axis, scorer = load_axis(AXIS), LexicalScorer.load(AXIS)
    read, unread = read_positions(scorer, axis, [ENGLISH, GERMAN], [NO_VECTORS, NO_VECTORS])
    assert (read.reason, read.band) == ("leans", "Risk-forward")
    assert scorer.read([GERMAN], [NO_VECTORS])[0].drivers
    assert (unread.position, unread.band, unread.drivers) == (0.0, "Mixed", ())
    assert (unread.confidence, unread.reason) == ("low", "other language")


def test_an_axis_that_names_no_language_reads_everything() -> None:
    axis, scorer = replace(load_axis(AXIS), language=None), LexicalScorer.load(AXIS)
    assert read_positions(scorer, axis, [GERMAN], [NO_VECTORS]) == scorer.read([GERMAN], [NO_VECTORS])


def test_a_text_that_is_in_no_library_is_not_read_either() -> None:
    axis, scorer = load_axis(AXIS), LexicalScorer.load(AXIS)
    (scored,) = score_texts([GERMAN], WordEncoder(), scorer, axis)
    assert (scored.position, scored.reading.reason) == (0.0, "other language")
