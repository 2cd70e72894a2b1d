"""Limits of a search: they let through exactly what they name, and cost no answer that passes them."""

import asyncio
import datetime

import numpy as np
import pytest

from index.evaluation.retrieval import read_questions
from index.search.filters import EVERYTHING, Filters, slices_passing
from index.search.searcher import Searcher

from ..conftest import DATA, searcher_over

ASKED = read_questions(DATA / "questions" / "sample.jsonl")


async def passes(sample: Searcher, slice_id: int, filters: Filters) -> bool:
    """The filters' meaning, spelt out for one slice."""
    record = (await sample.edition.slices.by_id([slice_id]))[slice_id]
    about = sample.edition.episodes[record.episode_id].about
    speakers = {record.piece.speaker, *(name for _, name in record.piece.turns)}
    return all(
        (
            filters.source is None or (about.source or "").casefold() == filters.source.casefold(),
            filters.shelf is None or (about.shelf or "").casefold() == filters.shelf.casefold(),
            filters.band is None or record.reading.band == filters.band,
            filters.lens is None or record.reading.lens == filters.lens,
            filters.episode is None or record.episode_id == filters.episode,
            filters.since is None or (about.published is not None and about.published >= filters.since),
            filters.until is None or (about.published is not None and about.published <= filters.until),
            filters.speaker is None
            or any(filters.speaker.casefold() in (name or "").casefold() for name in speakers),
        )
    )


async def test_filters_let_through_exactly_what_they_name(sample: Searcher) -> None:
    edition = sample.edition
    dates = sorted(
        episode.about.published for episode in edition.episodes.values() if episode.about.published
    )
    middle = dates[len(dates) // 2]
    source = next(episode.about.source for episode in edition.episodes.values() if episode.about.source)
    guest = next(episode.about.guests[0] for episode in edition.episodes.values() if episode.about.guests)
    every = [
        Filters(source=source.upper()),
        Filters(since=middle),
        Filters(until=middle),
        Filters(since=middle, until=middle),
        Filters(episode=min(edition.episodes)),
        Filters(speaker=guest.split()[0].lower()),
        *(Filters(band=band) for band in sample.axis.bands),
        *(Filters(lens=lens) for lens in sample.axis.lenses),
        Filters(band=sample.axis.bands[0], lens=sample.axis.lenses[1], since=middle),
    ]
    ids = edition.columns.slice_id.tolist()
    for filters in every:
        allowed = (
            await slices_passing(sample.tables, sample.axis, filters)
        ).mask  # the rule itself, for every slice
        assert allowed is not None
        assert allowed.tolist() == [await passes(sample, number, filters) for number in ids], filters
        found = await sample.find("What will machines do to people who teach and heal?", filters=filters)
        for passage in found.passages:
            for record in passage.slices:
                assert await passes(sample, record.id, filters)
            if filters.speaker is not None:
                assert filters.speaker in (passage.quote.speaker or "").casefold()


async def test_who_speaks_where_is_read_once_however_many_ask(sample: Searcher) -> None:
    read: list[str] = []
    await sample.edition.connection.set_trace_callback(read.append)
    searcher = await searcher_over(sample.edition, sample.encoder)
    await asyncio.gather(
        *(searcher.find("tutors in schools", filters=Filters(speaker=name)) for name in ("arrate", "nobody")),
        *(searcher.find(f"what did {name} say about tutors") for name in ("geoffrey oduya", "john fletcher")),
    )
    await sample.edition.connection.set_trace_callback(None)
    assert len([statement for statement in read if "turns" in statement and " id " not in statement]) == 1


@pytest.mark.parametrize(
    "filters",
    [
        Filters(source="nobody's show"),
        Filters(since=datetime.date(2999, 1, 1)),
        Filters(episode=10_000),
        Filters(speaker="nobody at all"),
        Filters(shelf="no shelf"),
    ],
)
async def test_filters_that_leave_nothing_refuse(filters: Filters, sample: Searcher) -> None:
    found = await sample.find("tutors in schools", filters=filters)
    assert not found.is_match
    assert found.passages == ()


async def test_a_filter_costs_no_answer_that_passes_it(sample: Searcher) -> None:
    for question in ASKED[::6]:
        free = await sample.find(question.query)
        if not free.passages:
            continue
        best = free.passages[0]
        found = await sample.find(question.query, filters=Filters(episode=best.episode.id))
        assert {record.id for record in found.passages[0].slices} & {record.id for record in best.slices}


async def test_the_keyword_side_alone_respects_filters(sample: Searcher) -> None:
    edition = sample.edition
    allowed = np.arange(len(edition.columns.slice_id)) % 3 == 0
    everything, scores = edition.postings.best(["school", "tutor"], 10_000)
    among, theirs = edition.postings.best(["school", "tutor"], 10_000, allowed=allowed)
    assert list(zip(among, theirs, strict=True)) == [
        pair for pair in zip(everything, scores, strict=True) if allowed[pair[0]]
    ]
    nowhere, _ = edition.postings.best(["school"], 10, allowed=np.zeros_like(allowed))
    assert len(nowhere) == 0
    many = list(range(200_000))  # more than SQLite takes as variables
    assert len(await edition.slices.by_id(many)) == len(edition.columns.slice_id)


def test_no_filter_is_no_filter() -> None:
    assert not EVERYTHING
    assert not Filters()
    assert Filters(source="")
