"""Claims about the parts of ``bench/positions.py`` that need no encoder."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.minutes import Minutes, drawn, labelled_rows
from bench.readers import Method, attended, by_kernel, by_logistic, by_neighbours, by_ridge, on_itself
from index.errors import RowsInvalid
from index.evaluation.metrics import spearman
from scoring.fitting import Floats


def written(n: int, seed: int = 0) -> Minutes:
    """Minutes whose first coordinate tells the label, four to an episode."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(n, 6))
    labels = np.clip(np.round(features[:, 0]), -2.0, 2.0)
    vectors = [row[np.newaxis].astype(np.float32) for row in features]
    return Minutes(vectors, features, np.zeros(n), labels, [f"talk {row // 4}" for row in range(n)])


@pytest.mark.parametrize("made", [by_ridge, by_logistic, by_kernel, by_neighbours])
def test_what_is_trained_reads_minutes_that_it_has_not_seen(made: object) -> None:
    assert callable(made)
    method: Method = made(written(200))
    unseen = written(100, seed=1)
    assert spearman(method(unseen).tolist(), unseen.labels.tolist()) > 0.6


def test_attention_goes_from_the_mean_of_windows_to_the_strongest_alone() -> None:
    readings = np.array([0.1, -0.2, 0.9, 0.0])
    assert attended(readings, 0.0) == pytest.approx(readings.mean())
    assert readings.mean() < attended(readings, 2.0) < attended(readings, 8.0) < 0.9
    assert attended(readings, np.inf) == 0.9


def test_a_file_is_read_by_fits_that_saw_none_of_the_same_episode() -> None:
    labelled, seen = written(80), []

    def fit(trained: Minutes, weights: Floats) -> Method:
        assert len(weights) == len(trained) == 20
        return lambda minutes: (
            seen.append((set(trained.groups), set(minutes.groups))) or np.ones(len(minutes))
        )

    assert on_itself(labelled, 20, 0, fit).tolist() == [1.0] * 80
    assert all(not trained & read for trained, read in seen)
    assert set().union(*(read for _, read in seen)) == set(labelled.groups)


def test_a_draw_is_the_same_again_and_holds_no_minute_twice() -> None:
    minutes = written(50)
    drawing, again = drawn(minutes, 20, 3), drawn(minutes, 20, 3)
    assert drawing.features.tolist() == again.features.tolist()
    assert len({tuple(row) for row in drawing.features.tolist()}) == 20
    assert len(drawn(minutes, 99, 0)) == 50


def passages(*positions: object) -> str:
    return "\n".join(
        json.dumps({"text": "So.", "position": position, "episode": f"talk {n}"})
        for n, position in enumerate(positions)
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (passages(-1, 0, 3), "a position is no number from -2 to 2"),
        (passages(-1, 0, True), "a position is no number from -2 to 2"),
        (passages(-1, 0, 0.25), "each band needs a passage"),
        ("", "each band needs a passage"),
        (passages(-1, 0, 1), "there are too few episodes to train on some and read the others"),
        ('{"text": "So.", "position": 1}', "no_field:episode"),
    ],
)
def test_a_file_that_cannot_be_measured_is_named_with_its_problem(
    tmp_path: Path, text: str, problem: str
) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(text)
    with pytest.raises(RowsInvalid) as raised:
        labelled_rows(file, needs_episodes=True)
    assert raised.value.fields["problem"] == problem


def test_passages_of_all_bands_and_several_episodes_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(passages(-1, 0, 1, 2, -2, 0.5, 0, 0))
    assert len(labelled_rows(file, needs_episodes=True)) == 8
