"""A quote has the sentences it leans on and those that go on with it, in its slice and beyond."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from index.search.answers import Passage
from index.search.excerpts import LONGEST_EXCERPT_CHARS, LONGEST_FIRST_CHARS, excerpt_of
from index.search.passages import passages_of
from index.search.quotable_sentences import Match, QuotableSentences
from index.search.ranking import SliceGroup
from index.search.whole_quotes import QuoteReach
from index.storage.records import SliceRecord
from index.text.receipts import sentence_anchor
from index.text.slicing import Slice
from index.text.tokens import TermFinder, idf, terms_of
from scoring.reading import Reading

from ..conftest import episode_record, piece_of

EPISODE = episode_record(1, "A talk", video_id="abcdefghijk", hosts=("Bo",))
READING = Reading(0.0, "Mixed", "technical", "low", "leans", ())
LONG = "The old dam above the village holds back more water in March than it was ever built to hold back."
TOLD = (
    "The old dam holds back more water in March than it was ever built for, and it was built for a good deal of it, by "
    "people who had seen the lake come over the top of the first one."
)
ASIDE = "We went to the market afterwards, where flour was cheap that year."


def match_of(question: str) -> Match:
    terms = terms_of(question)
    return Match(TermFinder(terms), {stem: idf(10, 1) for stem in terms.stems})


def by(piece: Slice, *turns: tuple[int, str]) -> SliceRecord:
    """A slice whose sentences from these on are of these speakers."""
    starts = [start for start, _ in piece.units()]
    spoken = tuple((starts[number], name) for number, name in turns)
    return SliceRecord(piece.ordinal + 1, 1, replace(piece, speaker=spoken[0][1], turns=spoken), READING)


def quoted(question: str, *said: str, most: int = LONGEST_EXCERPT_CHARS) -> str:
    return excerpt_of(EPISODE, by(piece_of(*said), (0, "Ada")), match=match_of(question), most=most).text


@pytest.mark.parametrize(
    "leaning",
    [
        "It may break in spring, and the mill below it would be gone within the hour, with everybody who sleeps there.",
        "And that is why the mill below it must be empty in spring, with nobody asleep there, whatever the owner says.",
        "Because if it breaks in spring, the mill is gone within the hour, with everybody who is asleep in there then.",
        "One is the mill, which would be gone within the hour in spring, with everybody who is asleep there by then.",
        "I think they would not get out of the mill in spring, whoever sleeps there, and however loud somebody shouts.",
    ],
)
def test_a_quote_takes_the_sentence_that_it_begins_by_leaning_on(leaning: str) -> None:
    assert quoted("mill in spring", ASIDE, LONG, leaning) == f"{LONG} {leaning}"
    assert quoted("mill in spring", ASIDE, LONG, leaning, most=150) == leaning, "no room"
    assert quoted("mill in spring", "Yes, exactly.", leaning) == leaning, "nothing is said there"


@pytest.mark.parametrize(
    "whole",
    [
        "It is hard to say whether the mill stands in spring, when the river is as high as it was in my father's time.",
        "I think that the mill stands in spring, when the river is as high as it was in my father's time, and higher.",
        "So the mill stands in spring, when the river is as high as it was in my father's time, and that is all of it.",
        "That is, the mill stands in spring, when the river is as high as it was in my father's time, and higher now.",
    ],
)
def test_a_quote_that_leans_on_nothing_begins_where_it_answers(whole: str) -> None:
    assert quoted("mill in spring", LONG, whole) == whole


def test_another_speakers_sentence_is_not_leant_on() -> None:
    leaning = "It may break in spring, and the mill below it would be gone within the hour, with whoever sleeps there."
    spoken = by(piece_of(LONG, leaning), (0, "Cy"), (1, "Ada"))
    assert excerpt_of(EPISODE, spoken, match=match_of("mill in spring")).text == leaning


def test_a_quote_takes_the_sentence_that_goes_on_with_it() -> None:
    for after in (
        "And that has a very big effect.",
        "They never saw it again.",
        "Or it was March that they feared.",
    ):
        assert quoted("old dam in March", TOLD, after, ASIDE) == f"{TOLD} {after}"
    assert quoted("old dam in March", TOLD, ASIDE) == TOLD
    assert quoted("old dam in March", TOLD, "Well, that is life.") == TOLD


def test_a_question_is_not_quoted_without_what_its_speaker_says_to_it() -> None:
    told = "The river took many mills in those years, and this was one of the many that it took, with all the flour."
    asked = "Would you blame the river for it, or would you rather blame the spring, as people here did for so long?"
    answered = "I would blame whoever built the thing."
    assert (
        quoted("river mills flour blame spring", told, asked, answered, ASIDE) == f"{told} {asked} {answered}"
    )


def test_however_far_a_quote_went_on_it_does_not_end_with_its_speakers_own_question() -> None:
    goes_on = ("It is old.", "Because how often does it break?", "Never, or not quite never.")
    assert quoted("water dam March", TOLD, *goes_on, ASIDE).endswith(goes_on[-1])


def test_a_sentence_with_a_further_word_of_the_question_is_taken_along() -> None:
    between = "Nobody counts the feet, since there are so many of them."
    further = "There are bells up there, two of them."
    question = "old dam water March people lake bells"
    assert quoted(question, TOLD, between, further) == f"{TOLD} {between} {further}"
    assert quoted(question, TOLD, between, "There are lamps up there, two of them.") == TOLD


def test_a_quote_does_not_go_on_with_a_sentence_that_is_broken_off() -> None:
    assert quoted("old dam in March", TOLD, "It could one day...", ASIDE) == TOLD


def test_where_nobody_is_named_a_quote_does_not_go_on_with_a_question() -> None:
    record = SliceRecord(1, 1, piece_of(TOLD, "It holds, then, does it?"), READING)
    assert excerpt_of(EPISODE, record, match=match_of("old dam in March")).text == TOLD


BREATHS = (
    "there is a lake above the village and it fills up every year in March so whoever lives below it has good reason "
    "to listen at night and what my father did was to hang up a bell and the",
    "rope of the bell went down to the water and when the lake was too full the float would pull at the rope and the "
    "bell would ring and everybody would be out of bed before the water was over the wall of the",
    "yard so nobody ever drowned in our village and we sold the bell in the end because the lake was drained for the "
    "railway and there was no water left up there to be afraid of",
)


def breaths(question: str, *units: str, most: int = LONGEST_EXCERPT_CHARS) -> str:
    record = SliceRecord(1, 1, piece_of(*units), READING)
    return excerpt_of(EPISODE, record, match=match_of(question), most=most).text


def test_speech_without_full_stops_is_quoted_from_clause_to_clause() -> None:
    rest = "yard so nobody ever drowned in our village and we sold the bell in the end"
    assert (
        breaths("rope float out of bed", *BREATHS)
        == f"and the {BREATHS[1]} {rest} because the lake was drained for the railway"
    )
    assert breaths("rope float out of bed", *BREATHS, most=320) == f"and the {BREATHS[1]} {rest}"
    assert breaths("rope float out of bed", *BREATHS, most=215) == f"and the {BREATHS[1]}", "no room"


def test_a_clause_against_without_a_space_adds_nothing() -> None:
    text = "the river rose but—" + "x" * 130 + " end"
    none = [False, False]
    sentences = QuotableSentences(
        text, [(0, 14), (15, len(text))], [1, 1], [0.0, 0.0], none, none, none, none
    )
    reach = QuoteReach.of(sentences, [set(), set()], {}, [0.0, 0.0], 100, is_named=False)
    assert reach.offsets(0, 0, ()) == (0, 14)


class _Slices:
    """The slices of an edition."""

    def __init__(self, records: Iterable[SliceRecord]) -> None:
        self.records = {record.id: record for record in records}

    async def by_id(self, ids: Iterable[int]) -> dict[int, SliceRecord]:
        return {number: self.records[number] for number in ids}


def beside(*records: SliceRecord, best: int, question: str, also: tuple[int, ...] = ()) -> list[Passage]:
    """The passage of the slice ``best``, and one of each of ``also``, of slices that lie beside each other."""
    ids = np.array([record.id for record in records])
    columns = SimpleNamespace(
        slice_id=ids,
        slice_episode=np.array([record.episode_id for record in records]),
        places_of=lambda wanted: np.searchsorted(ids, wanted),
    )
    terms = terms_of(question)
    near = np.zeros(len(records))
    candidates: Any = SimpleNamespace(
        edition=SimpleNamespace(columns=columns, slices=_Slices(records), episodes={1: EPISODE}),
        ids=ids,
        idf={stem: idf(10, 1) for stem in terms.stems},
        near=near,
        telling=near,
        pieces=None,
        parts_of=lambda _: [],
    )
    groups = [SliceGroup((place,), 1.0) for place in (best, *also)]
    by_number = {record.id: record for record in records}
    return asyncio.run(
        passages_of(groups, near, candidates, terms, by_number, speaker=None, reaches_beside=True)
    )


def slices(*texts: tuple[str, ...], speaker: str = "Ada") -> list[SliceRecord]:
    return [
        by(
            replace(
                piece_of(*said, anchors=((0, 100.0 * number),), end_s=100.0 * number + 100), ordinal=number
            ),
            (0, speaker),
        )
        for number, said in enumerate(texts)
    ]


LEADS = "My father hung up a bell above the village in the year of the flood, with a rope down to the water."
RINGS = (
    "It rang when the float pulled at the rope, and everybody was out of bed before the water was in the yard, with a "
    "lantern and their boots on, and whatever they could carry."
)


def test_a_quote_goes_on_into_the_next_slice() -> None:
    (whole,) = beside(*slices((ASIDE, LEADS), (RINGS, ASIDE)), best=0, question="bell above the village")
    assert whole.quote.text == f"{LEADS} {RINGS}"
    assert whole.text[whole.quote.start : whole.quote.end] == whole.quote.text
    assert [record.piece.ordinal for record in whole.slices] == [0, 1]
    assert whole.best == 1, "the slice that most of it is of"


def test_a_quote_begins_in_the_slice_before_and_its_link_opens_there() -> None:
    (whole,) = beside(*slices((ASIDE, LEADS), (RINGS, ASIDE)), best=1, question="float pulled out of bed")
    assert whole.quote.text == f"{LEADS} {RINGS}"
    assert whole.text[whole.quote.start : whole.quote.end] == whole.quote.text
    assert whole.best == 1
    assert whole.quote.start_s is not None
    assert 0 < whole.quote.start_s < 100
    assert whole.quote.link == EPISODE.link_at(whole.quote.start_s)
    assert sentence_anchor(*whole.beginning) == "s1-2"


def test_a_quote_does_not_reach_into_a_slice_of_another_passage_turn_or_chapter() -> None:
    first, second = slices((ASIDE, LEADS), (RINGS, ASIDE))
    question = "bell above the village"
    one, other = beside(first, second, best=0, also=(1,), question=question)
    assert one.quote.text == LEADS
    assert len(one.slices) == len(other.slices) == 1
    (whole,) = beside(first, by(second.piece, (0, "Cy")), best=0, question=question)
    assert whole.quote.text == LEADS
    (whole,) = beside(
        first, replace(second, piece=replace(second.piece, chapter="Bells")), best=0, question=question
    )
    assert whole.quote.text == LEADS
    (whole,) = beside(first, replace(second, episode_id=2), best=0, question=question)
    assert whole.quote.text == LEADS


def asking(*turns: tuple[str, ...]) -> list[SliceRecord]:
    """A host's slice, and those after it of the guest."""
    host, *guest = turns
    asked = by(piece_of(*host), (0, "Cy"), (1, "Bo"))
    return [asked, *(by(replace(piece_of(*said), ordinal=1), (0, "Ada")) for said in guest)]


