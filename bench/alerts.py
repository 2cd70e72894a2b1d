"""How often alerts would have spoken, by replaying a library in the order of publication: no test, a measurement.

    PYTHONPATH=. python bench/alerts.py LIBRARY STATE [--passages 60] [--seed 1] [--pairs PAIRS.jsonl] [--show FILE]

STATE holds an edition of LIBRARY. Each rule is replayed over the dated episodes, as they came out:

``crux``        somebody waits for an answer under each of ``--passages`` claims, drawn by ``--seed`` from all that the
                bot lets people wait under, from the day of their episode on; told is a crux with a later episode;
``topic``       somebody waits for each subject that the library's map names; the later half of the episodes is news;
``other side``  the same, *only: the other side*, where the earlier half takes one.

Cruxes are those of the whole edition; a crux must be among the nearest of all episodes, also of later ones. ``--show``
writes what was told, one JSON line a pair, for a person to read: it holds what was said in the library, so keep it to
yourself. ``--pairs`` holds judged pairs (``a``, ``b``, ``good``): each text is read anew, alone, and the gate
and the side alone are asked whether they would let the pair through.
"""

import argparse
import asyncio
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.app.community.alert_tables import Alert
from bot.app.container import make_gate, make_service, open_encoder
from bot.app.notifications import LONGEST_PASSAGE, answer_to, topic_hit
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from bot.discord.features.alerts.commands import LOOKED_AT
from index.search.crux_pairs import THRESHOLD, is_claim
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.crux_gate import Claims
from scoring.mirror import CENTRE, is_across
from scoring.position_arithmetic import mean_position


@dataclass(frozen=True, slots=True)
class Waiting:
    """A passage that somebody waits under."""

    episode: EpisodeRecord
    record: SliceRecord


async def passages(service: LocalLibraryService, dated: list[EpisodeRecord]) -> list[Waiting]:
    """Return every passage of dated episodes that one can wait under."""
    found = []
    for episode in dated:
        card = await service.episode(episode.slug)
        found += [
            Waiting(episode, record) for record in card.slices if is_claim(service.axis, episode, record)
        ]
    return found


async def replay(service: LocalLibraryService, told: argparse.Namespace) -> None:
    """Replay the library, and print how often each rule speaks."""
    episodes = [episode for episode in await service.episodes() if episode.about.published is not None]
    dated = sorted(episodes, key=lambda episode: (episode.about.published, episode.slug))
    shown = [*await _replay_answers(service, dated, told), *await _replay_topics(service, dated)]
    if told.show:
        told.show.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in shown), "utf-8")


async def _replay_answers(
    service: LocalLibraryService, dated: list[EpisodeRecord], told: argparse.Namespace
) -> list[dict[str, Any]]:
    every = await passages(service, dated)
    waited = random.Random(told.seed).sample(every, min(told.passages, len(every)))
    cruxes = {episode.slug: await service.cruxes(episode.slug) for episode in dated}
    n_news, shown = 0, []
    for waiting in waited:
        passage = waiting.record
        words, side = passage.piece.text[:LONGEST_PASSAGE], passage.reading.position
        alert = _alert("answer", words, side, waiting.episode.slug)
        for episode in _later(dated, waiting.episode):
            n_news += 1
            found = answer_to(alert, cruxes[episode.slug])
            if found is not None:
                shown.append(_row("crux", passage.piece.text, side, episode, found[0].here))
    print(f"{len(dated)} dated episodes; {len(waited)} of {len(every)} passages, for {n_news} times news")
    print(f"crux: told {len(shown)} times")
    return shown


