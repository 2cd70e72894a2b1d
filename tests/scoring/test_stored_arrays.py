"""A kept reader is read as it was written, or refused with one error, wherever its file is damaged."""

from pathlib import Path

import numpy as np
import pytest

from scoring.errors import AxisDataInvalid
from scoring.stored_arrays import stored_arrays


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "reader.npz"
    values = np.arange(40, dtype=np.float32)
    np.savez_compressed(path, format=np.array(3), values=values, name=np.array("risk"))
    return path


def test_arrays_come_back_by_name(archive: Path) -> None:
    with stored_arrays(archive, 3) as stored:
        assert (str(stored["name"]), stored["values"].tolist()) == ("risk", list(range(40)))


def test_a_byte_that_is_wrong_anywhere_is_refused_or_does_not_matter(archive: Path) -> None:
    whole = archive.read_bytes()
    refused = 0
    for place in range(len(whole)):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            with stored_arrays(archive, 3) as stored:
                assert stored["values"].tolist() == list(range(40)), place
        except AxisDataInvalid:
            refused += 1
    assert refused > len(whole) / 2


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_what_is_no_archive_is_refused(archive: Path, data: bytes) -> None:
    archive.write_bytes(data)
    with pytest.raises(AxisDataInvalid) as caught, stored_arrays(archive, 3):
        pass
    assert caught.value.problem == "missing or unreadable"


def test_another_format_and_a_missing_array_are_told_apart(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(AxisDataInvalid) as caught, stored_arrays(archive, 4):
        pass
    assert caught.value.problem == "other_format"
    with pytest.raises(AxisDataInvalid) as caught, stored_arrays(archive, 3) as stored:
        stored["weights"]
    assert caught.value.problem == "missing or unreadable"
    with pytest.raises(AxisDataInvalid), stored_arrays(tmp_path / "nowhere.npz", 3):
        pass
