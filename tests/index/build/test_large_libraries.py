"""Claims about the libraries and the encoder of measurements: the same again each time, and new text each episode."""

from pathlib import Path

import numpy as np
import pytest

from bench.libraries import BorrowedVectors, invented_vectors, talks_of, write_library

from ..conftest import DATA, House


def files_of(library: Path) -> dict[str, bytes]:
    return {str(path.relative_to(library)): path.read_bytes() for path in sorted(library.rglob("*.*"))}


def test_an_episode_is_the_same_in_a_library_of_any_size(tmp_path: Path) -> None:
    talks = talks_of(DATA / "library")
    write_library(talks, tmp_path / "small", [1])
    write_library(talks, tmp_path / "large", range(3))
    write_library(talks, tmp_path / "other", [1], seed=5)
    small, large = files_of(tmp_path / "small"), files_of(tmp_path / "large")
    assert small.items() <= large.items()
    assert files_of(tmp_path / "other") != small


async def test_what_is_generated_is_indexed_without_a_failure(tmp_path: Path) -> None:
    write_library(talks_of(DATA / "library"), tmp_path / "library", range(2))
    house = House(tmp_path, BorrowedVectors(invented_vectors(64, 48)))
    report = await house.build()
    assert not report.failures
    assert report.facts is not None
    assert 40 <= report.facts.n_slices <= 110
    await (await house.open()).find("tutors in schools")
    await house.close()


def test_a_text_has_one_vector_near_to_one_that_was_given() -> None:
    given = invented_vectors(8, 384)
    vectors = BorrowedVectors(given).encode(["one", "two", "one", ""])
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.array_equal(vectors[0], vectors[1])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert (vectors @ given.T).max(axis=1) == pytest.approx(np.full(4, 0.86), abs=0.06)
