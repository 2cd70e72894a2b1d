"""Whose names are read in the transcripts of a folder, for a person to look at.

    PYTHONPATH=. python bench/speaker_names.py FOLDER [--first 100]

One line a file, with each name and its turns; then how many files name somebody, how many names there are, and how many
of them are printed by more than one form in a file (a name that begins or ends another of the same file).
"""

import argparse
from collections import Counter
from itertools import permutations
from pathlib import Path

from index.errors import TranscriptRejected
from index.library.ingest import find_files
from index.transcripts.formats import parse_transcript
from index.transcripts.formats.speakers import is_role
from index.transcripts.model import Transcript


def turns_of(transcript: Transcript) -> Counter[str]:
    """Return the number of turns by speaker."""
    turns: Counter[str] = Counter()
    before: str | None = None
    for cue in transcript.cues:
        if cue.speaker is not None and (cue.speaker != before or cue.starts_turn):
            turns[cue.speaker] += 1
        before = cue.speaker
    return turns


def is_form_of(name: str, other: str) -> bool:
    """Return True where ``other`` begins or ends with ``name``."""
    short, long = name.casefold(), other.casefold()
    return short != long and (long.startswith(f"{short} ") or long.endswith(f" {short}"))


def main() -> None:
    """Print the names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, help="read so many files alone")
    wanted = parser.parse_args()
    n_read = n_refused = n_naming = n_names = n_forms = 0
    for path in find_files([wanted.folder])[: wanted.first]:
        try:
            turns = turns_of(parse_transcript(path.read_bytes(), name=path.name))
        except TranscriptRejected:
            n_refused += 1
            continue
        n_read += 1
        n_naming += bool(turns)
        names = [name for name in turns if not is_role(name)]
        n_names += len(names)
        n_forms += sum(is_form_of(name, other) for name, other in permutations(names, 2))
        if turns:
            print(path.name, "|", ", ".join(f"{name}: {count}" for name, count in turns.most_common()))
    print(
        f"{n_read} files read, {n_refused} refused; {n_naming} name somebody: {n_names} names beside roles,"
        f" {n_forms} of them a form of another in the file"
    )


if __name__ == "__main__":
    main()
