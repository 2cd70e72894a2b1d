"""NumPy's archives (``.npz``), in which trained readers are kept: whatever is wrong with one is one error."""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from scoring.errors import AxisDataInvalid


def archive_of(version: int, /, **arrays: Any) -> bytes:
    """Return the contents of a file that ``stored_arrays`` opens, the same for the same version and ``arrays``.

    Args:
        version: of the format.
        arrays: by name, or numbers, texts and sequences of them.
    """
    written = io.BytesIO()
    np.savez_compressed(written, format=np.array(version), **arrays)
    return written.getvalue()


@contextmanager
def stored_arrays(path: Path, version: int) -> Iterator[Any]:
    """Open the arrays of the file ``path`` by name; each is read when it is asked for.

    Args:
        path: of an archive.
        version: what its array ``format`` must hold.

    Raises:
        AxisDataInvalid: it is missing, damaged or of another format, or the block looks for an array that it lacks.
    """
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as stored:
            if int(stored["format"]) != version:
                raise AxisDataInvalid(file=str(path), problem="other_format")
            yield stored
    except (
        OSError,
        ValueError,
        KeyError,
        IndexError,
        EOFError,
        RuntimeError,
        BadZipFile,
        zlib.error,
    ) as error:
        raise AxisDataInvalid(file=str(path), problem="missing or unreadable") from error
