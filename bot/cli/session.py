"""What every command of the terminal shares: settings, sentences, consoles, exit codes and progress."""

import asyncio
import json
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from bot.app.input_validation import DaysReversed, DayUnreadable, OptionUnknown
from bot.app.settings import Settings
from bot.cli.charts import say
from bot.i18n.language import Language
from bot.i18n.message_catalogue import DEFAULT, MessageCatalogue
from index.errors import (
    EditionMissing,
    EpisodeAmbiguous,
    FileUnreadable,
    LibraryMissing,
    OverrideInvalid,
    RowsInvalid,
    SlugInvalid,
    TranscriptRejected,
)
from index.transcripts.formats.decoding import folded
from scoring.axis import Axis
from scoring.errors import CodedError, error_of

NOTHING, WRONG_USE = 1, 2
_WRONG_USE = (
    DayUnreadable,
    DaysReversed,
    EpisodeAmbiguous,
    OptionUnknown,
    OverrideInvalid,
    RowsInvalid,
    SlugInvalid,
    TranscriptRejected,
)
"""What a person named or wrote cannot be used as it is."""

_SOON_S = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the program: made by the root command, handed to the others.

    Attributes:
        settings: flags, variables and the file of settings that one of them names.
        catalogue: every sentence.
        out: where answers go.
        err: where progress and complaints go.
    """

    settings: Settings
    catalogue: MessageCatalogue
    out: Console
    err: Console

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` to its end."""
        return asyncio.run(work)

    def finish(self, work: Coroutine[Any, Any, bool | None]) -> None:
        """Run ``work`` to its end, with a sentence for each error; exit with ``NOTHING`` where it returns False."""
        with self.explaining():
            if self.run(work) is False:
                raise typer.Exit(NOTHING)

    def print_json(self, value: Any) -> None:
        """Print a JSON value on one line, and nothing else.

        It is escaped where the terminal's encoding lacks a letter, or a file's name is no text in any encoding.
        """
        if sys.stdout is None:  # closed by who started the program
            return
        line = json.dumps(value, ensure_ascii=False, allow_nan=False)
        try:
            line.encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            line = json.dumps(value, allow_nan=False)
        sys.stdout.write(line + "\n")

    def language(self, axis: Axis) -> Language:
        """Return the language of the terminal's pictures."""
        return Language(self.catalogue, DEFAULT, axis)

    def sentence(self, error: CodedError) -> str:
        """Return the sentence of ``error`` for a person."""
        return self.catalogue.error(error, shown=folded)

    def fail(self, error: CodedError) -> NoReturn:
        """Say what went wrong, in one sentence, and end with the exit code that fits."""
        if isinstance(error, EditionMissing) and not self.settings.library.is_dir():
            error = LibraryMissing(path=str(self.settings.library))
        say(self.err, self.sentence(error), style="red")
        raise typer.Exit(WRONG_USE if isinstance(error, _WRONG_USE) else NOTHING)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turn the project's errors into one sentence and an exit code."""
        try:
            yield
        except CodedError as error:
            self.fail(error)

    def wrong(self, use: str, **fields: object) -> NoReturn:
        """Say what was used wrongly, by the sentence under ``wrong_use.<use>``, and end with 2."""
        shown = {name: folded(str(value)) for name, value in fields.items()}
        say(self.err, self.catalogue.text(f"wrong_use.{use}", **shown), style="red")
        raise typer.Exit(WRONG_USE)


def session_of(context: typer.Context) -> Session:
    """Return the session that the root command made."""
    session = context.find_object(Session)
    if session is None:
        raise typer.Exit(WRONG_USE)
    return session


def with_path(error: CodedError, path: Path, label: str | None = None) -> CodedError:
    """Return ``error`` of a file with the file called by ``label``; by its whole path where it could not be had.

    Whoever mistyped a path sees so where the file was sought. Where ``error`` is of another file, it is returned.
    """
    if error.fields.get("file") != path.name:
        return error
    name = str(path) if label is None or isinstance(error, FileUnreadable) else label
    return error_of(error.code, {**error.fields, "file": name})


class ProgressBars:
    """Progress of long work, as bars on the terminal's error stream.

    They appear after a second, so that quick work leaves no trace, and nowhere but on a terminal.

    Args:
        console: where to.
        first: what is done before the first stage is told of.
        is_shown: False for none at all.
    """

    def __init__(self, console: Console, first: str = "prepare", *, is_shown: bool = True) -> None:
        self._is_shown = is_shown and console.is_terminal
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._total: int | None = None
        self._task = self._progress.add_task(first, total=None)
        self._soon = threading.Timer(_SOON_S, self._progress.start)
        self._soon.daemon = True

    def __enter__(self) -> "ProgressBars":
        if self._is_shown:
            self._soon.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._soon.cancel()
            self._soon.join()
            self._progress.stop()

    def stage(self, name: str, total: int) -> None:
        """Begin a stage, which ends the stage before."""
        if self._total is None:
            self._progress.remove_task(self._task)
        else:
            self._progress.update(self._task, completed=self._total)
        self._task, self._total = self._progress.add_task(name, total=total), total

    def advance(self, steps: int) -> None:
        """Count further steps of the stage."""
        self._progress.advance(self._task, steps)
