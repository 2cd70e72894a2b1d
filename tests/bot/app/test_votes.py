"""One vote a person and passage, kept with the words it is on; lines that tell no person and come back whole."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.app.community import DATABASE_FILE, MIGRATIONS, CommunityDamaged, CommunityDatabase, votes_in
from bot.app.community.vote_tables import OwnVote, VoteTables
from bot.app.votes import Shown, VotedPassage, VotedReading, line_of, passage_key, read_votes, totals
from index.errors import RowsInvalid
from index.evaluation.vote_agreement import VERDICTS
from scoring.statements import read_statements

AXIS = "risk-opportunity"
ADA, BEN = 2**63 - 1, 4
TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


def passage(text: str = "It may all go wrong.", slug: str = "a-talk", axis: str = AXIS) -> VotedPassage:
    return VotedPassage(
        slug, passage_key(axis, text), axis, text, "A talk", "A show", 61.256, "https://x.example/#t=59"
    )


SHOWN = Shown(-40.123456, "Risk-forward", "societal", "high", "scorer-1")
LATER = Shown(-12.0, "Mixed", "societal", "low", "scorer-2")
PASSAGE = passage()


@pytest_asyncio.fixture
async def community(tmp_path: Path, community_address: str | None) -> AsyncIterator[CommunityDatabase]:
    """The database, in a file and on a server."""
    opened = await CommunityDatabase.open(tmp_path, address=community_address, now=lambda: TODAY)
    yield opened
    await opened.close()


@pytest.fixture
def tables(community: CommunityDatabase) -> VoteTables:
    return community.votes


async def test_votes_on_one_reading_are_one_entry(tables: VoteTables) -> None:
    await tables.cast(ADA, PASSAGE, SHOWN, "fits")
    await tables.cast(BEN, PASSAGE, SHOWN, "too low")
    assert await tables.readings() == [
        VotedReading(PASSAGE, SHOWN, {"fits": 1, "too low": 1}, TODAY.date()),
    ]
    assert await tables.totals() == {"fits": 1, "too low": 1, "too high": 0}


async def test_a_person_has_one_vote_on_a_passage_and_the_last_counts(tables: VoteTables) -> None:
    await tables.cast(ADA, PASSAGE, SHOWN, "fits")
    await tables.cast(ADA, PASSAGE, SHOWN, "too high")
    await tables.cast(ADA, PASSAGE, LATER, "too low")
    [reading] = await tables.readings()
    assert (reading.shown, reading.counts) == (LATER, {"too low": 1})
    assert await tables.own(ADA, PASSAGE.slug, PASSAGE.key) == OwnVote("too low", -12.0)
    assert await tables.own(BEN, PASSAGE.slug, PASSAGE.key) is None


async def test_readings_of_one_passage_that_differ_are_counted_apart(tables: VoteTables) -> None:
    await tables.cast(ADA, PASSAGE, SHOWN, "too low")
    await tables.cast(BEN, PASSAGE, LATER, "fits")
    assert {reading.shown: dict(reading.counts) for reading in await tables.readings()} == {
        SHOWN: {"too low": 1},
        LATER: {"fits": 1},
    }


async def test_another_axis_or_another_episode_is_another_vote(tables: VoteTables) -> None:
    for where in (PASSAGE, passage(axis="open-closed"), passage(slug="b-talk"), passage("Other words.")):
        await tables.cast(ADA, where, SHOWN, "fits")
    assert len(await tables.readings()) == 4


async def test_taken_back_nothing_of_it_is_left(tables: VoteTables) -> None:
    await tables.cast(ADA, PASSAGE, SHOWN, "fits")
    await tables.cast(BEN, PASSAGE, SHOWN, "fits")
    assert await tables.take_back(ADA, PASSAGE.slug, PASSAGE.key)
    assert not await tables.take_back(ADA, PASSAGE.slug, PASSAGE.key)
    [reading] = await tables.readings()
    assert reading.counts == {"fits": 1}
    await tables.take_back(BEN, PASSAGE.slug, PASSAGE.key)
    assert await tables._store.rows("SELECT * FROM voted") == []


async def test_a_person_can_be_forgotten(tables: VoteTables) -> None:
    other = passage("Other words.")
    for where in (PASSAGE, other):
        await tables.cast(ADA, where, SHOWN, "fits")
    await tables.cast(BEN, other, SHOWN, "too high")
    assert await tables.forget(ADA) == 2
    assert await tables.forget(ADA) == 0
    [reading] = await tables.readings()
    assert (reading.passage, reading.counts) == (other, {"too high": 1})


async def test_votes_survive_the_program_and_an_older_file_is_taken_over(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE_FILE) as older:
        older.executescript(MIGRATIONS[0] + "; PRAGMA user_version = 1;")
        older.execute("INSERT INTO server VALUES (7, 'A show', '[]', '[]')")
    older.close()
    first = await CommunityDatabase.open(tmp_path)
    await first.votes.cast(ADA, PASSAGE, SHOWN, "fits")
    assert (await first.server(7)).default_source == "A show"
    await first.close()
    second = await CommunityDatabase.open(tmp_path)
    assert len(await second.votes.readings()) == 1
    await second.close()


async def test_votes_are_read_beside_a_running_bot_and_its_jobs_run_on(
    community: CommunityDatabase, tables: VoteTables, tmp_path: Path, community_address: str | None
) -> None:
    await tables.cast(ADA, PASSAGE, SHOWN, "fits")
    await community.job_log.started("reindex")
    async with votes_in(tmp_path, community_address) as beside:
        assert beside is not None
        assert await beside.readings() == await tables.readings()
        await beside.forget(ADA)
    assert await tables.readings() == []
    [job] = await community.job_log.last()
    assert job.outcome == "running"


async def test_where_there_is_no_database_none_is_made_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    async with votes_in(tmp_path) as tables:
        assert tables is None
    assert not (tmp_path / DATABASE_FILE).exists()
    (tmp_path / DATABASE_FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(CommunityDamaged):
        async with votes_in(tmp_path):
            pass


READINGS = st.builds(
    VotedReading,
    st.builds(
        lambda text, slug, title, source, start_s: dataclasses.replace(
            passage(text, slug), title=title, source=source, start_s=start_s
        ),
        st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
        st.from_regex(r"[a-z][a-z0-9._-]{0,79}", fullmatch=True),
        st.text(st.characters(codec="utf-8"), min_size=1),
        st.none() | st.text(st.characters(codec="utf-8")),
        st.none() | st.integers(0, 9999).map(float),
    ),
    st.builds(
        Shown,
        st.integers(-10_000, 10_000).map(lambda n: n / 100),
        st.sampled_from(("Risk-forward", "Mixed")),
        st.just("technical"),
        st.sampled_from(("low", "high")),
        st.just("scorer-1"),
    ),
    st.dictionaries(st.sampled_from(VERDICTS), st.integers(1, 9), min_size=1),
    st.dates(),
)


@given(st.lists(READINGS, max_size=5))
def test_lines_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, readings) -> None:
    path = tmp_path_factory.mktemp("votes") / "votes.jsonl"
    path.write_text(
        "".join(json.dumps(line_of(reading), ensure_ascii=False) + "\n" for reading in readings), "utf-8"
    )
    assert read_votes(path) == readings


async def test_nothing_in_a_line_tells_who_voted(tables: VoteTables) -> None:
    await tables.cast(ADA, PASSAGE, SHOWN, "fits")
    [line] = [json.dumps(line_of(reading)) for reading in await tables.readings()]
    assert str(ADA) not in line
    assert "12:00" not in line


def broken(**changes: object) -> dict[str, object]:
    line = line_of(VotedReading(PASSAGE, SHOWN, {"fits": 1}, TODAY.date()))
    return line | {name: value for name, value in changes.items() if value is not ...}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"id": "x"}, "no_field:episode"),
        (broken(shown=3), "no_object:"),
        (broken(votes=[1]), "no_object:"),
        (broken(votes={}), "no_counts:"),
        (broken(votes={"fits": -1}), "no_counts:"),
        (broken(votes={"fits": True}), "no_counts:"),
        (broken(text="  "), "no_text:"),
        (
            broken(
                shown={**line_of(VotedReading(PASSAGE, SHOWN, {"fits": 1}, None))["shown"], "position": 400}
            ),
            "no_position:",
        ),
        (broken(start_s="early"), "start_s"),
        (broken(text="half a letter \ud800"), "no valid JSON"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: dict[str, object], problem: str) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text(json.dumps(line) + "\n", "utf-8")
    with pytest.raises(RowsInvalid) as refused:
        read_votes(path)
    assert problem in str(refused.value.fields["problem"])


def test_a_line_becomes_a_statement_only_by_a_persons_label(tmp_path: Path) -> None:
    """As METHODOLOGY.md says: a person adds a position from -2 to 2; without one, nothing is taken."""
    line = line_of(VotedReading(PASSAGE, SHOWN, {"fits": 5}, TODAY.date()))
    file = tmp_path / "statements" / "natural-ours.jsonl"
    file.parent.mkdir()
    file.write_text(json.dumps(line) + "\n", "utf-8")
    with pytest.raises(Exception, match="no_statement"):
        read_statements(tmp_path)
    file.write_text(json.dumps({**line, "position": -1}) + "\n", "utf-8")
    [statement] = read_statements(tmp_path)
    assert (statement.text, statement.label, statement.lens) == (PASSAGE.text, -1.0, "societal")
    assert statement.is_natural
    assert statement.group == "a-talk"


def test_totals_add_up() -> None:
    reading = VotedReading(PASSAGE, SHOWN, {"fits": 2, "too low": 1}, None)
    assert totals([reading, reading]) == {"fits": 4, "too low": 2, "too high": 0}
    assert totals([]) == dict.fromkeys(VERDICTS, 0)
