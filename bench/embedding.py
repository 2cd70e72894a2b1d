"""Windows embedded per second: this project's encoder, sentence-transformers and txtai, alternating in one run.

    COUNTERPOINT_LIBRARY=LIBRARY COUNTERPOINT_STATE=STATE PYTHONPATH=. python bench/embedding.py [--windows 1500]

The texts are windows of the library, drawn by seed. Each round embeds all of them with each embedder in turn, text to
vectors, so that what else the machine does falls on all alike; ratios are of the fastest rounds, of the medians, and of
the least seconds of computing (of all cores together), which other work on the machine disturbs least.
Peers run as they come: float32, their batches and threads. One that is not installed is named and left out.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.app.container import open_encoder
from bot.app.settings import Settings
from index.embedding.encoder import Vectors
from index.embedding.model_export import load_torch_model, model_folder
from index.library import episodes
from index.text.slicing import slice_transcript
from index.text.windows import window_texts, windows_of

OURS, REFERENCE = "counterpoint", "sentence-transformers"
Embed = Callable[[list[str]], npt.NDArray[Any]]


def main() -> None:
    """Draw the windows, run the rounds, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--windows", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=6)
    wanted = parser.parse_args()
    settings = Settings()
    texts = windows_of_library(settings)
    if len(texts) > wanted.windows:
        texts = random.Random(wanted.seed).sample(texts, wanted.windows)
    encoder: Any = open_encoder(settings)
    embedders: dict[str, Embed] = {OURS: encoder.encode, **peers(settings.model)}
    characters = sum(map(len, texts)) / len(texts)
    print(f"{len(texts)} windows of {characters:.0f} characters; {OURS} in {encoder.precision}")
    vectors = {name: unit(embed(texts[:50])) for name, embed in embedders.items()}
    taken_s: dict[str, list[float]] = {name: [] for name in embedders}
    computed_s: dict[str, list[float]] = {name: [] for name in embedders}
    for _ in range(wanted.rounds):
        for name, embed in embedders.items():
            started_s, began_s = time.perf_counter(), time.process_time()
            found = embed(texts)
            taken_s[name].append(time.perf_counter() - started_s)
            computed_s[name].append(time.process_time() - began_s)
            vectors[name] = unit(found)
        print("load", *(f"{load:.1f}" for load in os.getloadavg()), flush=True)
    print(
        f"{'windows a second':24}{'fastest':>9}{'median':>9}{'a core':>9}"
        f"   {OURS + ' is times as fast':27}   1 - cosine: largest, mean"
    )
    for name in embedders:
        taken = [of(taken_s[name]) for of in (min, statistics.median)] + [min(computed_s[name])]
        ours = [of(taken_s[OURS]) for of in (min, statistics.median)] + [min(computed_s[OURS])]
        apart = 1 - (vectors[name] * vectors[REFERENCE]).sum(axis=1)
        speeds = "".join(f"{len(texts) / taken_s:9.1f}" for taken_s in taken)
        ratios = "".join(f"{taken_s / other:9.2f}" for taken_s, other in zip(taken, ours, strict=True))
        print(f"{name:24}{speeds}   {ratios}   {apart.max():.6f}, {apart.mean():.6f}")


def windows_of_library(settings: Settings) -> list[str]:
    """The text of every window of the library, in order."""
    folder = settings.library
    talks = [episodes.read_episode(folder, slug).transcript for slug in episodes.slugs(folder)]
    pieces = [piece for talk in talks if talk for piece in slice_transcript(talk)]
    return [text for piece in pieces for text in window_texts(piece, windows_of(piece))]


def peers(model: str) -> dict[str, Embed]:
    """What else embeds with the same model here, by name, loaded and as it comes."""
    reference = load_torch_model(model)
    found: dict[str, Embed] = {
        REFERENCE: lambda texts: np.asarray(reference.encode(texts, show_progress_bar=False))
    }
    if find_spec("txtai") is None:
        print("txtai is not installed, so it is left out: pip install --group bench")
        return found
    from txtai import Embeddings  # noqa: PLC0415 - takes seconds

    peer = Embeddings(path=str(model_folder(model) or model))
    found["txtai"] = lambda texts: np.asarray(peer.batchtransform(texts))
    return found


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """The same directions, each of length 1, float32."""
    scaled: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled


if __name__ == "__main__":
    main()
