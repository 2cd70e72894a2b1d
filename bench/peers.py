"""One question, warm, here and in txtai over the same windows of one edition.

    COUNTERPOINT_LIBRARY=LIBRARY COUNTERPOINT_STATE=STATE PYTHONPATH=. python bench/peers.py QUESTIONS [--rounds 3]

QUESTIONS are JSON lines with ``query``. The edition's windows and their vectors go into txtai as it comes, with
content and hybrid (FAISS, BM25 and SQLite in one), so that nothing is embedded twice; it embeds questions with the
same model by its own default. Each round asks every question here and then there, for a number of passages not asked
before, so that none is answered from memory. What comes back differs: here passages merged, quoted, linked and with
their positions, there rows of text with a score.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.app.container import make_service
from bot.app.settings import Settings
from index.embedding.model_export import model_folder
from index.storage.edition import Edition, open_edition

_MOST_PASSAGES = 10
_ROWS_AT_ONCE = 20_000


async def main() -> None:
    """Fill txtai, ask both, print both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, _MOST_PASSAGES + 1))
    wanted = parser.parse_args()
    if find_spec("txtai") is None:
        print("txtai is not installed: pip install --group bench")
        return
    settings = Settings()
    queries = [
        json.loads(line)["query"] for line in wanted.questions.read_text(encoding="utf-8").splitlines()
    ]
    answerer = make_service(settings)
    await answerer.find(queries[0], n_passages=_MOST_PASSAGES + 1)
    edition = await open_edition(settings.state_folder)
    started_s = time.perf_counter()
    peer = await filled(edition, str(model_folder(settings.model) or settings.model))
    await edition.close()
    print(f"{peer.count()} windows in txtai after {time.perf_counter() - started_s:.0f} s")
    for query in queries[:20]:
        peer.search(query, 1)
    ours_ms, theirs_ms = [], []
    for n_passages in range(_MOST_PASSAGES, _MOST_PASSAGES - wanted.rounds, -1):
        for query in queries:
            started_s = time.perf_counter()
            await answerer.find(query, n_passages=n_passages)
            ours_ms.append(1000 * (time.perf_counter() - started_s))
        for query in queries:
            started_s = time.perf_counter()
            peer.search(query, n_passages)
            theirs_ms.append(1000 * (time.perf_counter() - started_s))
    shape = wanted.rounds, len(queries)
    for which, of in (("all", np.ravel), ("fastest of each question", lambda ms: np.min(ms, axis=0))):
        ours, theirs = (np.percentile(of(np.reshape(ms, shape)), (50, 99)) for ms in (ours_ms, theirs_ms))
        print(
            f"{which}: counterpoint p50 {ours[0]:.1f} ms, p99 {ours[1]:.1f} ms; txtai p50 {theirs[0]:.1f} ms,"
            f" p99 {theirs[1]:.1f} ms; {ours[0] / theirs[0]:.2f} and {ours[1] / theirs[1]:.2f} of txtai's"
        )
    await answerer.close()


async def filled(edition: Edition, model: str) -> Any:
    """A txtai index of the edition's windows with their vectors."""
    from txtai import Embeddings  # noqa: PLC0415 - takes seconds

    embed: Any = Embeddings(path=model).batchtransform
    known: Iterator[npt.NDArray[np.float32]] | None = vectors_of(edition)

    def transform(texts: list[str]) -> npt.NDArray[np.float32]:
        if known is None:
            return np.asarray(embed(texts), np.float32)
        return np.stack([next(known) for _ in texts])

    peer = Embeddings(method="external", transform=transform, content=True, hybrid=True)
    texts = await texts_of(edition)
    peer.index(enumerate(texts))
    known = None
    return peer


def vectors_of(edition: Edition) -> Iterator[npt.NDArray[np.float32]]:
    """The vector of each window, in order."""
    for start in range(0, len(edition.vectors), _ROWS_AT_ONCE):
        yield from edition.vectors.take(np.arange(start, min(start + _ROWS_AT_ONCE, len(edition.vectors))))


async def texts_of(edition: Edition) -> list[str]:
    """The text of each window, in order."""
    columns = edition.columns
    slices = await edition.slices.by_id(columns.slice_id.tolist())
    spans = zip(columns.window_slice, columns.window_start, columns.window_end, strict=True)
    return [slices[int(number)].piece.text[start:end] for number, start, end in spans]


if __name__ == "__main__":
    asyncio.run(main())
