"""What programs may ask: each answer is as its contract says, and each wrong argument is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator
from small_library import AXIS, SmallLibrary, make_opener

from bot.app.input_validation import OptionUnknown, QuestionWordless, SourceUnknown, SpeakerUnknown
from bot.app.limiter import RequestLimiter, TookTooLong
from bot.app.service import LocalLibraryService
from bot.i18n.message_catalogue import MessageCatalogue
from bot.programs.operations import (
    FIND,
    OPERATIONS,
    READ,
    ArgumentsInvalid,
    OperationUnknown,
    operation_named,
)
from bot.render.json_models import CONTRACTS
from index.errors import EpisodeUnknown
from scoring.axis import load_axis

GIVEN: dict[str, dict[str, Any]] = {
    "find": {"question": "the danger of the dam", "n_passages": 2, "since": None, "episode": "the dam"},
    "episode": {"episode": "the-dam"},
    "counterbalance": {"episode": "the-dam"},
    "related": {"episode": "the-dam", "limit": 1},
    "read": {"episode": "the-dam", "at_s": 70, "around": 0},
    "spectrum": {"topic": "dam"},
    "verify": {"link": "the-dam#s1-1"},
    "episodes": {"offset": 1},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalLibraryService]:
    made = SmallLibrary.of_two(tmp_path_factory.mktemp("small"))
    await made.build()
    service = LocalLibraryService(make_opener(made.state))
    yield service
    await service.close()


def refused(given: dict[str, Any], operation: str = "find") -> str:
    with pytest.raises(ArgumentsInvalid) as invalid:
        operation_named(operation).parsed(given)
    return invalid.value.problems


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_answer_is_as_its_contract_says(library: LocalLibraryService, name: str) -> None:
    operation = OPERATIONS[name]
    Draft202012Validator(operation.arguments_schema(library.axis)).validate(GIVEN[name])
    answer = await operation.answer(library, RequestLimiter(), GIVEN[name])
    assert operation.contract.model_validate(answer).model_dump(mode="json") == answer
    assert operation.contract in CONTRACTS.values()


@pytest.mark.asyncio(loop_scope="module")
async def test_an_episode_is_named_as_everywhere(library: LocalLibraryService) -> None:
    answer = await FIND.answer(library, RequestLimiter(), {"question": "hope", "episode": "the school"})
    assert {passage["episode"] for passage in answer["passages"]} == {"the-school"}
    with pytest.raises(EpisodeUnknown):
        await FIND.answer(library, RequestLimiter(), {"question": "hope", "episode": "zzz qqq"})


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"question": "..."}, QuestionWordless),
        ({"question": "the dam", "lens": "rosy"}, OptionUnknown),
        ({"question": "the dam", "band": "rosy"}, OptionUnknown),
        ({"question": "the dam", "source": "nobody's"}, SourceUnknown),
        ({"question": "the dam", "speaker": "nobody"}, SpeakerUnknown),
    ],
)
async def test_what_the_library_does_not_have_is_told(
    library: LocalLibraryService, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await FIND.answer(library, RequestLimiter(), given)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_band_may_be_written_in_any_case(library: LocalLibraryService) -> None:
    answer = await FIND.answer(
        library, RequestLimiter(), {"question": "the danger of the dam", "band": "risk-FORWARD"}
    )
    assert {passage["band"] for passage in answer["passages"]} <= {"Risk-forward"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_moment_is_a_second_or_a_slice(library: LocalLibraryService) -> None:
    with pytest.raises(ArgumentsInvalid):
        await READ.answer(library, RequestLimiter(), {"episode": "the-dam", "at_s": 3, "slice": 1})


@pytest.mark.asyncio(loop_scope="module")
async def test_an_answer_that_takes_too_long_is_given_up(
    library: LocalLibraryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(library, "find", never)
    with pytest.raises(TookTooLong):
        await FIND.answer(library, RequestLimiter(limit_s=0.05), {"question": "the dam"})


def test_wrong_arguments_are_named_and_not_repeated() -> None:
    assert refused({}) == "question: field required"
    assert "secret" not in refused({"question": "x" * 2100 + "secret"})
    assert refused({"question": "dam", "n_passages": 51}).startswith("n_passages: ")
    assert refused({"question": "dam", "nonsense": 1}).startswith("nonsense: ")
    assert refused({"question": "dam", "since": "yesterday"}).startswith("since: ")
    assert refused({"episode": "dam", "at_s": float("nan")}, "read").startswith("at_s: ")
    assert refused({f"x{n}": n for n in range(100)}).count(";") < 10


def test_a_schema_names_the_lenses_and_bands_of_the_axis() -> None:
    axis = load_axis(AXIS)
    properties = FIND.arguments_schema(axis)["properties"]
    assert properties["lens"]["anyOf"][0]["enum"] == list(axis.lenses)
    assert properties["band"]["anyOf"][0]["enum"] == list(axis.bands)


def test_there_is_no_other_operation() -> None:
    with pytest.raises(OperationUnknown) as unknown:
        operation_named("remove")
    assert unknown.value.known == list(OPERATIONS)
    assert "“find”" in MessageCatalogue.load().error(unknown.value)
