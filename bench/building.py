"""What a build costs as a library grows: everything, nothing changed, one episode added, one taken away.

    PYTHONPATH=. python bench/building.py SOURCE_LIBRARY --episodes 100 1000 --work FOLDER [--borrow STATE] [--keep]

Libraries are made of SOURCE_LIBRARY's sentences (``bench/libraries.py``). The encoder is one for measurements that
costs hardly anything, and positions are read by the lexicon alone, so seconds are those of everything but models. Each
build is a process of its own; its seconds are those inside the build, after Python's imports. With ``--borrow`` vectors
are the real ones of the edition in STATE, with noise, under the real model's fingerprint. With ``--ray ADDRESS``
a Ray cluster works on the episodes, so that the seconds of a core are those of the one that writes.
"""

import argparse
import asyncio
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from bench.libraries import BorrowedVectors, invented_vectors, talks_of, write_library
from index.build.builder import Builder
from index.build.episode_workers import EpisodeWorkers, ThisProcess
from index.build.preparation import Models
from index.embedding.encoder import Encoder
from index.storage.edition import current_name, editions_folder, read_facts
from index.storage.segments import VECTORS_FILE
from index.storage.vectors import WindowVectors
from scoring.axis import load_axis
from scoring.reading import Scorer
from scoring.scorer import LexicalScorer

AXIS = Path(__file__).resolve().parents[1] / "data" / "axes" / "risk-opportunity"
_MOST_BORROWED = 20_000


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """Not shown."""

    def advance(self, steps: int) -> None:
        """Not shown."""


def open_encoder(borrow: Path | None) -> Encoder:
    """The encoder for measurements, over real vectors where ``borrow`` holds an edition of them."""
    if borrow is None:
        return BorrowedVectors(invented_vectors())
    name = current_name(borrow)
    if name is None:
        raise SystemExit(f"no edition in {borrow}")
    vectors = WindowVectors.open(editions_folder(borrow) / name / VECTORS_FILE)
    rows = np.arange(min(len(vectors), _MOST_BORROWED))
    return BorrowedVectors(vectors.take(rows), read_facts(borrow, name).fingerprint)


def words_alone(_: Encoder) -> Scorer:
    """The lexicon, whatever the vectors: what the stance model costs is model time, like embedding."""
    return LexicalScorer.load(AXIS)


def build(library: Path, state: Path, borrow: Path | None, ray: str | None) -> dict[str, object]:
    """Build once, and say what it cost."""
    workers: Callable[[Models], EpisodeWorkers] = ThisProcess
    if ray is not None:
        from index.build.ray_workers import RayWorkers  # noqa: PLC0415 - an extra

        workers = partial(RayWorkers, ray, 0)
    builder = Builder(
        library,
        state,
        lambda: open_encoder(borrow),
        words_alone,
        load_axis(AXIS),
        "all-MiniLM-L6-v2",
        workers=workers,
    )
    started_s, started_cpu_s = time.perf_counter(), time.process_time()
    report = asyncio.run(builder.build(Silent()))
    if report.facts is None or report.failures:
        raise SystemExit(f"the build failed: {report.failures[:3]}")
    folder = editions_folder(state) / report.facts.edition
    return {
        "wall_s": time.perf_counter() - started_s,
        "cpu_s": time.process_time() - started_cpu_s,
        "seconds": report.seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "n_windows": report.facts.n_windows,
        "edition_mb": sum(path.stat().st_size for path in folder.rglob("*")) / 1e6,
    }


def build_apart(library: Path, state: Path, borrow: Path | None, ray: str | None) -> dict[str, object]:
    """``build`` in a process of its own, so that its memory is its own."""
    asked = [sys.executable, __file__, str(library), "--one", str(state)]
    if borrow is not None:
        asked += ["--borrow", str(borrow)]
    if ray is not None:
        asked += ["--ray", ray]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    told: dict[str, object] = json.loads(done.stdout)
    return told


def measure(
    source: Path, sizes: list[int], work: Path, borrow: Path | None, ray: str | None, *, keep: bool
) -> None:
    """Print a line for every kind of build at every size; ``keep`` an edition that an earlier run made."""
    talks = talks_of(source)
    say("| episodes | windows | edition MB | build | seconds | of a core | by stage | peak MB |")
    say("|---|---|---|---|---|---|---|---|")
    for size in sorted(sizes):
        state = work / f"state-{size}"
        library = work / f"library-{size}"
        shutil.rmtree(library / f"conversation-{size:06}", ignore_errors=True)
        if keep and current_name(state) is not None:
            build_apart(library, state, borrow, ray)  # the last measurement left one more, and took one out
        else:
            shutil.rmtree(state, ignore_errors=True)
            write_library(talks, library, range(size))
            line(size, "everything", build_apart(library, state, borrow, ray))
        line(size, "nothing changed", build_apart(library, state, borrow, ray))
        write_library(talks, library, [size])
        line(size, "one added", build_apart(library, state, borrow, ray))
        shutil.rmtree(library / f"conversation-{size // 2:06}")
        line(size, "one removed", build_apart(library, state, borrow, ray))
        write_library(talks, library, [size // 2])


def line(size: int, what: str, told: dict[str, object]) -> None:
    """One line of the table."""
    seconds = told["seconds"]
    stages = (
        ", ".join(f"{name} {taken_s:.2f}" for name, taken_s in seconds.items())
        if isinstance(seconds, dict)
        else ""
    )
    say(
        f"| {size:,} | {told['n_windows']:,} | {told['edition_mb']:.0f} | {what} | {told['wall_s']:.2f}"
        f" | {told['cpu_s']:.2f} | {stages} | {told['peak_mb']:.0f} |"
    )


def say(text: str) -> None:
    """Print at once, since the next line may take minutes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, or build once for the measuring process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("--episodes", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--work", type=Path, default=Path("bench-work"))
    parser.add_argument("--borrow", type=Path)
    parser.add_argument("--ray", help="address of a Ray cluster that works on the episodes")
    parser.add_argument("--keep", action="store_true", help="begin with the editions of an earlier run")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.one is not None:
        say(json.dumps(build(wanted.source, wanted.one, wanted.borrow, wanted.ray)))
    else:
        measure(wanted.source, wanted.episodes, wanted.work, wanted.borrow, wanted.ray, keep=wanted.keep)


if __name__ == "__main__":
    main()
