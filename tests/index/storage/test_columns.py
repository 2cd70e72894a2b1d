"""Claims about the columns: they come back as saved, and leave nothing of an episode behind."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from index.storage.columns import Columns


def made(episode: int, first_slice: int, n_slices: int) -> Columns:
    slices = np.arange(first_slice, first_slice + n_slices)
    owners = np.repeat(slices, 3)
    return Columns(
        window_slice=owners,
        window_start=np.arange(len(owners), dtype=np.int32),
        window_end=np.arange(len(owners), dtype=np.int32) + 9,
        window_key=np.arange(len(owners), dtype=np.uint64) + np.uint64(2**63),
        slice_id=slices,
        slice_episode=np.full(n_slices, episode),
        slice_position=np.linspace(-5, 5, n_slices, dtype=np.float32),
        slice_band=np.zeros(n_slices, np.int8),
        slice_lens=np.ones(n_slices, np.int8),
        slice_aside=np.full(n_slices, 2, np.int8),
        episode_id=np.array([episode]),
        episode_vector=np.full((1, 4), episode, np.float16),
    )


def same(columns: Columns, other: Columns) -> bool:
    return all(
        np.array_equal(getattr(columns, field.name), getattr(other, field.name)) for field in fields(Columns)
    )


def test_saved_columns_come_back(tmp_path: Path) -> None:
    for columns in (made(1, 1, 4), Columns.empty(4)):
        columns.save(tmp_path / "c.npz")
        assert same(Columns.open(tmp_path / "c.npz"), columns)


def test_taking_an_episode_out_leaves_the_others_as_they_were() -> None:
    first, second, third = made(1, 1, 4), made(2, 5, 2), made(3, 7, 1)
    everything = Columns.empty(4).followed_by(first).followed_by(second).followed_by(third)
    rest, kept, slices = everything.without_episodes(np.array([2]))
    assert same(rest, first.followed_by(third))
    assert kept.tolist() == [True] * 12 + [False] * 6 + [True] * 3
    assert slices.tolist() == [True] * 4 + [False] * 2 + [True]
    assert rest.places_of([7, 1]).tolist() == [4, 0]
    nothing, *_ = everything.without_episodes(np.array([1, 2, 3]))
    assert same(nothing, Columns.empty(4))
    unchanged, kept, _ = everything.without_episodes(np.zeros(0, np.int64))
    assert same(unchanged, everything)
    assert kept.all()


def test_an_episode_without_speech_is_kept_and_taken_out_like_any_other() -> None:
    silent = made(2, 5, 0)
    everything = made(1, 1, 2).followed_by(silent).followed_by(made(3, 5, 1))
    assert everything.episode_id.tolist() == [1, 2, 3]
    assert everything.without_episodes(np.array([2]))[0].episode_id.tolist() == [1, 3]


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped", "other"])
def test_a_damaged_file_is_an_error(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    made(1, 1, 4).save(path)
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "other":
        with path.open("wb") as handle:
            np.savez(handle, slice_id=np.arange(3))
    else:
        middle = len(content) // 2
        flipped = (
            content[:middle]
            + bytes(255 - byte for byte in content[middle : middle + 40])
            + content[middle + 40 :]
        )
        path.write_bytes({"empty": b"", "cut": content[:-100], "flipped": flipped}[damage])
    with pytest.raises((OSError, ValueError, KeyError)):
        Columns.open(path)
