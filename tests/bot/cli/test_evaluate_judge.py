"""A judge is measured by pairs that were written to fool it, asked as a build asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_service import KEY, MODEL, ChatService, chat_service, check, passages_in, verdict

from bot.app.settings import DATA
from index.evaluation.judge_traps import GOOD, read_traps


@pytest.fixture
def service() -> Iterator[ChatService]:
    with chat_service() as played:
        yield played


def variables(service: ChatService) -> dict[str, str]:
    return {
        "COUNTERPOINT_JUDGE": service.url,
        "COUNTERPOINT_JUDGE_MODEL": MODEL,
        "COUNTERPOINT_JUDGE_KEY": KEY,
    }


def test_the_written_pairs_hold_six_traps_of_each_kind_and_good_ones() -> None:
    pairs = read_traps(DATA / "questions" / "judge-traps.jsonl")
    kinds = [pair.kind for pair in pairs]
    assert {kind: kinds.count(kind) for kind in kinds if kind != GOOD} == dict.fromkeys(
        {"reported", "supposed", "irony", "one person", "question", "agreement", "one word"}, 6
    )
    assert kinds.count(GOOD) == 8
    assert any(pair.first.speaker for pair in pairs)
    assert all(50 < len(piece.text.split()) < 140 for pair in pairs for piece in (pair.first, pair.second))


def test_a_judge_that_finds_all_good_shows_every_trap(sample, service: ChatService) -> None:
    ran = sample.run("evaluate", "judge", "--json", **variables(service))
    assert ran.code == 0, ran.err
    assert ran.json["model"] == MODEL
    assert ran.json["kinds"][GOOD] == {"pairs": 8, "shown": 8}
    assert all(kind["shown"] == kind["pairs"] for kind in ran.json["kinds"].values())
    assert len(service.asked) == len(service.checked) == 50


def test_what_it_finds_not_good_or_does_not_uphold_is_not_shown(
    sample, service: ChatService, tmp_path: Path
) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(
        '{"id": "x", "kind": "irony", "a": "Ada: Tutors help.", "b": "Tutors ruin us."}\n'
        '{"id": "y", "kind": "good", "a": "Ada: Tutors help.", "b": "Bo: They ruin us."}\n'
    )
    service.says = lambda messages: verdict(
        good="Bo" in passages_in(messages)[1], question="Do tutors help us?"
    )
    ran = sample.run("evaluate", "judge", str(file), **variables(service))
    rows = [line.split() for line in ran.out.splitlines()]
    assert any({"good", "1", "all"} <= set(row) for row in rows)
    assert any({"irony", "0", "none"} <= set(row) for row in rows)
    service.checks = lambda _: check(upheld=False)
    assert sample.run("evaluate", "judge", str(file), "--json", **variables(service)).json["shown"] == {
        "x": False,
        "y": False,
    }


def test_without_a_judge_or_pairs_it_says_what_is_missing(
    sample, service: ChatService, tmp_path: Path
) -> None:
    ran = sample.run("evaluate", "judge")
    assert ran.code == 2
    assert "COUNTERPOINT_JUDGE" in ran.err
    empty = tmp_path / "none.jsonl"
    empty.write_text("")
    told = sample.run("evaluate", "judge", str(empty), **variables(service)).err
    assert "it holds no pairs" in " ".join(told.split())


def test_a_judge_that_gives_no_verdict_is_named(sample, service: ChatService) -> None:
    service.says = lambda _: "I would rather not."
    ran = sample.run("evaluate", "judge", **variables(service))
    assert ran.code != 0
    assert MODEL in ran.err
