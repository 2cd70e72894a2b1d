"""The JSON contracts: the program prints what docs/json.md says, and docs/json.md says what was promised."""

import dataclasses
import json

import pytest
from json_contract import OBJECTS, PLAIN, SCHEMA_FOLDER, check
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from bot.app.service import Scored
from bot.render import json_models
from index.library.episodes import EpisodeFile
from index.search.answers import EpisodeHit, Found, Passage
from index.search.excerpts import Excerpt
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.slicing import Slice
from scoring.profile import Profile
from scoring.reading import Driver, Reading

PROMISED = {
    "found": "query edition passages episodes",
    "passage": "rank episode title source slice start_s end_s link speaker text quote position band lens score",
    "hit": "episode title source published headline band lens confidence passages",
    "scored": "position band lens confidence drivers",
    "card": "n_slices median mean min max p10 p90 shares headline markers arc",
}
"""What issue 2 promises of each object; a key may be added, none may go."""

SCHEMAS = json_models.schemas()


def reading(position: float = -20.123456) -> Reading:
    return Reading(position, "Risk-forward", "technical", "medium", "leans", (DRIVER,), 0.0)


DRIVER = Driver("doom", -20.1, "phrase", 3, 7)
PROFILE = Profile(
    *(-0.001, "Mixed", "technical", "low", "transcript", 1, -0.5, 0.5, -1.0, 1.0, -0.9, 0.9),
    shares=(1 / 3, 1 / 3, 1 / 3),
    markers=(0, 0, 0),
    arc=(-0.001,),
)


def episode(*, timed: bool) -> EpisodeRecord:
    about = EpisodeFile(title="A talk", **({"video_id": "dQw4w9WgXcQ"} if timed else {}))
    return EpisodeRecord(1, "a-talk", about, None, PROFILE, timed, 3, {})


def found(*, timed: bool) -> Found:
    text = "It is doom."
    piece = Slice(0, text, 4.126 if timed else None, 9.9 if timed else None, None, None, (len(text),), (), ())
    record = SliceRecord(7, 1, piece, reading())
    home = episode(timed=timed)
    start_s = 4.126 if timed else None
    quote = Excerpt(text, 0, len(text), start_s, None, home.link_at(start_s), ((6, 10),))
    passage = Passage(*(1, home, (record,), 0, text, quote), score=1.23456, also_in=(home,))
    return Found("doom", "20261122", (passage,), (EpisodeHit(home, (1,)),), True, {"dom": "doom"})


@pytest.mark.parametrize("name", PROMISED)
def test_the_document_holds_what_was_promised(name: str) -> None:
    assert set(PROMISED[name].split()) <= set(OBJECTS[name])


def test_every_type_in_the_document_is_known() -> None:
    for name, keys in OBJECTS.items():
        assert keys, name
        for kind in keys.values():
            inner = kind.removeprefix("list of ").removeprefix("list of ").removesuffix(" or null")
            assert inner in PLAIN or inner in OBJECTS, f"{name}: {kind}"


@pytest.mark.parametrize("timed", [True, False])
def test_an_answer_is_as_documented_with_times_and_without(timed: bool) -> None:
    shown = json_models.found(found(timed=timed))
    check(shown, "found")
    passage = shown["passages"][0]
    assert (passage["start_s"] is None, passage["link"] is None, passage["quote_start_s"] is None) == (
        not timed,
    ) * 3
    if timed:
        assert passage["link"] == "https://youtu.be/dQw4w9WgXcQ?t=2"
        assert (passage["start_s"], passage["end_s"]) == (4.13, 9.9)


def test_an_id_stands_first_where_one_was_given() -> None:
    with_id = json_models.found(found(timed=True), "q7")
    assert next(iter(with_id.items())) == ("id", "q7")
    score = Scored(1.0, "Mixed", reading(1.0), (reading(1.0),))
    assert list(json_models.scored(score, "t1")) == ["id", *OBJECTS["scored"]]
    check(json_models.scored(score), "scored")


def test_positions_have_two_places_and_no_negative_zero() -> None:
    score = Scored(-20.123456, "Risk-forward", reading(), (reading(),))
    assert json_models.scored(score)["position"] == -20.12
    assert str(json_models.statistics(PROFILE)["headline"]) == "0.0"


def test_an_answer_of_nothing_has_the_same_keys() -> None:
    nothing = json_models.found(Found("x", "20261122", (), (), False, {}, ("mills",)))
    check(nothing, "found")
    assert (nothing["passages"], nothing["episodes"], nothing["nearest"]) == ([], [], ["mills"])


@pytest.mark.parametrize("timed", [True, False])
def test_an_answer_holds_to_its_schema(timed: bool) -> None:
    Draft202012Validator(SCHEMAS["find"]).validate(json_models.found(found(timed=timed)))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schema_is_that_of_the_models(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    shipped = json.loads((SCHEMA_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert shipped == SCHEMAS[name], "run `make schemas`"


def test_no_schema_is_shipped_that_no_model_has() -> None:
    assert {path.stem for path in SCHEMA_FOLDER.iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_the_keys_of_the_document_in_its_order(name: str) -> None:
    for definition, schema in SCHEMAS[name]["$defs"].items():
        documented = OBJECTS.get(definition.removesuffix("Json").lower())
        if documented is not None:
            assert list(schema["properties"]) == list(documented), definition
            assert schema["required"] == list(documented), definition


def test_what_is_off_the_scale_is_not_printed() -> None:
    with pytest.raises(ValidationError):
        json_models.statistics(dataclasses.replace(PROFILE, headline=101.0))