def test_what_leads_up_to_a_hosts_question_gives_way_to_the_answer_in_the_next_slice() -> None:
    leads = "The paper says that the bell is a plan for some three years, and not at all for ever."
    asks = "How long will the bell do, in your view, and what comes after it?"
    answered = ("That is a great question.", "I should say, and I am not sure...", LEADS, RINGS)
    (whole,) = beside(*asking(("Hm.", leads, asks), answered), best=0, question="bell three years")
    assert whole.quote.speaker == "Ada"
    assert whole.quote.text == " ".join(answered), "what says little is no whole answer"
    (whole,) = beside(
        *asking(("Hm.", leads, asks), ("Which bell is it?",)), best=0, question="bell three years"
    )
    assert whole.quote.speaker == "Bo", "to ask back is no answer"
    (whole,) = beside(*asking(("Hm.", leads, ASIDE), answered), best=0, question="bell three years")
    assert whole.quote.speaker == "Bo", "nothing is asked"


def test_before_an_answer_stands_what_was_asked() -> None:
    asks = "How long will the bell do, in your view, and what comes after it?"
    (whole,) = beside(*asking(("Hm.", asks), (RINGS, LEADS)), best=1, question="float at the rope")
    assert whole.quote.speaker == "Ada"
    assert whole.quote.asked is not None
    assert (whole.quote.asked.speaker, whole.quote.asked.text) == ("Bo", asks)
    assert [record.piece.ordinal for record in whole.slices] == [1], "what is asked is no part of the passage"
    (whole,) = beside(*asking(("Hm.", asks), (RINGS, LEADS)), best=0, question="how long will the bell do")
    assert whole.quote.asked is not None
    assert [asks[start:end] for start, end in whole.quote.asked.marks] == ["long", "bell"]


