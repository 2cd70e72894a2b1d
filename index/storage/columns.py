"""Arrays over windows, slices and episodes: which belongs to which, and the values that filters use."""

import zlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from index.storage.kept_rows import Mask

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays of one edition. Windows are in the order of their vectors' rows, slices ascend by id.

    Attributes:
        window_slice: id of the slice that each window lies in, shape (n_windows,), ascending.
        window_start, window_end: offsets in that slice's text.
        window_key: 64 bits that name the window's text.
        slice_id: ids, ascending, shape (n_slices,).
        slice_episode: id of each slice's episode.
        slice_position: -100 to 100.
        slice_band, slice_lens: numbers in the axis's order.
        slice_aside: what most of each slice is besides talk, see ``boilerplate.aside_of``.
        episode_id: ids, ascending, shape (n_episodes,).
        episode_vector: mean of each episode's window vectors, shape (n_episodes, dim); zeros without a transcript.
    """

    window_slice: Ints
    window_start: npt.NDArray[np.int32]
    window_end: npt.NDArray[np.int32]
    window_key: npt.NDArray[np.uint64]
    slice_id: Ints
    slice_episode: Ints
    slice_position: npt.NDArray[np.float32]
    slice_band: npt.NDArray[np.int8]
    slice_lens: npt.NDArray[np.int8]
    slice_aside: npt.NDArray[np.int8]
    episode_id: Ints
    episode_vector: npt.NDArray[np.float16]

    @classmethod
    def empty(cls, dim: int) -> "Columns":
        """Return columns without windows, slices or episodes."""
        empty = {field.name: np.zeros(0, _DTYPES[field.name]) for field in fields(cls)}
        return cls(**{**empty, "episode_vector": np.zeros((0, dim), np.float16)})

    @classmethod
    def open(cls, path: Path) -> "Columns":
        """Read columns that ``save`` wrote.

        A column that editions of an older layout lack is zeros there: only vectors are taken from them.

        Raises:
            OSError, ValueError, KeyError: the file is missing or damaged.
        """
        try:
            with path.open("rb") as handle, np.load(handle, allow_pickle=False) as stored:
                columns = {name: stored[name].astype(_DTYPES[name]) for name in stored.files}
                for name, like in _LACKED_BY_OLDER.items():
                    columns.setdefault(name, np.zeros(len(columns[like]), _DTYPES[name]))
                return cls(**{field.name: columns[field.name] for field in fields(cls)})
        except (BadZipFile, EOFError, RuntimeError, zlib.error) as error:
            raise ValueError(f"{path} is no archive of arrays") from error

    def save(self, path: Path) -> None:
        """Write all arrays to one ``.npz`` file."""
        with path.open("wb") as handle:
            np.savez(handle, **{field.name: getattr(self, field.name) for field in fields(self)})

    def without_episodes(self, ids: Ints) -> tuple["Columns", Mask, Mask]:
        """Return the columns without the episodes ``ids``, and masks of the windows and slices kept."""
        kept_slices = ~np.isin(self.slice_episode, ids)
        kept = {
            "window": np.isin(self.window_slice, self.slice_id[kept_slices]),
            "slice": kept_slices,
            "episode": ~np.isin(self.episode_id, ids),
        }
        columns = {
            field.name: getattr(self, field.name)[kept[field.name.split("_")[0]]] for field in fields(self)
        }
        return Columns(**columns), kept["window"], kept_slices

    def followed_by(self, *others: "Columns") -> "Columns":
        """Append the columns of ``others``; each must have greater ids than all before it."""
        return Columns(
            **{
                field.name: np.concatenate([getattr(columns, field.name) for columns in (self, *others)])
                for field in fields(self)
            }
        )

    def places_of(self, ids: npt.ArrayLike) -> Ints:
        """Return the positions of slice ``ids`` (all of them present) in the slice arrays."""
        return np.searchsorted(self.slice_id, np.asarray(ids, np.int64)).astype(np.int64)


_LACKED_BY_OLDER = {"slice_aside": "slice_id"}
"""Columns that older editions lack, each with one of the same length."""

_DTYPES: dict[str, Any] = {
    "window_slice": np.int64,
    "window_start": np.int32,
    "window_end": np.int32,
    "window_key": np.uint64,
    "slice_id": np.int64,
    "slice_episode": np.int64,
    "slice_position": np.float32,
    "slice_band": np.int8,
    "slice_lens": np.int8,
    "slice_aside": np.int8,
    "episode_id": np.int64,
    "episode_vector": np.float16,
}
