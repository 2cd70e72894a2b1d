"""How many transcripts of a folder that print time stamps get timed cues, and whether the others say so.

    PYTHONPATH=. python bench/timed_share.py FOLDER [--names]

A file prints stamps where eight lines or more open with a clock, or hold one in brackets, as a simple pattern finds
them that shares nothing with the parser. ``said`` counts those without a timed cue whose report has stamps all the
same, or that were refused by a typed error. ``--names`` lists the files without a timed cue.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from index.errors import TranscriptRejected
from index.transcripts.formats import parse_transcript

FEWEST_STAMPS = 8
SUFFIXES = {".md", ".markdown", ".txt", ".vtt", ".srt", ".json", ".sbv", ".ass", ".lrc", ".tsv"}

_STAMP_LINE = re.compile(
    rb"(?m)^[^\n\w]{0,8}(?:[\w' .-]{1,30}[^\n\w]{1,6})?\d{1,2}:\d{2}(?::\d{2})?(?![\d:])"
    rb"|[\[(]\\?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\\?[\])]"
)


def prints_stamps(data: bytes) -> bool:
    """Return True where eight lines or more print a time stamp."""
    return sum(1 for _ in _STAMP_LINE.finditer(data)) >= FEWEST_STAMPS


def outcomes(folder: Path) -> Iterator[tuple[Path, bool, str]]:
    """Give each file, whether it prints stamps, and what became of it."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix.casefold() in SUFFIXES):
        data = path.read_bytes()
        try:
            report = parse_transcript(data, name=path.name).report
        except TranscriptRejected as error:
            outcome = f"refused: {error.code}"
        else:
            untimed = "untimed, said" if report.n_stamps >= FEWEST_STAMPS else "untimed"
            outcome = "timed" if report.n_timed else untimed
        yield path, prints_stamps(data), outcome


def main() -> None:
    """Print the table."""
    folder, shows_names = Path(sys.argv[1]), "--names" in sys.argv
    counts: Counter[tuple[bool, str]] = Counter()
    for path, has_stamps, outcome in outcomes(folder):
        counts[has_stamps, outcome] += 1
        if shows_names and has_stamps and outcome != "timed":
            print(outcome, path.relative_to(folder))
    stamped = sum(count for (has_stamps, _), count in counts.items() if has_stamps)
    untimed = stamped - counts[True, "timed"]
    for (has_stamps, outcome), count in sorted(counts.items(), reverse=True):
        print(f"{'prints stamps' if has_stamps else 'prints none':14} {outcome:32} {count:6}")
    share = untimed / stamped if stamped else 0.0
    print(f"{untimed} of {stamped} files that print eight stamps or more have no timed cue ({share:.3f})")


if __name__ == "__main__":
    main()
