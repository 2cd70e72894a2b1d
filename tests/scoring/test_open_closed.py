"""A second axis is data alone: open <-> closed development reads, trains and names its bands without a line of code."""

from pathlib import Path

import pytest
from indexed_sample import IndexedSample

from index.embedding.encoder import ServingEncoder
from index.embedding.model_export import PACKAGED_MODEL, export_model
from index.embedding.text_vectors import vectors_of
from scoring.axis import load_axis
from scoring.lexicon.reader import Lexicon
from scoring.scorer import CombinedScorer, LexicalScorer
from scoring.semantic import SemanticReader
from scoring.statements import read_statements

FOLDER = Path(__file__).parents[2] / "data" / "axes" / "open-closed"

OPEN = (
    "The whole project is open source, so students anywhere can study it and improve it.",
    "Because the weights are public, a researcher in Peru could find the fault that the company had missed.",
    "Governments should pay for an open model that every school may run on its own computers.",
    "Without the training code and the data nobody can reproduce what they claim.",
    "We put the model online under a permissive licence and hundreds of people built on it.",
    "Three companies should not decide alone what everyone may know about these machines.",
)
CLOSED = (
    "A model this strong must be kept on secure servers and never be handed out.",
    "Once thieves have copied the weights you cannot call them back.",
    "Criminals download it, remove the safeguards and there is no account to block.",
    "We offer it only through an interface so that we can stop abuse the same day.",
    "Our training method is a trade secret and we have no intention of publishing it.",
    "Release should be staged, with vetted testers first and the general public much later.",
)


def test_the_axis_has_its_own_poles_and_bands() -> None:
    axis = load_axis(FOLDER)
    assert (axis.name, axis.low_pole, axis.high_pole) == ("open-closed", "closed", "open")
    assert [axis.band_of(position) for position in (-100, -18, 0, 18, 100)] == [
        "Closed", "Closed", "Between", "Open", "Open",
    ]  # fmt: skip


def test_it_sees_through_the_same_lenses_as_the_first_axis() -> None:
    first = load_axis(FOLDER.parent / "risk-opportunity")
    assert load_axis(FOLDER).lenses == first.lenses


@pytest.mark.parametrize(
    "text",
    [
        "That is an open question, and the window is open too.",
        "There is a closed form, close to what we had.",
        "We ended with an open-ended task and an open mind.",
    ],
)
def test_everyday_words_for_open_and_closed_take_no_side(text: str) -> None:
    reading = Lexicon.load(FOLDER / "lexicon.toml").read(text)
    assert (reading.low, reading.high) == (0.0, 0.0)


def test_its_words_point_to_their_own_poles() -> None:
    scorer = LexicalScorer.load(FOLDER)
    opened, closed = scorer.read(["We should publish the weights.", "Keep the weights secret."], [])
    assert opened.position > 0 > closed.position


def test_its_statements_cover_both_sides_and_neither() -> None:
    axis, statements = load_axis(FOLDER), read_statements(FOLDER)
    natural = [statement for statement in statements if statement.is_natural]
    assert len(natural) >= 220
    assert {statement.lens for statement in statements} == set(axis.lenses)
    for side in (-1, 0, 1):
        share = sum((statement.label > 0) - (statement.label < 0) == side for statement in natural) / len(
            natural
        )
        assert share > 0.2


def test_its_trained_reader_tells_plain_sentences_apart(indexed_sample: IndexedSample) -> None:
    """Every sentence for openness stands above every one for closure; one of the twelve may miss its side."""
    encoder = ServingEncoder(export_model(PACKAGED_MODEL, indexed_sample.models))
    reader = SemanticReader.load(FOLDER / "reader.npz").checked_for(encoder.fingerprint)
    by_words = LexicalScorer.load(FOLDER)
    scorer = CombinedScorer(by_words.axis, by_words.lexicon, reader)
    readings = scorer.read(OPEN + CLOSED, vectors_of(OPEN + CLOSED, encoder))
    opened = [reading.position for reading in readings[: len(OPEN)]]
    closed = [reading.position for reading in readings[len(OPEN) :]]
    assert min(opened) > max(closed)
    assert sum(position > 0 for position in opened) + sum(position < 0 for position in closed) >= 11
    assert {reading.band for reading in readings} <= {"Closed", "Between", "Open"}
    known = {statement.text for statement in read_statements(FOLDER)}
    assert known.isdisjoint(OPEN + CLOSED)
