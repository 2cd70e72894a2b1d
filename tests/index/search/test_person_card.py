"""What a person is quoted with on their card."""

from dataclasses import replace

from index.search.answers import Passage
from index.search.excerpts import excerpt_of
from index.search.person_card import person_card
from index.search.quotable_sentences import Match
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.slicing import Slice
from index.text.tokens import TermFinder, terms_of
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


def test_who_asks_others_about_a_topic_says_nothing_on_it_where_they_do_elsewhere() -> None:
    other = replace(EPISODE, id=2, slug="other")
    asked = spoken(1, piece_of("What do you think of the ferry, and who steers it at night?"), 5)
    near = spoken(2, piece_of("Harbours are lovely in spring."), 7)
    stated = replace(spoken(3, piece_of("The ferry made me late for my wedding."), 9), episode_id=2)
    passages = [
        passage_of(EPISODE, asked, "ferry"),
        passage_of(EPISODE, near, "ferry"),
        passage_of(other, stated, "ferry"),
    ]
    found = [(EPISODE, [asked, near]), (other, [stated])]
    card = person_card("e", "Bo Berg", "ferry", found, passages)
    assert [appearance.episode.id for appearance in card.appearances] == [2]
    assert card.position == 9
    card = person_card("e", "Bo Berg", "ferry", found[:1], passages[:2])
    assert card.n_slices == 2, "where nobody says more, it is shown as it is"


def test_a_question_is_one_in_quotation_marks_too() -> None:
    asked = spoken(1, piece_of("So people ask me: “Who steers the ferry at night?”"), 5)
    stated = spoken(2, piece_of("The ferry made me late for my wedding."), 9)
    passages = [passage_of(EPISODE, record, "ferry") for record in (asked, stated)]
    card = person_card("e", "Bo Berg", "ferry", [(EPISODE, [asked, stated])], passages)
    assert card.position == 9


def passage_of(episode: EpisodeRecord, record: SliceRecord, question: str) -> Passage:
    terms = terms_of(question)
    match = Match(TermFinder(terms), dict.fromkeys(terms.stems, 1.0))
    quote = excerpt_of(episode, record, match=match)
    return Passage(1, episode, (record,), 0, record.piece.text, quote, 1.0)


def conversation(number: int, position: float, *turns: tuple[str, str]) -> SliceRecord:
    """A slice in which people say these turns."""
    piece, offsets, at = piece_of(*(text for _, text in turns)), [], 0
    for speaker, text in turns:
        offsets.append((at, speaker))
        at += len(text) + 1
    piece = replace(piece, ordinal=number, speaker=turns[0][0], turns=tuple(offsets))
    return SliceRecord(number, 1, piece, Reading(position, "Mixed", "technical", "low", "leans", ()))


ASKED = ("Ada Lind", "And what is it that you think of the ferry?")
SHORT = ("Bo Berg", "It is late.")
LONG = ("Bo Berg", "It has made our village rich, and it is late every morning, and I would not go back.")


def test_a_person_speaks_in_every_slice_in_which_they_have_a_turn_whoever_begins_it() -> None:
    slices = [conversation(1, -40, ASKED, LONG), conversation(2, 30, ASKED, SHORT), conversation(3, 9, ASKED)]
    card = person_card("e", "bo berg", None, [(EPISODE, slices)])
    (appearance,) = card.appearances
    assert [record.id for record in appearance.slices] == [1, 2]
    assert (card.name, card.n_slices, card.n_own) == ("Bo Berg", 2, 1)


def test_a_position_is_of_the_slices_of_which_somebody_says_more_than_half() -> None:
    slices = [conversation(1, -40, ASKED, LONG), conversation(2, 30, SHORT, ASKED)]
    card = person_card("e", "Bo Berg", None, [(EPISODE, slices)])
    assert [record.id for record in card.appearances[0].own] == [1]
    assert (card.position, card.lenses) == (-40, (("technical", 1),))


def test_who_says_most_of_no_slice_has_no_position() -> None:
    card = person_card("e", "Bo Berg", None, [(EPISODE, [conversation(1, 30, SHORT, ASKED)])])
    assert (card.n_slices, card.n_own, card.position, card.lenses) == (1, 0, None, ())
    assert card.appearances[0].position is None
    assert card.trend.n == 0
