"""README shows what the program prints, but for numbers: processors compute a little differently."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).resolve().parents[3] / "README.md"
SESSION = re.search(
    r"^```\n(\$ counterpoint .*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def shown() -> list[tuple[str, str]]:
    """The commands of the session, each with what it prints."""
    assert SESSION is not None
    parts = re.split(r"^\$ counterpoint (.*)\n", SESSION[1], flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def without_numbers(text: str) -> str:
    """Return the words of a text on one line; numbers and the marks of a scale may differ."""
    return " ".join(re.sub(r"[+−]?\d+", "#", re.sub(r"[─┼◇●]+", "─", text)).split())


@pytest.mark.parametrize(("command", "printed"), shown())
def test_readme_shows_what_is_printed(sample: Any, command: str, printed: str) -> None:
    ran = sample.run(*shlex.split(command))
    assert ran.code == 0
    assert without_numbers(ran.out) == without_numbers(printed)
