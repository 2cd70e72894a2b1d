"""Files of several memory-mapped arrays: NumPy's ``.npy`` format, repeated.

NumPy's archives (``.npz``) cannot be mapped. Here each array begins at a multiple of 64 bytes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_ALIGNED = 64


def save(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write ``arrays``, in their order, to ``path``; their names are not kept."""
    with path.open("wb") as handle:
        for values in arrays.values():
            whole = np.ascontiguousarray(values)
            np.lib.format.write_array_header_1_0(handle, np.lib.format.header_data_from_array_1_0(whole))
            handle.write(whole.data)  # unlike ``tofile``, which does not say why it failed
            handle.write(b"\0" * (-handle.tell() % _ALIGNED))


def load(path: Path, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Map the arrays of ``path``, written in the order of ``names``; read-only, pages are read on access.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds something else, or was cut short.
    """
    whole = np.memmap(path, np.uint8, "r")
    found: dict[str, npt.NDArray[Any]] = {}
    with path.open("rb") as handle:
        for name in names:
            version = np.lib.format.read_magic(handle)
            if version != (1, 0):
                raise ValueError(f"{path} has arrays of version {version}")
            shape, _, dtype = np.lib.format.read_array_header_1_0(handle)
            start = handle.tell()
            end = start + int(np.prod(shape)) * dtype.itemsize
            if end > len(whole):
                raise ValueError(f"{path} was cut short")
            found[name] = np.asarray(whole[start:end]).view(dtype).reshape(shape)
            handle.seek(end + -end % _ALIGNED)
    return found
