"""Vector search against brute force."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.encoder import Vectors
from index.storage.vectors import LEAST_RECALL, SCANNED_WHOLE, EditionVectors, WindowVectors

DIM = 32


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


MANY = SCANNED_WHOLE + 500


@pytest.fixture(scope="module")
def large() -> WindowVectors:
    """More vectors than are scanned whole."""
    return WindowVectors.of(unit(MANY, 5), DIM)


def test_a_large_library_is_parted_and_finds_what_a_whole_scan_finds(large: WindowVectors) -> None:
    assert "lists" in large.kind
    assert large.recall() >= LEAST_RECALL
    queries, vectors = unit(200, 6), unit(MANY, 5)
    _, rows = large.search(queries, 10)
    nearest = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    found = np.mean([len(np.intersect1d(a, b)) for a, b in zip(rows, nearest, strict=True)]) / 10
    assert found >= LEAST_RECALL - 0.01


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.99])
def test_filters_hold_in_a_large_library_and_few_rows_are_all_looked_at(
    large: WindowVectors, share: float
) -> None:
    allowed = np.random.default_rng(7).random(MANY) < share
    similarities, rows = large.search(unit(1, 8), 50, allowed=allowed)
    assert allowed[rows].all()
    assert rows.shape[1] == min(50, int(allowed.sum()))
    own = np.flatnonzero(allowed)
    nearest = own[np.argsort(-(unit(MANY, 5)[own] @ unit(1, 8)[0]))[: rows.shape[1]]]
    assert len(np.intersect1d(rows, nearest)) >= (0.9 if share > 0.1 else 1.0) * len(nearest)
    assert similarities[0] == pytest.approx(unit(MANY, 5)[rows[0]] @ unit(1, 8)[0], abs=2e-3)


@pytest.mark.parametrize("n_gone", [0, 300])
def test_a_large_library_changes_without_being_parted_anew(
    n_gone: int, large: WindowVectors, tmp_path: Path
) -> None:
    large.save(tmp_path / "v")
    kept = np.ones(MANY, bool)
    kept[100 : 100 + n_gone] = False
    changed = WindowVectors.open(tmp_path / "v").changed(kept, unit(70, 9))
    changed.save(tmp_path / "w")
    for vectors in (changed, WindowVectors.open(tmp_path / "w")):
        expected = np.concatenate([unit(MANY, 5)[kept], unit(70, 9)])
        assert len(vectors) == len(expected)
        assert vectors.take(np.arange(len(vectors))) == pytest.approx(expected, abs=1e-3)
        assert vectors.kind == large.kind
        assert vectors.search(unit(70, 9)[3:4], 1)[1].tolist() == [[MANY - n_gone + 3]]


@pytest.mark.parametrize("n_before", [0, 30, SCANNED_WHOLE - 10, MANY])
def test_changing_is_the_same_as_beginning_anew(n_before: int) -> None:
    kept = np.random.default_rng(1).random(n_before) < 0.9
    kept[n_before // 2 :] &= n_before != MANY  # so that the large one becomes small
    changed = WindowVectors.of(unit(n_before, 5), DIM).changed(kept, unit(3000, 9))
    expected = np.concatenate([unit(n_before, 5)[kept], unit(3000, 9)])
    assert changed.take(np.arange(len(expected))) == pytest.approx(expected, abs=1e-3)
    assert ("lists" in changed.kind) == (len(expected) > SCANNED_WHOLE)


def test_the_same_vectors_give_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        WindowVectors.of(unit(MANY, 5), DIM).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("n_kept", [0, 1, 3, 60])
@pytest.mark.parametrize("n_segments", [1, 2])
@pytest.mark.parametrize("k", [1, 4, 500])
def test_removed_rows_are_never_found_and_no_row_twice(n_kept: int, n_segments: int, k: int) -> None:
    kept = np.zeros(100, bool)
    kept[np.random.default_rng(n_kept).permutation(100)[:n_kept]] = True
    stored = [(WindowVectors.of(unit(100, seed), DIM), kept) for seed in range(n_segments)]
    edition = EditionVectors(*stored)
    expected = np.concatenate([unit(100, seed)[kept] for seed in range(n_segments)])
    similarities, rows = edition.search(unit(2, 8), k)
    assert rows.shape == (2, min(k, len(expected)))
    assert edition.search(unit(2, 8)[:0], k)[1].shape == (0, min(k, len(expected))), "no question, no answer"
    for query, found, near in zip(unit(2, 8), rows, similarities, strict=True):
        assert set(found) == set(np.argsort(-(expected @ query))[:k])
        assert near == pytest.approx(expected[found] @ query, abs=2e-3)
