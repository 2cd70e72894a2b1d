"""Every request of the faces has the same answer from an edition's files and from a Milvus database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from bot.app import edition_requests as asked
from bot.app.container import make_service
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from index.search.filters import Filters
from index.text.receipts import PageLink
from index.text.topics import TermWeights

SLUG, OTHER = "josefina-arrate-on-tutors-in-the-valley-schools", "tove-kassabian-on-short-clocks"
QUOTED = '"homework" and "short clocks" "the teacher"'
REQUESTS: tuple[Any, ...] = (
    asked.Find("who checks the homework of children"),
    asked.Find(QUOTED),
    asked.Find("the end of this conversation about nettwork reading"),
    asked.Find("what may go wrong", filters=Filters(band="Risk-forward")),
    asked.Find("the children and their teacher", filters=Filters(speaker="Josefina Arrate")),
    asked.Find("the machine", slug=SLUG, n_passages=3),
    asked.Find("zeppelin upholstery"),
    asked.ShowEpisode(SLUG),
    asked.ReadAround(OTHER, None, 2, 1),
    asked.ShowRelated(SLUG, 5),
    asked.ShowCounterbalance(OTHER, 3),
    asked.ShowCruxes(OTHER),
    asked.ShowSurroundings((SLUG, OTHER)),
    asked.ShowPage(SLUG),
    asked.LookAtQuote(PageLink(SLUG, "s2-1", None)),
    asked.ShowPeople(),
    asked.ReadDigests(),
    asked.ReadSliceWords(),
    asked.ShowCoverage(),
    asked.ShowCoverage(topic="school"),
    asked.ShowPerson("Josefina Arrate"),
    asked.ShowPerson("Josefina Arrate", topic="a tutor"),
    asked.WeighStems("the homework of a zeppelin"),
    asked.Score(("This may end badly for all of us, and nobody is asked.",)),
    asked.SuggestEpisodes("tutors", 5),
    asked.SuggestSpeakers("jos", 5),
    asked.ResolveEpisode("short clocks"),
)


def test_no_request_is_left_out() -> None:
    kinds = {*asked.EditionRequest.__subclasses__(), *asked.Lookup.__subclasses__()}
    named = {kind.__name__ for kind in kinds if kind.__module__ == asked.__name__}
    assert {type(request).__name__ for request in REQUESTS} == named


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(
    sample: Settings, sample_in_store: Settings
) -> AsyncIterator[tuple[LocalLibraryService, LocalLibraryService]]:
    made = make_service(sample), make_service(sample_in_store)
    yield made
    for service in made:
        await service.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
async def test_a_request_has_the_same_answer(
    both: tuple[LocalLibraryService, LocalLibraryService], request_: Any
) -> None:
    here, there = [await answer(service, request_) for service in both]
    assert here
    assert there == here


async def answer(service: LocalLibraryService, request: Any) -> object:
    ask = service._look_up if isinstance(request, asked.Lookup) else service._ask
    return comparable(await ask(request))


def comparable(value: Any) -> Any:
    """Return a value with its numbers to three places, which may differ by the order of a sum beyond these."""
    if isinstance(value, float | np.floating):
        return round(float(value), 3)
    if isinstance(value, np.ndarray):
        return [comparable(part) for part in value.tolist()]
    if isinstance(value, TermWeights):
        return {term: comparable(weight) for term, weight in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: comparable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: comparable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [comparable(part) for part in value]
    return value
