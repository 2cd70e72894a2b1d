"""Claims about what a build starts from."""

import numpy as np
import pytest

from index.build.previous_edition import KnownVectors, PreviousEdition, open_previous_edition
from index.storage.schema import SCHEMA_VERSION
from index.text.slicing import SLICING_VERSION

from ..conftest import House

RIVERS = "The river rose in spring. The mill stood still for a week. Nobody crossed the old bridge then. "


async def previous_of(
    house: House, *, fingerprint: str = "words", axis: str = "risk-opportunity", pieces: str = ""
) -> PreviousEdition | None:
    made_by = (SLICING_VERSION, house.scorer.version, axis, SCHEMA_VERSION, pieces)
    return await open_previous_edition(house.state, fingerprint, made_by)


async def test_rows_are_taken_over_only_where_the_same_rules_made_them(house: House) -> None:
    assert await previous_of(house) is None
    house.put("rivers", RIVERS * 12)
    await house.build()
    previous = await previous_of(house)
    assert previous is not None
    assert previous.seen is not None
    assert list(previous.seen) == ["rivers"]
    assert previous.is_whole()
    for other in (await previous_of(house, axis="open-closed"), await previous_of(house, pieces="others")):
        assert other is not None
        assert other.seen is None
    assert await previous_of(house, fingerprint="others") is None
    (previous.folder / "postings.npy").unlink()
    assert not previous.is_whole()
    (previous.folder / "columns.npz").unlink()
    assert await previous_of(house) is None


async def test_known_texts_have_their_vectors_and_others_none(house: House) -> None:
    house.put("rivers", RIVERS * 12)
    await house.build()
    previous = await previous_of(house)
    assert previous is not None
    keys = [*previous.segments.columns.window_key.tolist()[::-1], 1, 2**64 - 1]
    is_known, vectors = KnownVectors(previous.segments).of(keys)
    assert is_known.tolist() == [True] * (len(keys) - 2) + [False] * 2
    expected = previous.segments.vectors.take(np.arange(len(previous.segments.vectors)))[::-1]
    alike = np.sum(vectors * expected, axis=1)  # of windows of the same text either one may come
    assert alike == pytest.approx(np.ones(len(alike)), abs=1e-2)
    assert KnownVectors(previous.segments).of([])[1].shape == (0, previous.segments.vectors.dim)
