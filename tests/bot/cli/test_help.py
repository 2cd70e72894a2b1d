"""Claims about the help of every command."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bot.cli.app import app


def commands(group: Any, *above: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its words, those of groups too."""
    for name, command in group.commands.items():
        yield (*above, name), command
        if hasattr(command, "commands"):
            yield from commands(command, *above, name)


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_stands_in_brackets_is_shown(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich takes words in brackets for markup, so ``counterpoint[export]`` loses its extra unless it is escaped."""
    monkeypatch.setenv("COLUMNS", "1000")
    shown = CliRunner().invoke(app, [*words, "--help"]).output
    told = [COMMANDS[words].help, *(getattr(param, "help", None) for param in COMMANDS[words].params)]
    bracketed = [found for text in told for found in re.findall(r"\w*\\?(\[[^\]]*\])", text or "")]
    assert [text for text in bracketed if text not in shown] == []


def test_every_command_that_prints_json_has_a_heading_in_the_document() -> None:
    document = Path(__file__).resolve().parents[3] / "docs" / "json.md"
    headings = re.findall(r"^## `(.+)`$", document.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {re.split(r" (?=[A-Z\[-])", heading)[0] for heading in headings if "--json" in heading}
    printing = {" ".join(words) for words in COMMANDS if "--json" in options_of(words)}
    assert printing == documented


def options_of(words: tuple[str, ...]) -> set[str]:
    return {option for param in COMMANDS[words].params for option in param.opts}


def test_the_version_is_that_of_the_package() -> None:
    shown = CliRunner().invoke(app, ["--version"])
    assert (shown.exit_code, shown.output) == (0, f"counterpoint {version('counterpoint')}\n")
