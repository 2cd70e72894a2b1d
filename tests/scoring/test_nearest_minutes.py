"""Claims about what the nearest labelled minutes say of how sure a reading is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.fitting import Scale
from scoring.semantic import N_NEAREST, shares_of_nearest, sureness_inputs

SCALE = Scale(low=-0.5, high=0.5, spread=1.0)


@given(st.integers(1, 200), st.integers(1, 4), st.integers(0, 99))
def test_shares_are_parts_of_a_whole(n_minutes: int, n_texts: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    shares = shares_of_nearest(random.random((n_texts, n_minutes)), random.uniform(-2, 2, n_minutes))
    assert shares.shape == (n_texts, 3)
    assert np.all(shares >= -1e-12)
    assert shares.sum(axis=1) == pytest.approx(np.ones(n_texts))


def test_only_the_nearest_are_asked() -> None:
    labels = np.repeat([-1.0, 0.0, 1.0], N_NEAREST)
    near = np.repeat([0.9, 0.2, 0.1], N_NEAREST)
    near[0] = 0.0  # one of the low ones is far away, so the next, of the middle, comes in
    shares = shares_of_nearest(near[np.newaxis], labels)
    assert shares[0] == pytest.approx([1 - 1 / N_NEAREST, 1 / N_NEAREST, 0.0])


@pytest.mark.parametrize(("raw", "share"), [(-1.0, 0.2), (0.0, 0.3), (1.0, 0.5)])
def test_sure_is_who_stands_where_the_nearest_stand(raw: float, share: float) -> None:
    assert sureness_inputs(raw, 0.0, np.array([0.2, 0.3, 0.5]), SCALE)[-1] == share
