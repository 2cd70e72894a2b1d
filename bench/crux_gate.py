"""How often the crux gate is right, by cross-validation over talks, and how long it takes: no test, a measurement.

    PYTHONPATH=. python bench/crux_gate.py MINUTES.jsonl OPPOSED.jsonl [--work .bench/cruxes]
    PYTHONPATH=. python bench/crux_gate.py --speed 1000

MINUTES holds the minutes that ``data/training`` has labels for: ``id``, ``episode``, ``text``, ``lens``, ``position``
(-2 to 2). OPPOSED holds more judged pairs, as ``judged-pairs.jsonl`` does. For every two folds of talks projections and
weights are trained on pairs and claims of the other talks alone. WORK keeps vectors, without the texts.
``--speed`` times one episode's candidates, all but reading the passages, among random vectors of so many episodes.
"""

import argparse
import hashlib
import json
import os
import time
from collections.abc import Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from bot.app.container import open_encoder
from bot.app.settings import DATA, Settings
from index.search.crux_pairs import LEAST_READ, CruxTable
from index.search.search_tables import SearchTables
from scoring.crux_gate import Claims, CruxGate
from scoring.fitting import chance, logistic

N_FOLDS, N_PROJECTED, N_STEPS, BATCH = 5, 256, 400, 256
TEMPERATURE, DROPOUT, LEARNING_RATE, DECAY = 0.06, 0.2, 1e-3, 1e-2
PENALTY = 1 / 0.3
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35)

Array = np.ndarray[Any, Any]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The objects in a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fold_of(episode: str) -> int:
    """The fold of a talk, 0 to 4, by its name's hash."""
    return int(hashlib.sha1(episode.encode(), usedforsecurity=False).hexdigest(), 16) % N_FOLDS


def vectors_of(work: Path, ids: Sequence[str], *texts: Sequence[str]) -> list[Array]:
    """The vectors of each list of texts, kept in ``work``."""
    kept = work / "vectors.npz"
    names = [f"texts{place}" for place in range(len(texts))]
    if kept.is_file():
        with np.load(kept) as stored:
            if stored["ids"].tolist() == list(ids):
                return [stored[name] for name in names]
    encoder = open_encoder(Settings(state=work))
    made = [encoder.encode(list(each)) for each in texts]
    work.mkdir(parents=True, exist_ok=True)
    np.savez(kept, ids=np.array(ids), **dict(zip(names, made, strict=True)))
    return made


def trained(claims: Array, asked: Array, alike: Array) -> tuple[Array, Array]:
    """Projections of claims and of questions that bring each claim near to its own question (InfoNCE, both ways)."""
    import torch  # noqa: PLC0415 - takes seconds
    from torch.nn import functional  # noqa: PLC0415

    torch.manual_seed(0)
    vectors, questions, others = (
        torch.from_numpy(np.ascontiguousarray(each)) for each in (claims, asked, alike)
    )
    of_claims, of_questions = (torch.nn.Linear(claims.shape[1], N_PROJECTED, bias=False) for _ in range(2))
    with torch.no_grad():
        axes = torch.linalg.svd(torch.cat([vectors, questions]), full_matrices=False)[2][:N_PROJECTED]
        of_claims.weight.copy_(axes)
        of_questions.weight.copy_(axes)
    optimizer = torch.optim.AdamW(
        [*of_claims.parameters(), *of_questions.parameters()], lr=LEARNING_RATE, weight_decay=DECAY
    )
    for _ in range(N_STEPS):
        batch = torch.randperm(len(vectors))[:BATCH]
        first = (torch.rand(len(batch)) < 0.5)[:, None]
        drawn = torch.where(first, questions[batch], others[batch])
        left = functional.normalize(of_claims(functional.dropout(vectors[batch], DROPOUT)), dim=1)
        right = functional.normalize(of_questions(functional.dropout(drawn, DROPOUT)), dim=1)
        scores, own = left @ right.T / TEMPERATURE, torch.arange(len(batch))
        loss = functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return of_claims.weight.detach().numpy(), of_questions.weight.detach().numpy()


