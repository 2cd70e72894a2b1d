"""Laws of the crux gate, on the shipped gate and made-up vectors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.crux_gate import N_FEATURES, Claims, CruxGate
from scoring.errors import AxisDataInvalid

FILE = Path(__file__).resolve().parents[2] / "data" / "axes" / "risk-opportunity" / "cruxes.npz"
GATE = CruxGate.load(FILE)
SEEDS = st.integers(0, 2**32 - 1)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def made_up(seed: int, n: int = 4) -> Claims:
    chance = np.random.default_rng(seed)
    vectors = unit(chance.normal(size=(n, GATE.claims.shape[1])))
    return Claims(vectors, GATE.project(vectors), chance.uniform(-100, 100, n), chance.integers(0, 4, n))


@given(SEEDS, SEEDS)
def test_a_pair_is_the_same_pair_the_other_way_round(one: int, other: int) -> None:
    first, second = made_up(one), made_up(other)
    np.testing.assert_allclose(
        GATE.probabilities(first, second), GATE.probabilities(second, first), atol=1e-6
    )
    assert GATE.questions_of(first, second) == GATE.questions_of(second, first)


@given(SEEDS, SEEDS)
def test_probabilities_lie_between_0_and_1_and_questions_are_the_gates(one: int, other: int) -> None:
    first, second = made_up(one), made_up(other)
    probabilities = GATE.probabilities(first, second)
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert set(GATE.questions_of(first, second)) <= set(GATE.questions)


@given(st.floats(0, np.pi), st.floats(0, np.pi), st.floats(0.1, 0.9))
def test_claims_that_are_more_alike_are_never_less_probable(one: float, other: float, asked: float) -> None:
    """Both claims are as like to the only question at any angle between them, so that all else is equal."""
    gate = replace(
        GATE,
        claims=np.eye(3, dtype=np.float32),
        questions=("Does the dam hold?",),
        question_vectors=np.array([[1, 0, 0]], np.float32),
        alike_vectors=np.array([[1, 0, 0]], np.float32),
    )

    def claim(angle: float) -> Claims:
        rest = (1 - asked**2) ** 0.5
        vectors = np.array([[asked, rest * np.cos(angle), rest * np.sin(angle)]], np.float32)
        return Claims(vectors, gate.project(vectors), np.array([40.0]), np.array([0]))

    nearer, further = sorted((one, other))
    near, far = (gate.probabilities(claim(0.0), claim(angle))[0] for angle in (nearer, further))
    assert near >= far - 1e-6


def test_a_claim_that_is_a_question_of_the_gate_word_for_word_is_asked_that() -> None:
    places = [0, 17, 500]
    projected = GATE.question_vectors[places]
    same = Claims(np.zeros((3, 384), np.float32), projected, np.array([50.0] * 3), np.array([0] * 3))
    assert GATE.questions_of(same, same) == [GATE.questions[place] for place in places]


def test_stronger_positions_than_the_scales_end_count_no_more() -> None:
    first, second = made_up(1), made_up(2)
    at_end = replace(first, positions=np.full(4, 100.0)), replace(second, positions=np.full(4, -100.0))
    beyond = replace(first, positions=np.full(4, 130.0)), replace(second, positions=np.full(4, -130.0))
    np.testing.assert_array_equal(GATE.probabilities(*at_end), GATE.probabilities(*beyond))


@pytest.mark.parametrize(
    "harm",
    [
        {"weights": np.zeros(N_FEATURES - 1)},
        {"weights": np.full(N_FEATURES, np.nan)},
        {"alike_vectors": np.zeros((3, 256), np.float16)},
        {"questions": np.array([], dtype="<U5")},
        {"format": np.array(99)},
    ],
)
def test_a_gate_whose_arrays_do_not_fit_is_refused(tmp_path: Path, harm: dict[str, np.ndarray]) -> None:
    with np.load(FILE) as stored:
        arrays = {name: stored[name] for name in stored} | harm
    np.savez(tmp_path / "cruxes.npz", **arrays)
    with pytest.raises(AxisDataInvalid):
        CruxGate.load(tmp_path / "cruxes.npz")


def test_a_broken_or_missing_gate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cruxes.npz").write_bytes(b"PK\x03\x04 no")
    for name in ("cruxes.npz", "none.npz"):
        with pytest.raises(AxisDataInvalid):
            CruxGate.load(tmp_path / name)
