"""CPU time of ``counterpoint add`` on rolling automatic tracks, and where it goes.

    PYTHONPATH=. python bench/adding.py TRACKS --files 1000 [--profile] [--into FOLDER]

Each file is one of the ``.vtt`` tracks of the folder TRACKS with its longer words exchanged by seed and another name,
so that no two files are alike. CPU seconds count this process and its children; wall seconds depend on what else runs.
"""

import argparse
import cProfile
import os
import pstats
import random
import re
import tempfile
import time
from pathlib import Path

from typer.testing import CliRunner

_WORD = re.compile(r"(?<![<\w.])[a-z]{5,12}(?![\w>])")
_SHOWN = 45


def write_tracks(sources: Path, goal: Path, count: int) -> int:
    """Write ``count`` tracks into ``goal`` and return their bytes."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(sources.glob("*.vtt"))]
    rolling = [text for text in texts if "<c>" in text]
    vocabulary = sorted({word for text in rolling for word in _WORD.findall(text)})
    goal.mkdir(parents=True, exist_ok=True)
    n_bytes = 0
    for number in range(count):
        chance = random.Random(number)
        exchanged = dict(zip(vocabulary, chance.sample(vocabulary, len(vocabulary)), strict=True))
        rows = rolling[number % len(rolling)].split("\n")
        text = "\n".join(row if "-->" in row else _with_words(row, exchanged) for row in rows)
        names = " ".join(chance.sample(vocabulary, 3)).title()
        data = text.encode()
        (goal / f"{names} {number}.en.vtt").write_bytes(data)
        n_bytes += len(data)
    return n_bytes


def _with_words(row: str, exchanged: dict[str, str]) -> str:
    return _WORD.sub(lambda match: exchanged[match[0]], row)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tracks", type=Path)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--into", type=Path, help="keep the tracks in this folder")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = wanted.into or Path(scratch, "tracks")
        n_bytes = write_tracks(wanted.tracks, folder, wanted.files)
        os.environ["COUNTERPOINT_LIBRARY"] = f"{scratch}/library"
        os.environ["COUNTERPOINT_STATE"] = f"{scratch}/state"
        from bot.cli.app import app  # noqa: PLC0415 - settings come from the environment

        profile = cProfile.Profile()
        before, started_s = os.times(), time.perf_counter()
        if wanted.profile:
            profile.enable()
        result = CliRunner().invoke(app, ["add", str(folder)])
        profile.disable()
        after, wall_s = os.times(), time.perf_counter() - started_s
        cpu_s = sum(after[:4]) - sum(before[:4])
        if result.exit_code:
            raise SystemExit(result.output)
        print(
            f"{wanted.files} files of {n_bytes / wanted.files / 1000:.0f} kB: {cpu_s:.1f} CPU seconds"
            f" ({cpu_s / wanted.files * 1000:.1f} ms a file), wall {wall_s:.1f} s"
        )
        if wanted.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(_SHOWN)


if __name__ == "__main__":
    main()