def unit(vectors: Array) -> Array:
    """Rows of length 1."""
    return cast("Array", vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def measure(minutes: Path, opposed: Path, work: Path) -> None:
    """Print how many pairs lie above each threshold, and how many of them are good and share a question."""
    texts = {row["id"]: row for row in rows_of(minutes)}
    read = [row for row in rows_of(DATA / "training" / "claims.jsonl") if row["kind"] == "claim"]
    ids = [row["id"] for row in read]
    claims, asked, alike = vectors_of(
        work,
        ids,
        [texts[name]["text"] for name in ids],
        [row["question"] for row in read],
        [row["alike"] for row in read],
    )
    place = {name: number for number, name in enumerate(ids)}
    judged = [
        row
        for row in [*rows_of(opposed), *rows_of(DATA / "training" / "judged-pairs.jsonl")]
        if row["low"] in place and row["high"] in place
    ]
    sides = np.array([[place[row["low"]], place[row["high"]]] for row in judged])
    good, same = (np.array([row[key] for row in judged], float) for key in ("good", "same_question"))
    folds = np.array([fold_of(texts[name]["episode"]) for name in ids])
    positions = np.array([50.0 * texts[name]["position"] for name in ids])
    lenses = np.unique([texts[name]["lens"] for name in ids], return_inverse=True)[1]
    found = np.full(len(judged), np.nan)
    for held in combinations_with_replacement(range(N_FOLDS), 2):
        is_held = np.isin(folds, held)
        tested = np.flatnonzero([{*folds[pair].tolist()} == {*held} for pair in sides])
        if not len(tested):
            continue
        of_claims, of_questions = trained(claims[~is_held], asked[~is_held], alike[~is_held])
        gate = CruxGate(
            "", of_claims, tuple(ids), unit(asked[~is_held] @ of_questions.T), unit(alike[~is_held] @ of_questions.T),
            np.zeros(8),
        )  # fmt: skip
        everything = Claims(claims, gate.project(claims), positions, lenses)
        inputs = gate.features(everything.take(sides[:, 0]), everything.take(sides[:, 1]))
        fitted = ~is_held[sides].any(axis=1)
        mean, spread = inputs[fitted].mean(axis=0), inputs[fitted].std(axis=0) + 1e-9
        mean[0], spread[0] = 0.0, 1.0
        weights = logistic((inputs[fitted] - mean) / spread, good[fitted], penalty=PENALTY)
        found[tested] = chance((inputs[tested] - mean) / spread, weights)
    print(f"{len(judged)} pairs: {good.mean():.1%} good, {same.mean():.1%} share a question")
    for least in THRESHOLDS:
        shown = found >= least
        if shown.any():
            print(
                f"at {least:.2f} and above: {shown.sum()} pairs, {good[shown].mean():.1%} good, "
                f"{same[shown].mean():.1%} share a question"
            )


def speed(n_episodes: int, n_slices: int = 45, rounds: int = 40) -> None:
    """Print the time that finding candidates takes, among random vectors; half of the slices are claims."""
    random = np.random.default_rng(0)
    gate = CruxGate.load(DATA / "axes" / "risk-opportunity" / "cruxes.npz")
    n = n_episodes * n_slices
    vectors = unit(random.normal(size=(n, gate.claims.shape[1])).astype(np.float32))
    columns = SimpleNamespace(
        slice_id=np.arange(n),
        slice_episode=np.repeat(np.arange(n_episodes), n_slices),
        slice_band=random.choice([0, 1, 2], n, p=[0.25, 0.5, 0.25]),
        slice_position=random.uniform(-100, 100, n),
        slice_lens=random.integers(0, 4, n),
    )
    edition = SimpleNamespace(columns=columns, vectors=SimpleNamespace(take=lambda rows: vectors[rows]))
    tables = cast("SearchTables", SimpleNamespace(edition=edition, first_windows=np.arange(n)))
    started_s = time.perf_counter()
    table = CruxTable.of(tables, gate, np.zeros(0, np.int64), 3)
    made_s = time.perf_counter() - started_s
    print(f"{n_episodes} episodes, {len(table.places)} claims: table made in {made_s:.2f} s")
    taken_ms, worked_ms = [], []
    for episode in random.choice(n_episodes, rounds, replace=False).tolist():
        started_s, worked_s = time.perf_counter(), time.process_time()
        table.candidates(episode)
        taken_ms.append(1000 * (time.perf_counter() - started_s))
        worked_ms.append(1000 * (time.process_time() - worked_s))
    print(
        f"one episode: median {np.median(taken_ms):.1f} ms, fastest {min(taken_ms):.1f} ms; "
        f"of the processor, median {np.median(worked_ms):.1f} ms"
    )
    started_s, worked_s = time.perf_counter(), time.process_time()
    of_all = table.candidates_of_all()
    print(
        f"all episodes at once: {sum(len(pairs.here) for pairs in of_all.values())} pairs of {len(of_all)} in "
        f"{time.perf_counter() - started_s:.1f} s, {time.process_time() - worked_s:.1f} s of the processor"
    )
    started_s, worked_s = time.perf_counter(), time.process_time()
    found = table.likely_pairs(LEAST_READ)
    print(
        f"all pairs for a judge: {len(found)} in {time.perf_counter() - started_s:.1f} s, "
        f"{time.process_time() - worked_s:.1f} s of the processor (load {os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("minutes", type=Path, nargs="?")
    parser.add_argument("opposed", type=Path, nargs="?")
    parser.add_argument("--work", type=Path, default=Path(".bench/cruxes"))
    parser.add_argument("--speed", type=int)
    given = parser.parse_args()
    if given.speed:
        speed(given.speed)
    elif given.minutes and given.opposed:
        measure(given.minutes, given.opposed, given.work)
    else:
        parser.error("MINUTES.jsonl and OPPOSED.jsonl, or --speed")
