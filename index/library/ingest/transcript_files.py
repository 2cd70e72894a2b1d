"""Finding and reading files that could be transcripts."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.errors import FileMissing, FileTooLarge, FileUnreadable, NotAFile
from index.library.episodes import ASSESSMENT_FILE, EPISODE_FILE
from index.transcripts.formats.decoding import LARGEST_FILE_BYTES, is_recording_name

SUFFIXES = (
    ".vtt", ".srt", ".sbv", ".ass", ".ssa", ".sub", ".lrc", ".ttml", ".dfxp", ".itt", ".json", ".jsonl", ".json3",
    ".srv1", ".srv2", ".srv3", ".xml", ".tsv", ".csv", ".md", ".markdown", ".txt",
)  # fmt: skip
"""Suffixes of transcript files."""

_DOCUMENT_SUFFIXES = (
    ".docx", ".doc", ".odt", ".rtf", ".pages", ".pdf", ".epub", ".pptx", ".ppt", ".odp", ".xlsx", ".xls", ".ods",
    ".html", ".htm", ".smi", ".sami", ".scc", ".stl", ".sup", ".zip", ".gz", ".7z", ".tar", ".rar",
)  # fmt: skip
_NEVER_SUFFIXES = (".info.json", ".live_chat.json", ".live_chat.json3", ".description")
_NEVER_NAMES = frozenset({EPISODE_FILE, ASSESSMENT_FILE})
_NEVER_STEMS = frozenset(
    "readme license licence copying changelog contributing authors notice code_of_conduct security".split()
)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the named files, and from folders, at any depth, those that could be transcripts by name.

    In the order of ``paths``, a folder's files sorted; each file once. A path that is no folder is returned as it is,
    whatever its name and even if it does not exist, so that reading it reports the error. Hidden files and folders,
    ``.description``, ``.info.json``, README and the like are skipped.
    """
    found: dict[str, Path] = {}
    for path in paths:
        # os.path answers where pathlib raises: a link that leads to itself, a name that is too long.
        for file in _below(path) if os.path.isdir(path) else [path]:  # noqa: PTH112
            found.setdefault(os.path.realpath(file), file)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files of folders that ``find_files`` leaves out and that a person may have meant.

    Attributes:
        documents: in formats that are not read, by their names.
        recordings: sound and films without a transcript of their name beside them.
        others: the rest; sidecars, README and the like, and hidden files, are in none of the three.
    """

    documents: tuple[Path, ...] = ()
    recordings: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()


def left_out(paths: Iterable[Path]) -> LeftOut:
    """Return the files of the folders among ``paths`` that ``find_files`` leaves out, sorted, each once."""
    documents: dict[str, Path] = {}
    recordings: dict[str, Path] = {}
    others: dict[str, Path] = {}
    for folder in paths:
        if not os.path.isdir(folder):  # noqa: PTH112 - as in find_files
            continue
        for root, names in _walked(folder):
            taken = [name.casefold() for name in names if could_be_transcript(name)]
            for name in names:
                lowered = name.casefold()
                path = Path(root) / name
                if lowered.endswith(_DOCUMENT_SUFFIXES):
                    documents[os.path.realpath(path)] = path
                elif is_recording_name(name):
                    if not any(other.startswith(f"{Path(lowered).stem}.") for other in taken):
                        recordings[os.path.realpath(path)] = path
                elif not lowered.endswith(SUFFIXES) and not _is_beside(lowered):
                    others[os.path.realpath(path)] = path
    return LeftOut(*(tuple(found.values()) for found in (documents, recordings, others)))


def likely_transcripts(folder: Path, *, most: int) -> list[Path]:
    """Return a few files of ``folder`` or the folders in it that could be transcripts by name, in no deeper ones."""
    with os.scandir(folder) as entries:
        inside = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
    folders = [folder, *(folder / name for name, is_folder in inside if is_folder)]
    return list(islice((path for each in folders for path in _files_of(each)), most))


def could_be_transcript(name: str) -> bool:
    """Return True if a file of this name in a folder could be a transcript."""
    lowered = name.casefold()
    return (
        lowered.endswith(SUFFIXES)
        and not lowered.startswith(".")
        and not lowered.endswith(_NEVER_SUFFIXES)
        and lowered not in _NEVER_NAMES
        and lowered.split(".")[0] not in _NEVER_STEMS
    )


def read_file(path: Path) -> bytes:
    """Read ``path`` after checking its size.

    Raises:
        FileUnreadable: it is missing, it is no plain file, or reading fails, by subclass; FileTooLarge: above 50 MB.
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


def _files_of(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
    except OSError:
        return
    yield from (folder / name for name in names if could_be_transcript(name))


def _below(folder: Path) -> Iterator[Path]:
    for root, names in _walked(folder):
        yield from (Path(root) / name for name in names if could_be_transcript(name))


def _walked(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder from ``folder`` on with the names of its files, sorted, without what is hidden."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield root, sorted(name for name in names if not name.startswith("."))


def _is_beside(lowered: str) -> bool:
    """Return True for a file that says something of the files beside it, or of its folder."""
    return lowered.endswith(_NEVER_SUFFIXES) or lowered.split(".", maxsplit=1)[0] in _NEVER_STEMS
