"""Claims about what a build starts from."""

import numpy as np
import pytest

from index.build.previous_edition import Base, KnownVectors, open_base
from index.storage.schema import SCHEMA_VERSION
from index.text.slicing import SLICING_VERSION

from ..conftest import House

RIVERS = "The river rose in spring. The mill stood still for a week. Nobody crossed the old bridge then. "


async def base_of(house: House, *, fingerprint: str = "words", axis: str = "risk-opportunity") -> Base | None:
    made_by = (SLICING_VERSION, house.scorer.version, axis, SCHEMA_VERSION)
    return await open_base(house.state, fingerprint, made_by)


async def test_rows_are_taken_over_only_where_the_same_rules_made_them(house: House) -> None:
    assert await base_of(house) is None
    house.put("rivers", RIVERS * 12)
    await house.build()
    base = await base_of(house)
    assert base is not None
    assert base.seen is not None
    assert list(base.seen) == ["rivers"]
    assert base.is_whole()
    other = await base_of(house, axis="open-closed")
    assert other is not None
    assert other.seen is None
    assert await base_of(house, fingerprint="others") is None
    (base.folder / "postings.npy").unlink()
    assert not base.is_whole()
    (base.folder / "columns.npz").unlink()
    assert await base_of(house) is None


async def test_known_texts_have_their_vectors_and_others_none(house: House) -> None:
    house.put("rivers", RIVERS * 12)
    await house.build()
    base = await base_of(house)
    assert base is not None
    keys = [*base.parts.columns.window_key.tolist()[::-1], 1, 2**64 - 1]
    is_known, vectors = KnownVectors(base.parts).of(keys)
    assert is_known.tolist() == [True] * (len(keys) - 2) + [False] * 2
    expected = base.parts.vectors.take(np.arange(len(base.parts.vectors)))[::-1]
    alike = np.sum(vectors * expected, axis=1)  # of windows of the same text either one may come
    assert alike == pytest.approx(np.ones(len(alike)), abs=1e-2)
    assert KnownVectors(base.parts).of([])[1].shape == (0, base.parts.vectors.dim)
