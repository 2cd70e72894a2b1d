"""A build in a process of its own, by workers of a Ray cluster or by itself, with an encoder without a model.

python -c "import ray_build; ray_build.main()" LIBRARY STATE NOTES [ADDRESS]

Prints JSON: the report, the steps of progress, or the error. The encoder notes each call in NOTES, and a text with the
word ``xhold`` is held until NOTES/go exists.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from small_library import AXIS, WordCounts

from bot.app.build_report import IndexReport
from index.build.builder import Builder
from index.build.episode_workers import EpisodeWorkers, ThisProcess
from index.build.preparation import Models
from index.embedding.encoder import Vectors
from scoring.axis import load_axis
from scoring.errors import CodedError
from scoring.scorer import LexicalScorer

HOLD = "xhold"


class HeldWords:
    """An encoder that can be pickled, and held."""

    dim, fingerprint = WordCounts.dim, WordCounts.fingerprint

    def __init__(self, notes: Path) -> None:
        self.notes = notes

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        with (self.notes / "calls").open("a") as calls:
            calls.write(f"{os.getpid()}\n")
        if any(HOLD in text for text in texts):
            (self.notes / f"held-{os.getpid()}").touch()
            while not (self.notes / "go").exists():
                time.sleep(0.01)
        return WordCounts().encode(texts, progress=progress)


class Steps:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.done: dict[str, int] = {}

    def stage(self, name: str, total: int) -> None:
        self._name = name
        self.done[name] = 0

    def advance(self, steps: int) -> None:
        self.done[self._name] += steps


def main() -> None:
    library, state, notes, *address = sys.argv[1:]
    workers: Callable[[Models], EpisodeWorkers] = ThisProcess
    if address:
        from index.build.ray_workers import RayWorkers  # noqa: PLC0415 - may not be installed

        workers = partial(RayWorkers, address[0], 2)
    builder = Builder(
        Path(library),
        Path(state),
        lambda: HeldWords(Path(notes)),
        lambda _: LexicalScorer.load(AXIS),
        load_axis(AXIS),
        "words",
        workers=workers,
    )
    steps = Steps()
    try:
        report = asyncio.run(builder.build(steps))
    except CodedError as error:
        print(json.dumps({"error": error.code, **error.fields}))
        sys.exit(1)
    print(json.dumps({**IndexReport.of(report, lambda error: error.code).to_json(), "steps": steps.done}))
