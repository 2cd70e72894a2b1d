"""Training a reader on an axis's statements, keeping it, and holding it to its record."""

import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from index.embedding.text_vectors import vectors_of
from index.training.calibration import calibrate, read_calibration, write_calibration
from index.training.semantic_reader_training import check_record, labelled_bands, train
from scoring.axis import load_axis
from scoring.errors import AxisDataInvalid, ReaderMismatch, ScorerBelowRecord
from scoring.lexicon.reader import Lexicon
from scoring.scorer import CombinedScorer
from scoring.semantic import SemanticReader
from scoring.statements import read_statements

from ..conftest import WordEncoder

AXIS = Path(__file__).resolve().parents[3] / "data" / "axes" / "risk-opportunity"
GOOD, BAD = ["harvest", "garden", "sunrise", "bread"], ["flood", "thunder", "wolf", "ashes"]
PLAIN = ["table", "corner", "ladder", "window", "paper", "bottle", "carpet", "button"]
CALIBRATED = """
lexical = 1.0
low = -0.4
high = 0.4
spread = 1.5
penalty = 3
width = 1.5

[confidence]
weights = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
medium = 0.5
high = 0.7
"""


@pytest.fixture
def word_encoder():
    """An encoder without a model."""
    return WordEncoder()


@pytest.fixture
def axis_folder(tmp_path: Path) -> Path:
    """The shipped axis with statements of its own: made-up words that stand for the poles."""
    for file in ("axis.toml", "lexicon.toml"):
        (tmp_path / file).write_bytes((AXIS / file).read_bytes())
    random = np.random.default_rng(0)
    rows = []
    for number in range(320):
        label = float(number % 3 - 1)
        words = list(random.choice(PLAIN, 6)) + list(
            random.choice({-1: BAD, 0: PLAIN, 1: GOOD}[int(label)], 3)
        )
        random.shuffle(words)
        lens = ("technical", "societal")[number % 2]
        text = f"{' '.join(words)} {lens}words {number}"
        rows.append(
            {
                "text": text.capitalize(),
                "position": label,
                "lens": lens,
                "case": "natural",
                "episode": f"e{number}",
            }
        )
    rows += [{**row, "text": row["text"] + " again", "case": "plain"} for row in rows[:60]]
    folder = tmp_path / "statements"
    folder.mkdir()
    (folder / "natural.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


def scorer_of(axis_folder: Path, reader: SemanticReader) -> CombinedScorer:
    return CombinedScorer(load_axis(axis_folder), Lexicon.load(axis_folder / "lexicon.toml"), reader)


def test_what_was_trained_reads_the_poles_and_the_lens(axis_folder: Path, word_encoder) -> None:
    trained = train(axis_folder, word_encoder)
    assert trained.figures["held-out spearman"] > 0.8
    texts = [
        "The flood and the wolf took the table",
        "Bread and sunrise in the garden",
        "A ladder in the corner",
    ]
    risk, opportunity, neither = scorer_of(axis_folder, trained.reader).read(
        texts, vectors_of(texts, word_encoder)
    )
    assert risk.position < neither.position < opportunity.position
    assert risk.band == "Risk-forward"
    assert opportunity.band == "Opportunity-forward"
    lens = ["societalwords table", "technicalwords table"]
    read = scorer_of(axis_folder, trained.reader).read(lens, vectors_of(lens, word_encoder))
    assert [reading.lens for reading in read] == ["societal", "technical"]


def test_drivers_and_rest_add_up_to_the_position(axis_folder: Path, word_encoder) -> None:
    scorer = scorer_of(axis_folder, train(axis_folder, word_encoder).reader)
    texts = [
        "This is a dangerous catastrophe, the wolf said.",
        "It is not dangerous at all and bread helps people.",
        "Progress and sunrise, but an extinction risk and a flood.",
        "A table.",
    ]
    for reading in scorer.read(texts, vectors_of(texts, word_encoder)):
        assert sum(driver.pull for driver in reading.drivers) + reading.rest == pytest.approx(
            reading.position
        )


def test_training_is_deterministic_and_held_out_groups_are_not_trained_on(
    axis_folder: Path, word_encoder
) -> None:
    one, other = train(axis_folder, word_encoder), train(axis_folder, word_encoder)
    assert one.reader.version == other.reader.version
    assert np.array_equal(one.reader.minutes.pulls, other.reader.minutes.pulls)
    held_out = [statement for statement in read_statements(axis_folder) if statement.is_held_out]
    assert one.n_held_out == sum(statement.is_natural for statement in held_out) > 10
    assert one.n_trained <= len(read_statements(axis_folder)) - len(held_out)


def test_a_saved_reader_reads_the_same_and_knows_its_encoder(
    axis_folder: Path, word_encoder, tmp_path: Path
) -> None:
    reader = train(axis_folder, word_encoder).reader
    assert reader.to_bytes() == reader.to_bytes()
    (tmp_path / "reader.npz").write_bytes(reader.to_bytes())
    loaded = SemanticReader.load(tmp_path / "reader.npz").checked_for(word_encoder.fingerprint)
    features = np.random.default_rng(1).normal(size=(3, word_encoder.dim))
    for one, other in zip(astuple(loaded.meaning(features)), astuple(reader.meaning(features)), strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(ReaderMismatch):
        loaded.checked_for("another")


def test_a_damaged_reader_is_named(tmp_path: Path) -> None:
    (tmp_path / "reader.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(AxisDataInvalid):
        SemanticReader.load(tmp_path / "reader.npz")


def test_a_scorer_that_falls_below_its_record_is_refused(axis_folder: Path, word_encoder) -> None:
    scorer = scorer_of(axis_folder, train(axis_folder, word_encoder).reader)
    assert check_record(axis_folder, scorer, word_encoder)["spearman"] > 0.8
    path = axis_folder / "statements" / "natural.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text(
        "".join(json.dumps({**row, "position": -row["position"]}) + "\n" for row in rows), encoding="utf-8"
    )
    with pytest.raises(ScorerBelowRecord):
        check_record(axis_folder, scorer, word_encoder)


def test_a_broken_statement_is_named_with_its_line(axis_folder: Path) -> None:
    path = axis_folder / "statements" / "natural.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + '{"text": "x", "position": 7}\n', encoding="utf-8")
    with pytest.raises(AxisDataInvalid) as caught:
        read_statements(axis_folder)
    assert caught.value.fields["file"] == "natural.jsonl:381"


def test_too_few_statements_are_refused(axis_folder: Path, word_encoder) -> None:
    (axis_folder / "statements" / "natural.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(AxisDataInvalid) as caught:
        train(axis_folder, word_encoder)
    assert caught.value.problem.startswith("not_enough_statements:at least")


def test_statements_of_one_side_alone_are_refused(axis_folder: Path, word_encoder) -> None:
    path = axis_folder / "statements" / "natural.jsonl"
    rows = [{**json.loads(line), "position": 1} for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(AxisDataInvalid) as caught:
        train(axis_folder, word_encoder)
    assert caught.value.problem.startswith("not_enough_statements:")


def test_a_calibration_by_hand_is_taken_over_and_a_broken_one_named(axis_folder: Path, word_encoder) -> None:
    file = axis_folder / "calibration.toml"
    file.write_text("lexical = 2.0\nlow = -0.4\nhigh = 0.5\nspread = 1.5\n", encoding="utf-8")
    reader = train(axis_folder, word_encoder).reader
    assert (reader.lexical, reader.scale.low, reader.scale.high) == (2.0, -0.4, 0.5)
    for broken in (
        "lexical = 'two'\n",
        CALIBRATED.replace("0.1, 0.2", "0.1"),
        CALIBRATED.replace("medium", "m"),
    ):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(AxisDataInvalid):
            read_calibration(axis_folder)


def test_a_whole_calibration_is_taken_over(axis_folder: Path, word_encoder) -> None:
    (axis_folder / "calibration.toml").write_text(CALIBRATED, encoding="utf-8")
    trained = train(axis_folder, word_encoder)
    assert (trained.penalty, trained.width) == (3.0, 1.5)
    assert trained.reader.sureness.tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert trained.reader.sure == (0.5, 0.7)


def test_labelled_passages_calibrate_an_axis_and_what_is_written_is_what_is_read(
    axis_folder: Path, word_encoder
) -> None:
    (axis_folder / "calibration.toml").write_text(CALIBRATED, encoding="utf-8")
    reader = train(axis_folder, word_encoder).reader
    kinds = {-1.0: BAD, 0.0: PLAIN, 1.0: GOOD}
    random = np.random.default_rng(3)
    passages = [
        (" ".join([*random.choice(PLAIN, 6), *random.choice(kinds[label], 3)]), label)
        for label in [-1.0, 0.0, 0.0, 1.0] * 30
    ]
    found = calibrate(axis_folder, reader, word_encoder, passages)
    assert (found.penalty, found.width) == (3.0, 1.5), "these are not fitted on so few"
    write_calibration(found, axis_folder, n_passages=len(passages))
    again = read_calibration(axis_folder)
    assert again is not None
    assert again.scale.low == pytest.approx(found.scale.low, abs=1e-3)
    assert again.sureness == pytest.approx(found.sureness, abs=1e-3)
    reader = train(axis_folder, word_encoder).reader
    axis = load_axis(axis_folder)
    scorer = CombinedScorer(axis, Lexicon.load(axis_folder / "lexicon.toml"), reader)
    texts, labels = [text for text, _ in passages], [label for _, label in passages]
    named = [reading.band for reading in scorer.read(texts, vectors_of(texts, word_encoder))]
    shares = [named.count(band) / len(named) for band in axis.bands]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.06), "edges cut as the labels do"
    assert np.mean(np.array(named) == np.array(labelled_bands(labels, axis))) > 0.8


def test_labels_fall_into_bands_beyond_a_quarter() -> None:
    axis = load_axis(AXIS)
    assert labelled_bands([-0.5, -0.25, 0.0, 0.25, 2.0], axis) == [
        axis.bands[0],
        *[axis.bands[1]] * 3,
        axis.bands[2],
    ]


def test_the_shipped_statements_are_many_and_cover_all_lenses() -> None:
    statements = read_statements(AXIS)
    assert len(statements) >= 1500
    assert {statement.lens for statement in statements} - {""} == set(load_axis(AXIS).lenses), (
        "denials have none"
    )
    assert len({statement.text for statement in statements}) == len(statements)
