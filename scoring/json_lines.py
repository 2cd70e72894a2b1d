"""Files of JSON Lines, which people and their editors write: what counts as a line of one."""

from collections.abc import Iterator
from pathlib import Path


def json_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number, from 1, and the text of each line that is not blank.

    UTF-8 with or without a byte order mark. Lines end at a line feed alone: a text in JSON may hold the other signs
    at which Python splits lines.

    Raises:
        OSError, UnicodeDecodeError: the file cannot be read, before the first line.
    """
    for number, line in enumerate(path.read_bytes().decode("utf-8-sig").split("\n"), start=1):
        if line.strip():
            yield number, line
