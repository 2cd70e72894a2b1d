"""Claims about the order by word pieces: it changes the order of an answer, and takes none away."""

from dataclasses import replace

import pytest

from index.embedding.encoder import ServingEncoder, WordPieces
from index.evaluation.retrieval import outcome_of, read_questions
from index.search.answers import Found
from index.search.search_tables import SearchTables
from index.search.searcher import Searcher

from ..conftest import DATA, House

ASKED = read_questions(DATA / "questions" / "sample.jsonl")
ELSEWHERE = read_questions(DATA / "questions" / "elsewhere.jsonl")


def packed_pieces(encoder: ServingEncoder, text: str) -> bytes:
    found: list[WordPieces] = []
    encoder.encode_with_pieces([text], lambda _, pieces: found.append(pieces))
    return found[0].packed()


def same_scores(one: Found, other: Found) -> bool:
    """Return True if passages of a single slice that both answers have, have the same score in both."""
    scores = [
        {passage.slices: passage.score for passage in found.passages if len(passage.slices) == 1}
        for found in (one, other)
    ]
    return all(scores[0][both] == scores[1][both] for both in scores[0].keys() & scores[1].keys())


@pytest.fixture
def without_pieces(sample: Searcher) -> Searcher:
    """The sample, as if its word pieces were made by other maps."""
    edition = replace(sample.edition, facts=replace(sample.edition.facts, pieces="other"))
    return replace(sample, tables=SearchTables.of(edition))


async def test_an_index_has_the_word_pieces_of_every_slice(
    sample: Searcher, real_encoder: ServingEncoder
) -> None:
    assert sample.edition.facts.pieces == real_encoder.pieces_version != ""
    ids = sample.edition.columns.slice_id.tolist()
    stored = await sample.edition.slices.pieces(ids)
    assert stored.keys() == set(ids)
    records = await sample.edition.slices.by_id(ids[:5])
    made = {number: packed_pieces(real_encoder, record.piece.text) for number, record in records.items()}
    assert made == {number: stored[number] for number in records}
    assert all(stored.values())


async def test_word_pieces_bring_the_right_minute_up(sample: Searcher, without_pieces: Searcher) -> None:
    firsts = []
    for searcher in (sample, without_pieces):
        found = [(question, await searcher.find(question.query)) for question in ASKED]
        outcomes = [outcome_of(question, answer) for question, answer in found]
        firsts.append([outcome.rank == 1 for outcome in outcomes])
        for _, answer in found:  # the best episode is that of the first passage, or has two good ones
            if answer.passages:
                first = answer.passages[0].episode.id
                assert first in [hit.episode.id for hit in answer.episodes[:2]]
    assert firsts[0] != firsts[1]
    assert sum(firsts[0]) >= sum(firsts[1])


async def test_word_pieces_take_no_answer_away_and_make_none_that_is_sure(
    sample: Searcher, without_pieces: Searcher
) -> None:
    for question in (*ASKED, *ELSEWHERE):
        found, plain = await sample.find(question.query), await without_pieces.find(question.query)
        assert found.is_match or not plain.is_match, question.query
        assert plain.is_match or not (found.is_match and found.is_sure), question.query
        assert same_scores(found, plain)


async def test_who_is_named_does_not_make_a_passage_surer(
    sample: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests = sorted({guest for episode in sample.edition.episodes.values() for guest in episode.about.guests})
    asked = [f"what {guest} says on the price of a rifle" for guest in guests]
    with_bonus = [await sample.find(question) for question in asked]
    monkeypatch.setattr("index.search.searcher.NAMED_GUEST", 0.0)
    for question, found in zip(asked, with_bonus, strict=True):
        plain = await sample.find(question)
        assert found.is_match == plain.is_match
        assert same_scores(found, plain)


async def test_word_pieces_survive_a_change_beside_the_main_segment(real_house: House) -> None:
    for number, text in enumerate(("The river rose at night.", "A rifle is no argument.", "Tutors teach.")):
        real_house.put(f"talk-{number}", text * 20)
    await real_house.build()
    real_house.put("talk-1", "A rifle is no argument at all, she said. " * 20, title="On rifles")
    await real_house.build()
    searcher = await real_house.open()
    ids = searcher.edition.columns.slice_id.tolist()
    stored = await searcher.edition.slices.pieces(ids)
    assert stored.keys() == set(ids)
    assert all(stored.values())
    assert (await searcher.find("is a rifle an argument")).passages[0].episode.about.title == "On rifles"


async def test_what_makes_an_answer_is_shown_wherever_it_is_in_the_order(sample: Searcher) -> None:
    for question in ASKED:
        shown = (await sample.find(question.query)).passages
        everything = await sample.find(question.query, n_passages=60)
        nearest = max((passage.score + passage.near for passage in everything.passages), default=0.0)
        if shown and everything.is_match:
            assert max(passage.score + passage.near for passage in shown) == pytest.approx(nearest, abs=1e-3)


async def test_what_lies_behind_the_last_piece_is_quoted_all_the_same(real_house: House) -> None:
    filler = (
        "The committee met again on the following Tuesday to talk about the minutes of the meeting before. "
        * 12
    )
    real_house.put("talk", f"{filler}In the end the ferryman sold his saxophone to pay for the lighthouse. ")
    await real_house.build()
    searcher = await real_house.open()
    (passage, *_) = (await searcher.find("how did the ferryman pay for the lighthouse")).passages
    assert "saxophone" in passage.quote_text
