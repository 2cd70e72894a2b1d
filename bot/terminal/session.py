"""What every command of the terminal shares: settings, sentences, consoles, exit codes and progress."""

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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

from bot.settings import Settings
from bot.texts.catalogue import Catalogue
from index.errors import EpisodeAmbiguous, SlugInvalid
from index.intake.errors import FileUnreadable, WishInvalid
from scoring.errors import CodedError

NOTHING, WRONG_USE = 1, 2
_WRONG_USE = (EpisodeAmbiguous, SlugInvalid, WishInvalid, FileUnreadable)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the program: made by the root command, handed to the others.

    Attributes:
        settings: flags, variables and ``.env`` together.
        catalogue: every sentence.
        out: where answers go.
        err: where progress and complaints go.
    """

    settings: Settings
    catalogue: Catalogue
    out: Console
    err: Console

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` to its end."""
        return asyncio.run(work)

    def print_json(self, value: Any) -> None:
        """One JSON object on one line, nothing else."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")

    def sentence(self, error: CodedError) -> str:
        """What a person reads of ``error``."""
        return self.catalogue.error(error)

    def fail(self, error: CodedError) -> NoReturn:
        """Say what went wrong, in one sentence, and end with the exit code that fits."""
        self.err.print(self.sentence(error), style="red", markup=False, highlight=False)
        raise typer.Exit(WRONG_USE if isinstance(error, _WRONG_USE) else NOTHING)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turn the project's errors into one sentence and an exit code."""
        try:
            yield
        except CodedError as error:
            self.fail(error)

    def wrong(self, sentence: str) -> NoReturn:
        """Say what was used wrongly and end with 2."""
        self.err.print(sentence, style="red", markup=False, highlight=False)
        raise typer.Exit(WRONG_USE)


def session_of(context: typer.Context) -> Session:
    """The session that the root command made."""
    session = context.find_object(Session)
    if session is None:
        raise typer.Exit(WRONG_USE)
    return session


class Bars:
    """A build's progress as bars on the terminal's error stream."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task: Any = None

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""
        if self._task is not None:
            self._progress.update(self._task, completed=self._progress.tasks[self._task].total)
        self._task = self._progress.add_task(name, total=total)

    def advance(self, steps: int) -> None:
        """So many more steps of the stage are done."""
        self._progress.advance(self._task, steps)
