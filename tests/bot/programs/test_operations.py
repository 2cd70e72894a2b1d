"""What programs may ask: each answer is as its contract says, and each wrong argument is named."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from small_library import AXIS

from bot.app.input_validation import (
    DaysReversed,
    DayUnreadable,
    OptionUnknown,
    QuestionEmpty,
    QuestionTooLong,
    QuestionWordless,
    ShelfUnknown,
    SourceUnknown,
    SpeakerUnknown,
)
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


def refused(given: dict[str, Any], operation: str = "find") -> str:
    with pytest.raises(ArgumentsInvalid) as invalid:
        operation_named(operation).parsed(given)
    return MessageCatalogue.load().error(invalid.value)


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
        ({"question": ""}, QuestionEmpty),
        ({"question": "x" * 2001}, QuestionTooLong),
        ({"question": "the dam", "source": "nobody's"}, SourceUnknown),
        ({"question": "the dam", "shelf": "nobody's"}, ShelfUnknown),
        ({"question": "the dam", "since": "2026-02-30"}, DayUnreadable),
        ({"question": "the dam", "until": "86400"}, DayUnreadable),
        ({"question": "the dam", "since": "2026-02", "until": "2025"}, DaysReversed),
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


@pytest.mark.parametrize(
    ("given", "operation", "said"),
    [
        ({}, "find", "question: it is missing"),
        ({"question": 5}, "find", "question: a text is expected"),
        ({"question": "dam", "n_passages": 51}, "find", "n_passages: a number of at most 50 is expected"),
        ({"question": "dam", "n_passages": 0}, "find", "n_passages: a number of at least 1 is expected"),
        ({"question": "dam", "n_passages": True}, "find", "n_passages: a whole number is expected"),
        ({"question": "dam", "n_passages": "2"}, "find", "n_passages: a whole number is expected"),
        ({"question": "dam", "n_passages": 2.5}, "find", "n_passages: a whole number is expected"),
        ({"question": "dam", "since": 2026}, "find", "since: a text is expected"),
        ({"question": "dam", "sh:elf": "x"}, "find", "sh elf: there is no such key"),
        ({"episode": ""}, "episode", "episode: it is empty"),
        ({"episode": "x" * 201}, "episode", "episode: it has more than 200 characters"),
        ({"episode": "dam", "at_s": "12:34"}, "read", "at_s: a number is expected"),
        ({"episode": "dam", "at_s": True}, "read", "at_s: a number is expected"),
        ({"episode": "dam", "at_s": float("nan")}, "read", "at_s: a number is expected"),
        ({"episode": "dam", "at_s": -0.5}, "read", "at_s: a number of at least 0 is expected"),
    ],
)
def test_a_wrong_argument_is_named_in_our_own_words(given: dict[str, Any], operation: str, said: str) -> None:
    assert refused(given, operation) == f"The arguments cannot be used: {said}."


def test_wrong_arguments_are_not_repeated_and_not_all_told() -> None:
    assert "secret" not in refused({"question": "dam", "n_passages": "secret"})
    assert refused({f"x{n}": n for n in range(100)}).count(";") < 10


def test_two_is_two_however_a_program_writes_numbers() -> None:
    assert FIND.parsed({"question": "dam", "n_passages": 2.0}).n_passages == 2
    assert FIND.parsed({"question": "dam", "n_passages": "2"}, are_texts=True).n_passages == 2


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
