"""Which files could be transcripts, and their bytes."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.errors import FileMissing, FileTooLarge, FileUnreadable, NotAFile
from index.library.episodes import ASSESSMENT_FILE, EPISODE_FILE
from index.transcripts.formats.decoding import LARGEST_FILE_BYTES

SUFFIXES = (
    ".vtt", ".srt", ".sbv", ".ass", ".ssa", ".sub", ".lrc", ".ttml", ".dfxp", ".itt", ".json", ".jsonl", ".json3",
    ".srv1", ".srv2", ".srv3", ".xml", ".tsv", ".csv", ".md", ".markdown", ".txt",
)  # fmt: skip
"""What the name of a transcript may end in."""

_NEVER_SUFFIXES = (".info.json", ".live_chat.json", ".live_chat.json3", ".description")
_NEVER_NAMES = frozenset({EPISODE_FILE, ASSESSMENT_FILE})
_NEVER_STEMS = frozenset(
    "readme license licence copying changelog contributing authors notice code_of_conduct security".split()
)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to try: those named, and in folders, at any depth, what could be a transcript by its name.

    In the order of ``paths``, a folder's files sorted; each file once. A path that is no folder is given back as
    it is, whatever its name and whether it exists: whoever names a file wants to hear what is wrong with it.
    Hidden files and folders, ``.description``, ``.info.json``, README and the like are passed over.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _below(path) if path.is_dir() else [path]:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def could_be_transcript(name: str) -> bool:
    """Return True if a file of this name in a folder is worth a try."""
    lowered = name.casefold()
    return (
        lowered.endswith(SUFFIXES)
        and not lowered.startswith(".")
        and not lowered.endswith(_NEVER_SUFFIXES)
        and lowered not in _NEVER_NAMES
        and lowered.split(".")[0] not in _NEVER_STEMS
    )


def read_file(path: Path) -> bytes:
    """Return the bytes of ``path``, whose size is looked at before they are read.

    Raises:
        FileUnreadable: there is none, it is no plain file, or reading fails, by subclass; FileTooLarge: above 50 MB.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise NotAFile(file=path.name)
        if facts.st_size > LARGEST_FILE_BYTES:
            raise FileTooLarge(file=path.name, line=None, size=facts.st_size, limit=LARGEST_FILE_BYTES)
        with path.open("rb") as handle:
            # One byte more than is allowed: a file may grow while it is read.
            return handle.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise FileMissing(file=path.name) from error
    except OSError as error:
        raise FileUnreadable(file=path.name) from error


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root) / name for name in sorted(names) if could_be_transcript(name))
