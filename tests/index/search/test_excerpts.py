"""The sentences that are quoted of a slice are the ones that pull its way, and one person's."""

from index.search.excerpts import telling_stretch
from index.storage.records import SliceRecord
from index.text.sentences import unit_ends
from index.text.slicing import Slice
from scoring.reading import Driver, Reading

TEXT = "Is it safe? Ah. The dam may break and drown us. Bread is cheap. Yet the mill gives us hope and light."


def record(
    position: float, *pulls: tuple[str, float], turns: tuple[tuple[int, str], ...] = ()
) -> SliceRecord:
    drivers = tuple(
        Driver(text, pull, "phrase", TEXT.index(text), TEXT.index(text) + len(text)) for text, pull in pulls
    )
    piece = Slice(
        0,
        TEXT,
        None,
        None,
        turns[0][1] if turns else None,
        None,
        tuple(unit_ends(TEXT)),
        (),
        turns or ((0, None),),
    )
    return SliceRecord(1, 1, piece, Reading(position, "Mixed", "technical", "low", "leans", drivers))


def said(one: SliceRecord, most: int) -> str:
    start, end = telling_stretch(one, most)
    return one.piece.text[start:end]


def test_it_pulls_the_slices_way() -> None:
    pulls = (("break", -20.0), ("hope", 15.0))
    assert said(record(-5, *pulls), 60) == "The dam may break and drown us."
    assert said(record(5, *pulls), 60) == "Yet the mill gives us hope and light."


def test_what_pulls_together_is_quoted_together_as_far_as_there_is_room() -> None:
    pulls = (("break", -10.0), ("Ah", -5.0))
    assert said(record(-15, *pulls), 60) == "Ah. The dam may break and drown us."
    assert said(record(-15, *pulls), 34) == "The dam may break and drown us."


def test_what_pulls_is_given_its_neighbours_where_there_is_room_for_twice_as_much() -> None:
    assert said(record(-15, ("break", -10.0)), 100) == "The dam may break and drown us. Bread is cheap."
    assert said(record(5, ("hope", 15.0)), 130) == "Bread is cheap. Yet the mill gives us hope and light."


def test_it_is_one_persons() -> None:
    turns = ((0, "Bo"), (12, "Ada"))
    one = record(-15, ("safe", -9.0), ("break", -10.0), turns=turns)
    assert said(one, 70) == "Ah. The dam may break and drown us."
    assert said(record(-15, ("safe", -9.0), turns=turns), 500) == "Is it safe?"


def test_where_nothing_pulls_as_much_is_quoted_as_fits() -> None:
    assert said(record(0), 55) == "Bread is cheap. Yet the mill gives us hope and light."
    assert said(record(0), 5) == "Yet the mill gives us hope and light.", "a sentence is whole"


def test_what_pulls_the_other_way_is_not_what_the_slice_says() -> None:
    assert "hope" not in said(record(-5, ("hope", 15.0), ("break", -20.0)), 60)
