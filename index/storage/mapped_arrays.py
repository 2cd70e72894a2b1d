"""Files of several arrays that are mapped into memory: parts are read from the disk when used.

A file holds the arrays in NumPy's ``.npy`` format, each at a multiple of 64 bytes; NumPy's own archives (``.npz``)
cannot be mapped.
"""

from dataclasses import fields
from pathlib import Path
from typing import Any, Self

import numpy as np

_ALIGNED = 64


class MappedArrays:
    """Base of dataclasses of arrays that a file holds, in the order of the fields that the constructor takes."""

    __slots__ = ()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map the file that ``save`` wrote; the arrays are read-only.

        Raises:
            OSError: the file cannot be read.
            ValueError: it holds something else, or was cut short.
        """
        whole = np.memmap(path, np.uint8, "r")
        found: dict[str, Any] = {}
        with path.open("rb") as handle:
            for name in cls._names():
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
        return cls(**found)

    def save(self, path: Path) -> None:
        """Write the arrays to ``path``; their names are not kept."""
        with path.open("wb") as handle:
            for name in self._names():
                whole = np.ascontiguousarray(getattr(self, name))
                np.lib.format.write_array_header_1_0(handle, np.lib.format.header_data_from_array_1_0(whole))
                handle.write(whole.data)  # unlike ``tofile``, which does not say why it failed
                handle.write(b"\0" * (-handle.tell() % _ALIGNED))

    @classmethod
    def _names(cls) -> list[str]:
        columns: Any = cls
        return [column.name for column in fields(columns) if column.init]
