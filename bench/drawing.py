"""Time per picture, in milliseconds of one core: ``python bench/drawing.py [ROUNDS]``.

Draws invented episodes of 16, 120 and 300 slices, so it needs neither library nor edition.
"""

import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.i18n.language import Language
from bot.i18n.message_catalogue import DEFAULT, MessageCatalogue
from bot.render.png.counterbalance_plot import draw_balance
from bot.render.png.episode_card import draw_card
from bot.render.png.find_strip import draw_found
from bot.render.png.map import draw_map
from index.library.episodes import EpisodeFile
from index.search.answers import EpisodeHit, Found, Passage
from index.search.coverage import coverage_of
from index.search.excerpts import Excerpt
from index.search.related import Counterbalance, Opposed
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.slicing import Slice
from scoring.axis import Axis, load_axis
from scoring.mirror import Pick, PickCandidate
from scoring.profile import profile_of
from scoring.reading import Reading

AXIS = Path(__file__).resolve().parents[1] / "data" / "axes" / "risk-opportunity"


def invented(axis: Axis, number: int, n_slices: int) -> tuple[EpisodeRecord, list[SliceRecord]]:
    """An episode whose arc swings, with times and four chapters."""
    records = []
    for at in range(n_slices):
        position = 40 * math.sin(at * 0.7 + number) * math.cos(at * 0.19)
        chapter = f"Chapter {at * 4 // n_slices + 1}"
        piece = Slice(
            at, "Said.", at * 65.0, at * 65.0 + 64, None, chapter, (5,), ((0, at * 65.0),), ((0, None),)
        )
        reading = Reading(position, axis.band_of(position), "technical", "medium", "leans")
        records.append(SliceRecord(at, number, piece, reading))
    about = EpisodeFile(title=f"Conversation {number} on what a model keeps to itself", source="Slow Answers")
    profile = profile_of([record.reading for record in records], axis)
    terms = {f"subject {number % 7}": 1.0}
    return EpisodeRecord(number, f"c-{number}", about, None, profile, True, n_slices, terms), records


def found(axis: Axis) -> Found:
    """Ten passages in five episodes of 120 slices."""
    passages, hits = [], []
    for number in range(1, 6):
        record, slices = invented(axis, number, 120)
        ranks = (number, number + 5)
        hits.append(EpisodeHit(record, ranks))
        for rank in ranks:
            passage = slices[rank * 11 % 120]
            quote = Excerpt(passage.piece.text[:5], 0, 5, passage.piece.start_s, None, None)
            passages.append(Passage(rank, record, (passage,), 0, passage.piece.text, quote, 1.0))
    passages.sort(key=lambda passage: passage.rank)
    return Found("what a model keeps to itself", "e", tuple(passages), tuple(hits), True, {})


def balance(axis: Axis) -> Counterbalance:
    """Three picks of 120 slices each."""
    own, _ = invented(axis, 1, 120)
    standing = own.standing()
    picks = []
    for number in range(2, 5):
        other, _ = invented(axis, number, 120)
        candidate = PickCandidate(other.id, other.profile.headline, "technical", 0.2 * number)
        pick = Pick(candidate, other.profile.headline - standing.position, "across the spectrum")
        picks.append(Opposed(other, other.standing(), pick, (), None))
    return Counterbalance("invented", own, standing, -standing.position, "no crux", tuple(picks))


def timed(name: str, draw: Callable[[], bytes], rounds: int) -> str:
    """A line of figures for one picture."""
    draw()
    core, wall = [], []
    for _ in range(rounds):
        started, started_core = time.perf_counter(), time.process_time()
        png = draw()
        wall.append((time.perf_counter() - started) * 1000)
        core.append((time.process_time() - started_core) * 1000)
    middle, worst, passed = statistics.median(core), max(core), statistics.median(wall)
    return f"{name:<24} core {middle:5.0f} ms (worst {worst:.0f})  clock {passed:5.0f} ms  {len(png) // 1000:4} kB"


def main() -> None:
    """Print one line a picture."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    axis = load_axis(AXIS)
    language = Language(MessageCatalogue.load(), DEFAULT, axis)
    lines = []
    for n_slices in (16, 120, 300):
        record, slices = invented(axis, 1, n_slices)
        lines.append(
            timed(f"card, {n_slices} slices", lambda r=record, s=slices: draw_card(r, s, language), rounds)
        )  # type: ignore[misc]
    coverage = coverage_of([invented(axis, number, 8)[0] for number in range(60)], axis)
    lines.append(timed("map, 60 episodes", lambda: draw_map(coverage, language), rounds))
    answer, opposed = found(axis), balance(axis)
    lines.append(timed("found, 10 passages", lambda: draw_found(answer, language), rounds))
    lines.append(timed("balance, 3 picks", lambda: draw_balance(opposed, language), rounds))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
