"""Files of a library whose words are like those of a new one, told without parsing any of them.

Every file of a library is compared with whatever is added, so reading it as its format wants would take too long. Its
words are taken as they stand, marks and names among them, and are remembered while the file is not written again.
"""

import codecs
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from index.transcripts.formats.decoding import LARGEST_FILE_BYTES

RawSketch = npt.NDArray[np.uint32]
"""The smallest hashes of a file's phrases, ascending, each once."""

_PHRASE_WORDS = 4
_SKETCH_SIZE = 200
_LEAST_ALIKE = 0.06
"""Two different talks of the 56 real ones reach it at most; one with a fifth of its words misheard has twice that."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_ESCAPED_BREAK = re.compile(r"\\[nrt]")
_MULTIPLIERS = np.array([1, 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D], dtype=np.uint32)

Place = tuple[str, str]
"""An episode's slug and the name of one of its files."""


def similar_files(data: bytes, library: Path, places: Iterable[Place], *, most: int) -> list[Place]:
    """Return the files that may hold the words of ``data`` too, most alike first; ties in the order of ``places``.

    They are candidates: what they really say, only their parsers tell. Files that cannot be read are left out.

    Args:
        data: bytes of a transcript.
        library: folder of episodes.
        places: which files of it to compare.
        most: at most so many are returned.
    """
    own = raw_sketch(data)
    alike = []
    for place in places:
        path = library / place[0] / place[1]
        try:
            facts = path.stat()
            likeness = _likeness(own, _sketch_of(str(path), facts.st_size, facts.st_mtime_ns))
        except OSError:
            continue
        if likeness >= _LEAST_ALIKE:
            alike.append((likeness, place))
    alike.sort(key=lambda found: -found[0])
    return [place for _, place in alike[:most]]


def raw_sketch(data: bytes) -> RawSketch:
    """Return the 200 smallest hashes of runs of four words of ``data``, whatever its format."""
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if is_utf16 else "utf-8", errors="ignore")
    words = _WORD.findall(_ESCAPED_BREAK.sub(" ", text).casefold())
    hashes = np.fromiter((crc32(word.encode()) for word in words), dtype=np.uint32, count=len(words))
    if len(hashes) >= _PHRASE_WORDS:
        ends = len(hashes) - _PHRASE_WORDS + 1
        # The sum is taken modulo 2**32, as uint32 does; an odd factor for each place keeps the order of words.
        hashes = sum(
            (hashes[at : at + ends] * factor for at, factor in enumerate(_MULTIPLIERS)),
            start=np.zeros(ends, dtype=np.uint32),
        )
    return np.unique(hashes)[:_SKETCH_SIZE]


@lru_cache(maxsize=20_000)
def _sketch_of(path: str, size: int, mtime_ns: int) -> RawSketch:
    """Return the sketch of a file; its size and time are part of the key, so that a written file is read again."""
    del mtime_ns
    if size > LARGEST_FILE_BYTES:
        return np.empty(0, dtype=np.uint32)
    return raw_sketch(Path(path).read_bytes())


def _likeness(sketch: RawSketch, other: RawSketch) -> float:
    """Return the estimated share of phrases in common, 0 to 1, as ``parsed_file.likeness`` does."""
    smallest = np.union1d(sketch, other)[:_SKETCH_SIZE]
    if not len(smallest):
        return 0.0
    shared = np.intersect1d(sketch, other, assume_unique=True)
    return float(np.count_nonzero(shared <= smallest[-1]) / len(smallest))
