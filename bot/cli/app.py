"""The command ``counterpoint``."""

import io
import logging
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from pydantic import ValidationError
from rich.console import Console

from bot.app.settings import ENV_FILE_VARIABLE, SettingInvalid, Settings
from bot.cli import (
    adding,
    ask,
    backup,
    doctor,
    evaluate,
    export,
    following,
    indexing,
    pages,
    programs,
    removing,
    run,
    transcribe,
    votes,
)
from bot.cli.charts import say
from bot.cli.session import NOTHING, WRONG_USE, Session
from bot.i18n.message_catalogue import MessageCatalogue
from index.transcripts.formats.decoding import folded

app = typer.Typer(
    name="counterpoint",
    help="Where was this said, and who stands on the other side?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for commands in (
    adding,
    removing,
    indexing,
    transcribe,
    following,
    export,
    doctor,
    backup,
    ask,
    pages,
    evaluate,
    votes,
    programs,
    run,
):
    commands.register(app)

_ANYWHERE = ("--library", "--state", "--env-file")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"counterpoint {version('counterpoint')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    library: Annotated[
        Path | None, typer.Option(help="Folder of episodes. [COUNTERPOINT_LIBRARY, default: library]")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="Folder of derived files. [COUNTERPOINT_STATE, default: LIBRARY/.counterpoint]"),
    ] = None,
    env_file: Annotated[
        Path | None,
        typer.Option(help=f"File of settings, NAME=value a line. [{ENV_FILE_VARIABLE}, default: none]"),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Ask a library of conversations: where was this said, and who stands on the other side."""
    given: dict[str, Any] = {
        name: value for name, value in (("library", library), ("state", state)) if value is not None
    }
    err, catalogue = Console(stderr=True), MessageCatalogue.load()
    try:
        settings = Settings.read(env_file=env_file, **given)
    except OSError as error:
        say(err, f"The file of settings {error.filename} cannot be read: {error.strerror}.", style="red")
        raise typer.Exit(WRONG_USE) from error
    except ValidationError as error:
        say(err, catalogue.error(SettingInvalid.of(error)), style="red")
        raise typer.Exit(WRONG_USE) from error
    for name in Settings.unknown_variables(env_file):
        say(err, catalogue.text("note.setting_unknown", received=folded(name)), style="yellow")
    context.obj = Session(settings, catalogue, Console(), err)


def main() -> None:
    """Run the command line; ``--library``, ``--state`` and ``--env-file`` may stand anywhere in it."""
    logging.basicConfig(level=logging.WARNING)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a letter that the terminal's encoding lacks ends no answer
    try:
        try:
            app(args=_settings_first(sys.argv[1:]))
        finally:
            if sys.stdout is not None:  # closed by who started the program
                sys.stdout.flush()
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        reason = error.strerror or type(error).__name__
        say(Console(stderr=True), f"Reading or writing{place} failed: {reason}.", style="red")
        _leave_unwritten(sys.stdout)
        sys.exit(NOTHING)


def _leave_unwritten(stream: TextIO) -> None:
    """Send to nowhere what ``stream`` still holds, which Python would try to write when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _settings_first(arguments: list[str]) -> list[str]:
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _ANYWHERE:
            first += [word, *([value] if (value := next(words, None)) is not None else [])]
        elif word.startswith(tuple(f"{name}=" for name in _ANYWHERE)):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


if __name__ == "__main__":
    main()
