"""What a person is quoted with on their card."""

from dataclasses import replace

from index.search.person_card import person_card
from index.storage.records import SliceRecord
from index.text.slicing import Slice
from scoring.reading import Reading

from ..conftest import episode_record, piece_of

EPISODE = episode_record(1, "A talk", hosts=("Bo Berg",))
SOLD = piece_of(
    "This episode is brought to you by Harbour Rope.",
    "It is fast, painless and powerful.",
    "Check it out at harbourrope.com/talks today.",
)
SAID = piece_of("The ferry has made our village rich, and I would not go back.")


def spoken(number: int, piece: Slice, position: float) -> SliceRecord:
    turned = replace(piece, ordinal=number, speaker="Bo Berg", turns=((0, "Bo Berg"),))
    return SliceRecord(number, 1, turned, Reading(position, "Mixed", "technical", "low", "leans", ()))


def test_what_a_host_sells_is_not_what_a_host_thinks() -> None:
    card = person_card("e", "Bo Berg", None, [(EPISODE, [spoken(1, SOLD, 60), spoken(2, SAID, 20)])])
    (appearance,) = card.appearances
    assert [record.piece.ordinal for record in appearance.slices] == [2]
    assert (card.position, card.n_slices) == (20, 1)


def test_who_only_sells_is_shown_all_the_same() -> None:
    card = person_card("e", "Bo Berg", None, [(EPISODE, [spoken(1, SOLD, 60)])])
    assert card.n_slices == 1
