"""Vector search against brute force."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoder import Vectors
from index.vectors import WindowVectors

DIM = 16


def unit(n: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@given(
    st.integers(0, 80), st.integers(1, 100), st.sampled_from([None, 0.0, 0.02, 0.5, 1.0]), st.integers(0, 9)
)
@settings(max_examples=80)
def test_the_nearest_rows_are_those_of_brute_force(n: int, k: int, share: float | None, seed: int) -> None:
    vectors, queries = unit(n, seed), unit(2, seed + 100)
    index = WindowVectors.of(vectors, DIM)
    allowed = None if share is None else np.random.default_rng(seed).random(n) < share
    similarities, rows = index.search(queries, k, allowed=allowed)
    exact = queries @ vectors.T
    own = np.arange(n) if allowed is None else np.flatnonzero(allowed)
    assert rows.shape == similarities.shape == (2, min(k, len(own)))
    for number in range(2):
        assert len(set(rows[number])) == len(rows[number])
        assert set(rows[number]) <= set(own.tolist())
        best = np.sort(exact[number, own])[::-1][: rows.shape[1]]
        assert exact[number, rows[number]] == pytest.approx(
            best, abs=2e-3
        )  # what halves of a float cannot tell
        assert similarities[number] == pytest.approx(exact[number, rows[number]], abs=2e-3)
        assert list(similarities[number]) == sorted(similarities[number], reverse=True)


@pytest.mark.parametrize("n_allowed", [0, 1])
def test_a_filter_that_leaves_one_or_none_is_exact(n_allowed: int) -> None:
    index = WindowVectors.of(unit(1000, 1), DIM)
    allowed = np.zeros(1000, bool)
    allowed[777 : 777 + n_allowed] = True
    _, rows = index.search(unit(1, 2), 10, allowed=allowed)
    assert rows.tolist() == [[777] * n_allowed]


def test_saved_vectors_come_back_as_they_were(tmp_path: Path) -> None:
    index = WindowVectors.of(unit(30, 3), DIM)
    index.save(tmp_path / "v")
    opened = WindowVectors.open(tmp_path / "v")
    rows = np.array([4, 0, 29, 4])
    assert (len(opened), opened.dim) == (30, DIM)
    assert np.array_equal(opened.take(rows), index.take(rows))
    assert opened.take(rows) == pytest.approx(unit(30, 3)[rows], abs=1e-3)


def test_storing_what_was_stored_changes_nothing() -> None:
    once = WindowVectors.of(unit(30, 3), DIM).take(np.arange(30))
    assert np.array_equal(WindowVectors.of(once, DIM).take(np.arange(30)), once)


def test_no_vectors_are_an_index_too(tmp_path: Path) -> None:
    index = WindowVectors.of(np.zeros((0, DIM), np.float32), DIM)
    index.save(tmp_path / "v")
    opened = WindowVectors.open(tmp_path / "v")
    assert (len(opened), opened.dim) == (0, DIM)
    assert opened.search(unit(1, 1), 5)[1].shape == (1, 0)
    assert opened.take(np.zeros(0, np.int64)).shape == (0, DIM)


@pytest.mark.parametrize("content", [b"", b"IxSQ", b"nonsense" * 40])
def test_a_damaged_file_is_an_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(content)
    with pytest.raises(RuntimeError):
        WindowVectors.open(tmp_path / "v")


def test_a_file_cut_short_is_an_error(tmp_path: Path) -> None:
    WindowVectors.of(unit(30, 3), DIM).save(tmp_path / "v")
    (tmp_path / "v").write_bytes((tmp_path / "v").read_bytes()[:-7])
    with pytest.raises(RuntimeError):
        WindowVectors.open(tmp_path / "v")