@pytest.mark.parametrize(
    "turns",
    [
        (("Ada", "How long will the bell do, in your view, then?"), ("Ada", RINGS)),
        (("Bo", "The bell will do for a year or two, in my view."), ("Ada", RINGS)),
        (("Bo", "Will it do?"), ("Ada", RINGS)),
        (
            ("Bo", "How long will the bell do, in your view, then?"),
            ("Ada", f"{ASIDE}|{LONG}|{LEADS}|{RINGS}"),
        ),
        (("Bo", "How long will the bell do, in your view, then?"), (None, RINGS)),
    ],
    ids=["by themselves", "no question", "too short", "long before", "nobody named"],
)
def test_nothing_stands_before_what_answers_no_question(turns: tuple[tuple[str, str], ...]) -> None:
    piece = piece_of(*(said for _, told in turns for said in told.split("|")))
    starts = [start for start, _ in piece.units()]
    at = len(turns[0][1]) + 1
    assert at in starts
    spoken = ((0, turns[0][0]), (at, turns[1][0]))
    record = SliceRecord(1, 1, replace(piece, speaker=turns[0][0], turns=spoken), READING)
    quote = excerpt_of(EPISODE, record, match=match_of("float at the rope"))
    assert "float" in quote.text
    assert quote.asked is None


def test_the_first_passage_has_room_for_a_longer_quote() -> None:
    told = [
        f"The dam holds back more water in March of year {year} than it was built to hold back."
        for year in range(12)
    ]
    records = slices(tuple(told), (ASIDE,), tuple(told))
    first, second = beside(*records, best=0, also=(2,), question="dam water in March")
    assert len(second.quote.text) <= LONGEST_EXCERPT_CHARS < len(first.quote.text) <= LONGEST_FIRST_CHARS


def test_a_quote_may_lie_in_the_slice_beside_the_one_that_was_found() -> None:
    (whole,) = beside(
        *slices((LONG, ASIDE), (ASIDE, TOLD)),
        best=0,
        question="built for a good deal, by people over the first one",
    )
    assert whole.quote.text.startswith(TOLD[:40])
    assert whole.slices[whole.best].piece.ordinal == 1, "its position is that of what is quoted"
    assert whole.text[whole.quote.start : whole.quote.end] == whole.quote.text