async def _replay_topics(service: LocalLibraryService, dated: list[EpisodeRecord]) -> list[dict[str, Any]]:
    topics = [subject.name for subject in (await service.coverage()).subjects if subject.name]
    first_half = dated[: len(dated) // 2]
    shown: list[dict[str, Any]] = []
    n_with_side = 0
    for topic in topics:
        before = [
            passage.reading.position
            for passage in (await service.find(topic, n_passages=40)).passages
            if passage.episode.slug in {episode.slug for episode in first_half}
        ][:LOOKED_AT]
        mean = mean_position(before) if before else 0.0
        side = mean if abs(mean) >= CENTRE else None
        n_with_side += side is not None
        for rule, alert in (
            ("topic", _alert("topic", topic, None, "")),
            ("other side", _alert("topic", topic, side, "")),
        ):
            for episode in dated[len(dated) // 2 :] if rule == "topic" or side is not None else ():
                hit = await topic_hit(service, alert, episode.slug)
                if hit is not None:
                    record = (await service.episode(episode.slug)).slices[hit.ordinal]
                    shown.append(_row(rule, topic, side, episode, record))
    n_news = len(dated) - len(dated) // 2
    print(f"{len(topics)} topics, {n_with_side} with a side, and {n_news} episodes that are news to each")
    for rule in ("topic", "other side"):
        print(f"{rule}: told {sum(row['rule'] == rule for row in shown)} times")
    return shown


def _later(dated: list[EpisodeRecord], than: EpisodeRecord) -> list[EpisodeRecord]:
    day = than.about.published
    return [each for each in dated if day and each.about.published and each.about.published > day]


def _alert(kind: Any, words: str, side: float | None, slug: str) -> Alert:
    now = datetime.now(UTC)
    return Alert(0, 0, kind, words, side, slug, 0, is_prompt=False, locale="en", created_at=now)


def _row(
    rule: str, waited: str, side: float | None, episode: EpisodeRecord, record: SliceRecord
) -> dict[str, Any]:
    return {
        "rule": rule, "waited": waited, "side": side, "told": episode.slug, "told_at": record.piece.ordinal,
        "position": record.reading.position, "text": record.piece.text,
    }  # fmt: skip


async def judged(service: LocalLibraryService, settings: Settings, lines: str) -> None:
    """Print how many judged pairs each rule would let through, and how many of those are good."""
    rows = [json.loads(line) for line in lines.splitlines()]
    texts = [row[key] for row in rows for key in ("a", "b")]
    readings = [scored.reading for scored in await service.score(texts)]
    encoder = open_encoder(settings)
    gate = make_gate(settings, encoder.fingerprint)
    assert gate is not None
    vectors = encoder.encode(texts)
    positions = np.array([reading.position for reading in readings])
    lenses = np.unique([reading.lens for reading in readings], return_inverse=True)[1]
    claims = Claims(vectors, gate.project(vectors), positions, lenses)
    even, odd = np.arange(0, len(texts), 2), np.arange(1, len(texts), 2)
    chances = gate.probabilities(claims.take(even), claims.take(odd))
    outer = (service.axis.bands[0], service.axis.bands[-1])
    is_sure = np.array([reading.band in outer and reading.confidence != "low" for reading in readings])
    opposed = np.array(
        [is_across(one, other) for one, other in zip(positions[even], positions[odd], strict=True)]
    )
    is_good = np.array([bool(row["good"]) for row in rows])
    print(f"{len(rows)} judged pairs, {is_good.sum()} good")
    by_rule = {
        "crux": opposed & is_sure[even] & is_sure[odd] & (chances >= THRESHOLD),
        "side alone": opposed & np.array([readings[row].confidence != "low" for row in odd]),
    }
    for rule, passed in by_rule.items():
        print(f"{rule}: lets {passed.sum()} through, {(passed & is_good).sum()} of them good")


async def main(told: argparse.Namespace) -> None:
    """Measure."""
    settings = Settings(library=told.library, state=told.state)
    service = make_service(settings)
    try:
        if told.pairs:
            await judged(service, settings, told.pairs)
        await replay(service, told)
    finally:
        await service.close()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("library", type=Path)
    asked.add_argument("state", type=Path)
    asked.add_argument("--passages", type=int, default=60)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--pairs", type=lambda path: Path(path).read_text(encoding="utf-8"))
    asked.add_argument("--show", type=Path)
    asyncio.run(main(asked.parse_args()))
