"""Claims about cruxes: one question, opposite sides, different people, statements, and nothing else."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_library import likeness_gate

from index.search.crux_pairs import CruxTable, EpisodePairs, is_claim, may_be_one_person
from index.search.excerpts import states_its_side
from index.search.related import counterbalance
from index.search.search_tables import SearchTables
from index.search.searcher import Searcher
from index.storage import queries
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.slicing import Slice
from scoring.crux_gate import CruxGate
from scoring.reading import Driver, Reading

from ..conftest import House, WordEncoder, episode_record

QUESTION = "Do tutors help children to read?"
FEAR = "Tutors in our schools teach children to read, a catastrophe, an existential risk, and the danger is grave. "
HOPE = "Tutors in our schools teach children to read, a breakthrough, a huge opportunity, the benefits are enormous. "


def gate_of(bias: float = 0.0) -> CruxGate:
    return likeness_gate(WordEncoder(), [QUESTION, "Do boats drift?"], bias=bias)


async def table_of(searcher: Searcher, gate: CruxGate) -> CruxTable:
    unsure = np.array(await queries.unsure_slices(searcher.edition.connection), np.int64)
    return CruxTable.of(searcher.tables, gate, unsure, len(searcher.axis.bands))


async def built(house: House) -> tuple[Searcher, dict[str, EpisodeRecord]]:
    await house.build()
    searcher = await house.open()
    return searcher, {episode.slug: episode for episode in searcher.edition.episodes.values()}


async def test_opposite_claims_about_one_question_are_a_crux_both_ways(house: House) -> None:
    house.put("fear", FEAR * 20, guests=["Ada Lin"])
    house.put("hope", HOPE * 20, guests=["Bo Ek"])
    house.put("boats", "Boats drift along canals and nobody minds it. " * 40)
    searcher, by_slug = await built(house)
    cruxes = await table_of(searcher, gate_of())
    for slug, other in (("fear", "hope"), ("hope", "fear")):
        answer = await counterbalance(searcher.tables, by_slug[slug], cruxes)
        assert answer.outcome == "crux"
        (pick,) = answer.picks
        assert pick.episode.slug == other
        assert pick.crux is not None
        assert pick.crux.question == QUESTION
        assert 0.2 <= pick.crux.probability <= 1
        assert (pick.crux.here.episode_id, pick.crux.there.episode_id) == (
            by_slug[slug].id,
            by_slug[other].id,
        )
        assert pick.crux.here.reading.position * pick.crux.there.reading.position < 0
    nobody = await counterbalance(searcher.tables, by_slug["boats"], cruxes)
    assert nobody.outcome == "no topic"


async def test_below_the_threshold_the_nearest_are_shown_without_passages(house: House) -> None:
    house.put("fear", FEAR * 20, guests=["Ada Lin"])
    house.put("hope", HOPE * 20, guests=["Bo Ek"])
    for about in ("Boats drift along canals", "The oven bakes bread", "Trains run on rails"):
        house.put(about.split()[1], f"{about} and nobody minds it. " * 40)
    searcher, by_slug = await built(house)
    for cruxes, outcome in ((await table_of(searcher, gate_of(bias=-20.0)), "no crux"), (None, "no gate")):
        for slug, other in (("fear", "hope"), ("hope", "fear")):
            answer = await counterbalance(searcher.tables, by_slug[slug], cruxes)
            assert answer.outcome == outcome
            assert [pick.episode.slug for pick in answer.picks] == [other]
            assert all(
                pick.crux is None and pick.here is None and pick.there is None for pick in answer.picks
            )


async def test_claims_of_one_side_are_no_crux_however_alike(house: House) -> None:
    house.put("fear", FEAR * 20, guests=["Ada Lin"])
    house.put("dread", FEAR * 20, guests=["Bo Ek"])
    searcher, by_slug = await built(house)
    assert await (await table_of(searcher, gate_of())).cruxes_of(by_slug["fear"]) == []


async def test_no_crux_sets_a_person_against_themselves(house: House) -> None:
    house.put("fear", FEAR * 20, guests=["Ada Lin"])
    house.put("hope", HOPE * 20, guests=["Ada Lin"])
    searcher, by_slug = await built(house)
    assert await (await table_of(searcher, gate_of())).cruxes_of(by_slug["fear"]) == []


async def test_slices_of_low_confidence_and_of_the_middle_are_no_claims(house: House) -> None:
    house.put("fear", FEAR * 20, guests=["Ada Lin"])
    house.put("hope", HOPE * 20, guests=["Bo Ek"])
    searcher, by_slug = await built(house)
    everything = searcher.edition.columns.slice_id
    unsure = CruxTable.of(searcher.tables, gate_of(), everything, 3)
    assert len(unsure.places) == 0
    assert await unsure.cruxes_of(by_slug["fear"]) == []
    table = await table_of(searcher, gate_of())
    bands = searcher.edition.columns.slice_band[table.places]
    assert set(bands[: table.n_low].tolist()) <= {0}
    assert set(bands[table.n_low :].tolist()) <= {2}


async def test_each_other_episode_comes_once_and_no_passage_twice(house: House) -> None:
    house.put("fear", FEAR * 60, guests=["Ada Lin"])
    for number in range(4):
        house.put(f"hope-{number}", HOPE * 60, guests=[f"Guest{number} Surname{number}"])
    searcher, by_slug = await built(house)
    cruxes = await (await table_of(searcher, gate_of())).cruxes_of(by_slug["fear"])
    assert cruxes
    others = [crux.there.episode_id for crux in cruxes]
    assert len(set(others)) == len(others)
    passages = [record.id for crux in cruxes for record in (crux.here, crux.there)]
    assert len(set(passages)) == len(passages)
    probabilities = [crux.probability for crux in cruxes]
    assert probabilities == sorted(probabilities, reverse=True)


async def test_all_cruxes_are_those_shown_and_more_all_of_them_claims(house: House) -> None:
    house.put("fear", FEAR * 60, guests=["Ada Lin"])
    house.put("hope", HOPE * 60, guests=["Bo Ek"])
    searcher, by_slug = await built(house)
    table = await table_of(searcher, gate_of())
    shown = await table.cruxes_of(by_slug["fear"])
    found = await table.all_cruxes_of(by_slug["fear"])
    assert len(shown) == 1 < len(found)
    assert shown[0] in found
    probabilities = [crux.probability for crux in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert {crux.there.episode_id for crux in found} == {by_slug["hope"].id}
    episodes = searcher.edition.episodes
    for crux in found:
        for record in (crux.here, crux.there):
            assert is_claim(searcher.axis, episodes[record.episode_id], record)


async def test_a_passage_that_is_near_to_everything_does_not_answer_every_episode(house: House) -> None:
    house.put("hope", HOPE * 20, guests=["Bo Ek"])
    for number in range(8):
        about_boats = "Boats drift along canals. " * number
        house.put(f"fear-{number}", (FEAR * 2 + about_boats) * 10, guests=[f"Guest{number} Surname{number}"])
    searcher, by_slug = await built(house)
    cruxes = await table_of(searcher, gate_of(bias=3.0))
    answered = [
        slug for slug, episode in by_slug.items() if slug != "hope" and await cruxes.cruxes_of(episode)
    ]
    assert 1 <= len(answered) <= 5
    assert "fear-0" in answered


def record_of(text: str, ends: tuple[int, ...], speaker: str | None = None) -> SliceRecord:
    start = text.index("grave")
    driver = Driver("grave", -40.0, "phrase", start, start + 5)
    piece = Slice(0, text, None, None, speaker, None, ends, (), ((0, speaker),))
    return SliceRecord(1, 1, piece, Reading(-40.0, "Risk-forward", "technical", "high", "leans", (driver,)))


@pytest.mark.parametrize(
    ("rest", "states"),
    [
        ("The dam was built long ago by the men of the valley who knew no better.", True),
        ("Do you think that the dam may break, and what would you tell the men of the valley?", False),
        ("Welcome back to the show, my guest today is the keeper of the dam in the valley.", False),
    ],
)
def test_what_is_mainly_a_question_or_a_greeting_is_no_claim(rest: str, states: bool) -> None:
    statement = "The danger is grave."
    record = record_of(f"{statement} {rest}", (len(statement), len(statement) + 1 + len(rest)))
    assert states_its_side(episode_record(1, "The dam"), record) == states


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        (("Ada Lin", {}), ("Ada Lin", {}), True),
        (("Ada Lin", {}), ("ADA LIN", {}), True),
        (("Ada", {}), ("Ada Lin", {}), True),
        (("Ada Lin", {}), ("Bo Ek", {}), False),
        ((None, {"guests": ("Ada Lin",), "hosts": ("Cy",)}), ("Ada Lin", {}), True),
        ((None, {"guests": ("Ada Lin",), "hosts": ("Cy",)}), ("Bo Ek", {}), False),
        ((None, {"source": "One voice"}), (None, {"source": "One voice"}), True),
        ((None, {"source": "One voice"}), (None, {"source": "Another"}), False),
        ((None, {"source": "One voice"}), ("Ada Lin", {"source": "One voice"}), True),
        ((None, {}), (None, {}), False),
    ],
)
def test_who_may_be_the_same_person(one: tuple, other: tuple, may_be: bool) -> None:
    sides = []
    for number, (speaker, about) in enumerate((one, other)):
        text = "The danger is grave."
        record = replace(record_of(text, (len(text),), speaker), id=number)
        sides += [episode_record(number, f"Talk {number}", **about), record]
    assert may_be_one_person(*sides) == may_be
    assert may_be_one_person(*sides[2:], *sides[:2]) == may_be


@st.composite
def claim_tables(draw: st.DrawFn) -> CruxTable:
    """Tables of a few claims whose vectors recur, so that there are ties, and of hundreds."""
    n_episodes, n_slices = draw(st.sampled_from([(1, 6), (2, 5), (6, 4), (14, 60)]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, dim = n_episodes * n_slices, 6
    kinds = random.normal(size=(draw(st.sampled_from([2, 30, 1000])), dim)).astype(np.float32)
    kinds /= np.linalg.norm(kinds, axis=1, keepdims=True)
    vectors = kinds[random.integers(0, len(kinds), n)]
    columns = SimpleNamespace(
        slice_id=np.arange(n) + 1,
        slice_episode=np.repeat(np.arange(n_episodes) + 1, n_slices),
        slice_band=random.choice([0, 1, 2], n),
        slice_position=random.uniform(-100, 100, n),
        slice_lens=random.integers(0, 4, n),
    )
    edition = SimpleNamespace(columns=columns, vectors=SimpleNamespace(take=lambda rows: vectors[rows]))
    questions = tuple(f"Question {number}?" for number in range(4))
    weights = np.array([-3.0, 0.0, 3.0, 1.0, 1.0, 0.5, 0.0, 0.5])
    gate = CruxGate(
        "any", np.eye(dim, dtype=np.float32), questions, kinds[[0, 1, 0, 1]], kinds[[1, 0, 0, 1]], weights
    )
    tables = cast("SearchTables", SimpleNamespace(edition=edition, first_windows=np.arange(n)))
    return CruxTable.of(tables, gate, np.zeros(0, np.int64), 3)


def rows_of(pairs: EpisodePairs) -> list[tuple[int, int, float, str]]:
    probabilities = pairs.probabilities.round(5).tolist()
    return sorted(zip(pairs.here.tolist(), pairs.there.tolist(), probabilities, pairs.questions, strict=True))


@settings(max_examples=60)
@given(claim_tables())
def test_all_episodes_at_once_have_the_candidates_of_each(table: CruxTable) -> None:
    together = {episode: rows_of(pairs) for episode, pairs in table.candidates_of_all().items()}
    alone = {
        episode: rows_of(table.candidates(episode))
        for episode in np.unique(table.tables.edition.columns.slice_episode).tolist()
    }
    assert together == {episode: rows for episode, rows in alone.items() if rows}


@settings(max_examples=60)
@given(claim_tables())
def test_candidates_are_near_to_each_other_as_a_plain_count_says(table: CruxTable) -> None:
    episodes = table.tables.edition.columns.slice_episode[table.places]
    likeness = table.projected @ table.projected.T
    is_low = np.arange(len(table.places)) < table.n_low
    meets = (is_low[:, None] != is_low) & (episodes[:, None] != episodes)
    nearer = [(own[meets[row]] > own[:, np.newaxis] + 1e-5).sum(axis=1) for row, own in enumerate(likeness)]
    for episode in np.unique(episodes).tolist():
        pairs = table.candidates(episode)
        for here, there in zip(pairs.here.tolist(), pairs.there.tolist(), strict=True):
            assert meets[here, there]
            assert nearer[here][there] < 5
            assert nearer[there][here] < 5
