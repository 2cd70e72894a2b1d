"""Votes in the terminal: counted, printed without names, forgotten, and measured against the current scorer."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import pytest
from json_contract import check

from bot.app.community import DATABASE_FILE, CommunityDatabase
from bot.app.container import make_service
from bot.app.settings import DATA, Settings
from bot.app.votes import Shown, VotedPassage, passage_key, passage_of, read_votes, shown_of
from index.evaluation.vote_agreement import VoteVerdict
from scoring.statements import read_statements

GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"
ADA, BEN = 10**17, 10**17 + 1
AXIS = DATA / "axes" / "risk-opportunity"
Votes = Sequence[tuple[int, int, float, VoteVerdict]]


def vote(house: Any, votes: Votes) -> None:
    """Cast ``(person, slice, points by which the reading stood elsewhere then, verdict)``."""

    async def cast() -> None:
        answerer = make_service(Settings(library=house.library, state=house.state))
        community = await CommunityDatabase.open(house.state)
        card, version = await answerer.episode(GUNNAR), (await answerer.facts()).scoring_version
        for person, ordinal, by, verdict in votes:
            record = card.slices[ordinal]
            shown = shown_of(record, version)
            then = dataclasses.replace(shown, position=max(-100.0, min(100.0, shown.position + by)))
            passage = passage_of(answerer.axis.name, card.episode, record)
            await community.votes.cast(person, passage, then, verdict)
        await community.close()
        await answerer.close()

    asyncio.run(cast())


def cast_on(house: Any, passage: VotedPassage) -> None:
    async def cast() -> None:
        community = await CommunityDatabase.open(house.state)
        await community.votes.cast(ADA, passage, Shown(0.0, "Mixed", "societal", "low", "s"), "fits")
        await community.close()

    asyncio.run(cast())


def passage(text: str, axis: str = "risk-opportunity") -> VotedPassage:
    return VotedPassage("a-talk", passage_key(axis, text), axis, text, "A talk", None, None, None)


SOME: Votes = [
    (ADA, 0, 0.0, "fits"),
    (BEN, 0, 0.0, "fits"),
    (ADA, 1, -30.0, "too low"),  # it was read 30 points lower: it has moved up since, as asked
    (ADA, 2, 30.0, "too low"),  # it has moved down since, against what was asked
    (BEN, 3, 0.0, "too high"),
]


def test_without_votes_that_is_said_and_nothing_is_made(sample, put) -> None:
    for command in (("votes",), ("votes", "--json"), ("evaluate", "positions", "--votes")):
        ran = sample.run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "Nobody has voted" in ran.said
    assert "no vote of that person" in sample.run("votes", "--forget", "7").said
    assert not (sample.state / DATABASE_FILE).exists()
    ran = sample.run("evaluate", "positions", "--votes", put("none.jsonl", ""))
    assert ran.code == 1
    assert "holds no votes" in ran.said


def test_counts_and_lines(indexed) -> None:
    vote(indexed, SOME)
    said = indexed.run("votes").said
    assert "Votes: 5 on 4 passages: 2 fits, 2 too risk-forward, 1 too opportunity-forward." in said
    ran = indexed.run("votes", "--json")
    assert (ran.code, ran.err) == (0, "")
    for line in ran.lines:
        check(line, "voted")
    assert [line["votes"]["fits"] for line in ran.lines] == [2, 0, 0, 0]
    assert str(ADA) not in ran.out
    assert ran.lines[0]["link"].endswith("#t=0")


def test_a_person_is_forgotten(indexed) -> None:
    vote(indexed, SOME)
    assert "3 votes of that person were deleted" in indexed.run("votes", "--forget", str(ADA)).said
    assert sum(sum(line["votes"].values()) for line in indexed.run("votes", "--json").lines) == 2


def test_agreement_with_votes_is_the_same_from_the_bot_and_from_its_export(indexed, put) -> None:
    vote(indexed, SOME)
    report = indexed.run("evaluate", "positions", "--votes", "--json").json
    check(report, "agreement")
    for name in ("votes_fit", "readings_fit", "too_low_share", "moved", "as_asked", "kept"):
        check(report[name], "share")
    for group in (report["by_band"], report["by_confidence"]):
        assert sum(count["n"] for count in group.values()) == report["readings"] == 4
    assert (report["votes"], report["too_low"], report["too_high"]) == (5, 2, 1)
    assert (report["votes_fit"]["hits"], report["readings_fit"]["hits"]) == (2, 1)
    assert (report["moved"]["hits"], report["as_asked"]["hits"], report["as_asked"]["n"]) == (2, 1, 2)
    assert (report["kept"]["hits"], report["kept"]["n"]) == (1, 1)
    file = put("votes.jsonl", indexed.run("votes", "--json").out)
    assert len(read_votes(file)) == 4
    assert indexed.run("evaluate", "positions", file, "--votes", "--json").json == report
    assert "readings found fitting" in indexed.run("evaluate", "positions", "--votes", file).said


def test_an_export_is_measured_without_library_or_edition(house, sample, put, indexed_once) -> None:
    vote_lines = put("votes.jsonl", "")
    line = {
        "id": "x", "episode": "a-talk", "text": "Nobody can stop a machine that means to kill us all.",
        "axis": "risk-opportunity", "votes": {"too_high": 1},
        "shown": {"position": 20, "band": "Opportunity-forward", "confidence": "low", "scorer": "old"},
    }  # fmt: skip
    vote_lines.write_text(json.dumps(line), "utf-8")
    house.state.mkdir()
    (house.state / "models").symlink_to(sample.state / "models")
    report = house.run("evaluate", "positions", "--votes", vote_lines, "--json").json
    assert (report["as_asked"]["hits"], report["as_asked"]["n"]) == (1, 1)


def test_other_axes_and_what_the_scorer_was_trained_on_are_left_out_and_said(indexed) -> None:
    cast_on(indexed, passage("Something else.", axis="open-closed"))
    cast_on(indexed, passage(read_statements(AXIS)[0].text))
    ran = indexed.run("evaluate", "positions", "--votes")
    assert ran.code == 1
    assert "1 readings on another axis" in ran.said
    assert "1 readings of passages that the scorer was trained on" in ran.said
    report = indexed.run("evaluate", "positions", "--votes", "--json").json
    assert report["left_out"] == {"other_axis": 1, "statements": 1}
    assert report["readings_fit"] == {"hits": 0, "n": 0, "value": None, "low": None, "high": None}
    assert "1 more readings on other axes" in indexed.run("votes").said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "cannot be read"),
        (b"not json\n", "line 1"),
        (b'{"id": "a"}\n', "episode is missing"),
        (b'{"id": 1, "text": "x", "position": 2, "lens": "technical"}\n', "episode is missing"),
    ],
)
def test_a_file_of_something_else_is_one_sentence(indexed, put, content, words) -> None:
    ran = indexed.run("evaluate", "positions", "--votes", put("odd.jsonl", content))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.said
    assert len(ran.err.strip().splitlines()) <= 3


def test_neither_labels_nor_votes_is_wrong_use(indexed) -> None:
    ran = indexed.run("evaluate", "positions")
    assert ran.code == 2
    assert "--votes" in ran.said


def test_a_broken_members_database_is_one_sentence(indexed) -> None:
    (indexed.state / DATABASE_FILE).write_bytes(b"not a database" * 100)
    ran = indexed.run("votes")
    assert ran.code == 1
    assert "community database" in ran.said


def test_an_export_with_a_persons_labels_is_a_file_of_labelled_passages(indexed, put) -> None:
    vote(indexed, SOME)
    lines = indexed.run("votes", "--json").lines
    labelled = [{**line, "position": label} for line, label in zip(lines, (-1, 1, 0, 2), strict=True)]
    file = put("ours.jsonl", "\n".join(map(json.dumps, labelled)))
    ran = indexed.run("evaluate", "positions", file, "--json")
    assert ran.code == 0, ran.said
    assert set(ran.json) == {"figures", "reliability"}
