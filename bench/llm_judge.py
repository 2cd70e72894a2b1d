"""Which pairs of passages a judge would be asked about, written down for a reader: no test, a measurement.

    PYTHONPATH=. python bench/llm_judge.py PAIRS.txt [--episodes 30] [--pairs 200] [--library ...] [--state ...]

The first so many episodes of the library by the digest of their names are looked at, and of their pairs the most
probable are written, numbered, each as the judge gets it, into PAIRS.txt, with PAIRS.json beside it (episodes,
probability). Both hold words of the library: keep them out of the repository. Without a reader's verdicts this says how
many pairs and how many tokens a judge would cost.
"""

import argparse
import asyncio
import hashlib
import json
from pathlib import Path

import numpy as np

from bot.app.container import make_axis, make_gate
from bot.app.settings import Settings
from index.judge import messages_about
from index.search.crux_pairs import CruxTable
from index.search.judged_cruxes import pairs_to_read
from index.search.search_tables import SearchTables
from index.storage import queries
from index.storage.edition import open_edition

CHARS_A_TOKEN = 4.3
"""Of English, about."""


def order_of(slug: str) -> str:
    """What the episodes are drawn by: a digest of the name."""
    return hashlib.sha256(slug.encode()).hexdigest()


async def dump(settings: Settings, n_episodes: int, n_pairs: int) -> tuple[str, str]:
    """Return the pairs of ``n_episodes`` episodes as text and as JSON, and print how many there are."""
    edition = await open_edition(settings.state_folder)
    try:
        gate = make_gate(settings, edition.facts.fingerprint)
        if gate is None:
            raise SystemExit("There is no gate for this model and axis.")
        unsure = np.array(await queries.unsure_slices(edition.connection), np.int64)
        table = CruxTable.of(SearchTables.of(edition), gate, unsure, len(make_axis(settings).bands))
        spoken = [episode for episode in edition.episodes.values() if episode.profile.n_slices]
        drawn = {episode.id for episode in sorted(spoken, key=lambda one: order_of(one.slug))[:n_episodes]}
        pairs = [pair async for pair in pairs_to_read(table)]
        own = [pair for pair in pairs if {pair.first.episode_id, pair.second.episode_id} & drawn]
        told, facts, n_chars = [], [], 0
        for number, pair in enumerate(own[:n_pairs]):
            messages = messages_about(pair.first.piece, pair.second.piece)
            n_chars += sum(len(message["content"]) for message in messages)
            sides = [edition.episodes[record.episode_id] for record in (pair.first, pair.second)]
            told.append(f"=== {number} ===\n{messages[1]['content']}\n")
            facts.append(
                {
                    "number": number,
                    "probability": round(pair.probability, 4),
                    "episodes": [side.slug for side in sides],
                    "drawn": [side.id in drawn for side in sides],
                    "positions": [round(record.reading.position) for record in (pair.first, pair.second)],
                }
            )
        with_any = {side for pair in own for side in (pair.first.episode_id, pair.second.episode_id)} & drawn
        print(  # noqa: T201
            f"{len(table.places)} claims; {len(pairs)} pairs in all, {len(own)} of {len(drawn)} episodes "
            f"({len(with_any)} have some); {len(facts)} written, "
            f"{n_chars / CHARS_A_TOKEN / max(1, len(facts)):.0f} tokens each"
        )
        return "\n".join(told), json.dumps(facts, indent=0)
    finally:
        await edition.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--episodes", type=int, default=30)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--library", type=Path, default=Path("library"))
    parser.add_argument("--state", type=Path)
    given = parser.parse_args()
    chosen = Settings.read(library=given.library, state=given.state)
    texts, facts = asyncio.run(dump(chosen, given.episodes, given.pairs))
    given.out.write_text(texts, encoding="utf-8")
    given.out.with_suffix(".json").write_text(facts, encoding="utf-8")
