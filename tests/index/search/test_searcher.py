"""Claims about answers, held against the sample library and the real model."""

import datetime
import math
from itertools import combinations

import numpy as np
import pytest

from index.evaluation.retrieval import outcome_of, read_questions
from index.search.answers import AskedYear, OtherLanguage, Passage
from index.search.filters import Filters
from index.search.searcher import LONGEST_PASSAGE_SLICES, Searcher
from index.text.sentences import clause_starts
from index.text.slicing import TARGET_CHARS
from index.text.tokens import terms_of

from ..conftest import DATA, House

ASKED = read_questions(DATA / "questions" / "sample.jsonl")
ELSEWHERE = read_questions(DATA / "questions" / "elsewhere.jsonl")
HOSTILE = [
    '"', '"""', "NEAR(", "NEAR(tutor school)", "*", "-", "AND OR NOT", "tutor AND", "🦊🔥", "tutor 🦊",
    "tutor " * 1000, "x" * 6000, "", "   ", "\x00", "tut\x00or", "\ud800", "tutor \udcff", "'; DROP TABLE words;--",
    "text:tutor", "^tutor", "{a b}: c", '"tutor', '"school tutor" "valley"', '"a b" ' * 800, "(" * 500, "%", "\\",
    "学校 导师", "ﬁ ß İ", "e\u0301cole", "<@123> @everyone", "a", "the of and",
]  # fmt: skip


def spans(passage: Passage) -> set[int]:
    return {record.id for record in passage.slices}


def check(passages: tuple[Passage, ...], question: str) -> None:
    """What holds of every answer."""
    assert [passage.rank for passage in passages] == list(range(1, len(passages) + 1))
    for one, other in combinations(passages, 2):
        assert not spans(one) & spans(other)
    for passage in passages:
        ordinals = [record.piece.ordinal for record in passage.slices]
        assert ordinals == list(range(ordinals[0], ordinals[0] + len(ordinals)))
        assert 1 <= len(ordinals) <= LONGEST_PASSAGE_SLICES + 1, "the answer to its question may be one more"
        assert {record.episode_id for record in passage.slices} == {passage.episode.id}
        assert passage.text == " ".join(record.piece.text for record in passage.slices)
        bounds, at = [], 0
        for record in passage.slices:
            bounds += [(at + start, at + end) for start, end in record.piece.units()]
            at += len(record.piece.text) + 1
        quote = passage.quote
        clauses = clause_starts(passage.text)  # where speech has no full stops
        assert quote.start in {start for start, _ in bounds} | {*clauses}
        ends = {end for _, end in bounds} | {at - 1 for at in clauses}
        assert quote.end in ends | {quote.start + end for _, end in quote.marks}
        for start, end in quote.marks:
            assert 0 <= start < end <= len(passage.quote_text)
            assert passage.quote_text[start:end].strip()
        if quote.start_s is None:
            assert passage.link is None
        else:
            assert passage.start_s is not None
            assert passage.end_s is not None
            assert passage.start_s <= quote.start_s <= passage.end_s
            if passage.link is not None:
                second = int(passage.link.split("t=")[-1])
                assert second == max(0, math.floor(quote.start_s - 2))


async def test_every_answer_is_well_formed(sample: Searcher) -> None:
    for question in ASKED[::3]:
        found = await sample.find(question.query)
        check(found.passages, question.query)
        ranks = sorted(rank for hit in found.episodes for rank in hit.ranks)
        assert ranks == [passage.rank for passage in found.passages]
        assert all(hit.ranks == tuple(sorted(hit.ranks)) for hit in found.episodes)


async def test_what_only_comes_near_is_told_from_what_is_surely_about_the_question(sample: Searcher) -> None:
    asked = [
        (outcome_of(question, found), found.is_sure)
        for question in ASKED
        if (found := await sample.find(question.query)).is_match
    ]
    first = {
        sure: [outcome.rank == 1 for outcome, is_sure in asked if is_sure is sure] for sure in (True, False)
    }
    assert sum(first[True]) >= 0.75 * len(first[True]) > 0
    assert sum(first[False]) <= 0.6 * len(first[False])
    foreign = [await sample.find(question.query) for question in ELSEWHERE]
    assert sum(found.is_sure for found in foreign if found.is_match) <= 0.03 * len(foreign)


@pytest.mark.parametrize(
    "question",
    [
        "why did Rasmus Oyelaran bake a cake",
        "does Tove Kassabian fear a short clock",
        "Odile Mbarga at the clinic",
    ],
)
async def test_a_named_guest_is_not_lost_among_passages_that_answer_better(
    sample: Searcher, question: str
) -> None:
    found = await sample.find(question)
    guest = " ".join(word for word in question.split() if word[0].isupper())
    assert guest in found.passages[0].episode.about.guests


CHATTER = "I baked bread on sunday. The dough did not rise at all. My neighbour complained of the noise of the mower. "


@pytest.mark.parametrize(
    "message",
    [
        "I met Tove Kassabian once, years ago. " + CHATTER + "Who pays when a model is wrong and does harm?",
        "We talked in 2023 about this, but I was sick. "
        + CHATTER
        + "Who pays when a model is wrong and does harm?",
        "My colleague John Fletcher says that it never works. "
        + CHATTER
        + "Who pays when a model is wrong and does harm?",
    ],
    ids=["a guest in passing", "a year in passing", "a stranger in passing"],
)
async def test_what_a_message_asks_is_asked_whatever_stands_beside_it(sample: Searcher, message: str) -> None:
    asked = message.rsplit(". ", maxsplit=1)[-1]
    alone, found = await sample.find(asked), await sample.find(message)
    assert alone.passages[0].slices[0].id in {
        record.id for passage in found.passages for record in passage.slices
    }
    assert (found.asked, found.absent, found.year) == (asked, None, None)


async def test_days_that_are_asked_for_go_before_a_year_that_is_named(sample: Searcher) -> None:
    within = Filters(since=datetime.date(2026, 1, 1))
    found = await sample.find("what was said in 2025 on weights", filters=within)
    assert found.year is None
    assert all(passage.episode.about.published >= within.since for passage in found.passages)


@pytest.mark.parametrize("question", ['"the machine"', "“the machine”"])
async def test_every_quote_of_quoted_words_holds_them(sample: Searcher, question: str) -> None:
    found = await sample.find(question, n_passages=20)
    assert len(found.passages) > 3
    for passage in found.passages:
        assert "the machine" in passage.quote_text.lower()


LONG = (
    "ok this is driving me mad. i heard it on a run some weeks ago and cannot remember whose show it was. {} "
    "my brother swears that i made it up, he was doing the dishes all evening. which episode is that and where?"
)


@pytest.mark.parametrize("heading", ["Directions, and too many of them", "Locks and licences", "Organ pipes"])
async def test_a_chapter_that_is_named_comes_before_what_only_speaks_of_it(
    sample: Searcher, heading: str
) -> None:
    found = await sample.find(heading)
    assert heading in {record.piece.chapter for record in found.passages[0].slices}


async def test_a_long_question_is_answered_by_the_sentence_that_says_what_is_meant(sample: Searcher) -> None:
    ranks = []
    for question in ASKED:
        alone = outcome_of(question, await sample.find(question.query))
        if alone.rank is not None and len(terms_of(question.query).stems) >= 3:
            said = await sample.find(LONG.format(question.query.rstrip("?.!") + "."))
            ranks.append(outcome_of(question, said).rank)
            assert said.asked is None or question.query.rstrip("?.!") in said.asked, "the sentence is named"
    assert len(ranks) >= 10
    assert sum(rank is not None for rank in ranks) >= 0.55 * len(ranks), (
        "without its sentences less than half"
    )


async def test_a_sentence_that_is_quoted_and_that_nobody_says_is_not_surely_answered(
    sample: Searcher,
) -> None:
    said = await sample.find('who said "somebody had renamed it to joke" when he published the model')
    assert (said.is_match, said.is_sure) == (True, True)
    assert "renamed it to joke" in said.passages[0].quote_text
    unsaid = await sample.find(
        'who said "the phones ring all night long" about the night shift at the call centre'
    )
    assert unsaid.is_match
    assert not unsaid.is_sure
    named = await sample.find(
        'who spoke of "night shift" at the call centre and said that the phones ring all night'
    )
    assert (named.is_match, named.is_sure) == (True, True)


async def test_hardly_a_long_message_on_something_else_is_surely_answered(sample: Searcher) -> None:
    messages = [
        LONG.format(f"it was about {one.query}. and then something on {other.query}.")
        for one, other in zip(ELSEWHERE[::3], ELSEWHERE[1::3], strict=False)
    ]
    found = [await sample.find(message) for message in messages]
    assert sum(answer.is_match and answer.is_sure for answer in found) <= 0.1 * len(found)


async def test_what_is_answered_surely_is_answered_rightly(sample: Searcher) -> None:
    answers = [(question, await sample.find(question.query)) for question in ASKED]
    firsts = [
        outcome_of(question, found).rank == 1
        for question, found in answers
        if found.is_match and found.is_sure
    ]
    assert len(firsts) >= 0.3 * len(ASKED)
    assert sum(firsts) >= 0.8 * len(firsts)


async def test_what_nobody_talks_of_is_refused(sample: Searcher) -> None:
    answered = [question.query for question in ELSEWHERE if (await sample.find(question.query)).is_match]
    assert len(answered) <= 0.15 * len(ELSEWHERE), (
        answered
    )  # 130 slices; at 2,568 it is 2.6 %, see docs/measurements.md


async def test_a_refusal_says_what_is_talked_of_instead(sample: Searcher) -> None:
    found = await sample.find("how to roast a chicken so the skin is crisp")
    assert (found.passages, found.episodes, found.is_match) == ((), (), False)
    assert found.nearest


@pytest.mark.parametrize("question", HOSTILE)
async def test_whatever_is_typed_is_answered_or_refused(question: str, sample: Searcher) -> None:
    found = await sample.find(question)
    assert found.query == question
    assert found.is_match == bool(found.passages)
    check(found.passages, question)


async def test_the_very_words_come_first(sample: Searcher) -> None:
    misses = []
    for slice_id in sample.edition.columns.slice_id[5::17].tolist():
        record = (await sample.edition.slices.by_id([slice_id]))[slice_id]
        words = record.piece.text.split()
        phrase = " ".join(words[len(words) // 2 :][:8])
        has_content = len(terms_of(phrase).stems) > 2
        for question in [f'"{phrase}"', *([phrase] if has_content else [])]:
            found = await sample.find(question)
            if not found.passages or slice_id not in spans(found.passages[0]):
                misses.append(question)
    assert misses == []


async def test_a_name_brings_its_episode_first(sample: Searcher) -> None:
    for episode in sample.edition.episodes.values():
        found = await sample.find(episode.about.title)
        assert found.episodes[0].episode.id == episode.id
        for guest in episode.about.guests:  # where another speaks of them by name, that may come before
            found = await sample.find(guest)
            assert episode.id in [hit.episode.id for hit in found.episodes[:2]], guest


async def test_a_guests_name_alone_finds_the_episode(sample: Searcher) -> None:
    found = await sample.find("Arrate")
    assert found.is_match
    assert "Arrate" in found.episodes[0].episode.about.title


async def test_a_passage_tells_its_place_in_the_episode(sample: Searcher) -> None:
    for passage in (await sample.find("tutors in schools")).passages:
        assert 0.0 <= passage.place < 1.0
        first = passage.slices[0].piece
        assert passage.place == first.ordinal / passage.episode.profile.n_slices
        assert passage.chapter == first.chapter


async def test_so_many_passages_and_no_more(sample: Searcher) -> None:
    for n_passages in (1, 2, 100):
        found = await sample.find("tutors in schools", n_passages=n_passages)
        assert 1 <= len(found.passages) <= n_passages
        check(found.passages, "tutors in schools")


async def test_fewer_passages_are_the_first_of_more(sample: Searcher) -> None:
    for question in ASKED[::4]:
        more = (await sample.find(question.query, n_passages=10)).passages
        for n_passages in (1, 3):
            fewer = (await sample.find(question.query, n_passages=n_passages)).passages
            assert [passage.score for passage in fewer] == [passage.score for passage in more[:n_passages]]


async def test_a_misspelt_word_is_corrected_and_said_so(sample: Searcher) -> None:
    found = await sample.find("tutors in the vally schols")
    assert set(found.corrected) == {"schols", "vally"}
    assert (
        found.passages[0].episode == (await sample.find("tutors in the valley schools")).passages[0].episode
    )


async def test_a_correction_that_finds_nothing_is_not_told(sample: Searcher) -> None:
    found = await sample.find("purple elephants baking lasagna for the vally")
    assert not found.is_match
    assert found.corrected == {}
    found = await sample.find("vally", filters=Filters(episode=max(sample.edition.episodes)))
    assert found.corrected == {} or "valley" in " ".join(passage.text for passage in found.passages).lower()


async def test_a_question_in_another_language_is_told_and_not_corrected(sample: Searcher) -> None:
    found = await sample.find("Wird KI unsere Arbeit wegnehmen und was kann man tun?")
    assert found.other_language == OtherLanguage("de", "en")
    assert found.corrected == {}
    message = (
        "Wenn ich krank bin, gehe ich zum Arzt in der Stadt. Symptome in einen Chatbot tippen ist einfach nur "
        "gefährlich, das sollte man verbieten."
    )
    for is_claim in (False, True):
        told = await sample.find(message, is_claim=is_claim)
        assert told.other_language == OtherLanguage("de", "en"), "of a message of several sentences, too"
    for question in (
        "tutors in the valley schools",
        "will it take our jobs",
        "Josefina Arrate",
        "die Schule",
    ):
        assert (await sample.find(question)).other_language is None


async def test_misheard_words_are_found_under_what_was_meant(real_house: House) -> None:
    real_house.put("read", "Bayesian statistics answer this question about how networks learn. " * 6)
    spoken = "so the theory of basan statistics is what i would tell you about first of all when we talk of learning "
    real_house.put("heard", spoken * 10, track="auto")
    real_house.put("other", "The teacher and the children read all afternoon in the garden. " * 9)
    await real_house.build()
    searcher = await real_house.open()
    found = await searcher.find("bayesian statistics")
    by_slug = {passage.episode.slug: passage for passage in found.passages}
    assert [hit.episode.slug for hit in found.episodes][:2] == ["read", "heard"]
    heard = by_slug["heard"]
    assert "basan" in [heard.quote_text[start:end] for start, end in heard.quote.marks]


async def test_the_same_words_in_two_episodes_appear_once(real_house: House) -> None:
    house = real_house
    talk = " ".join(
        f"The mill number {n} stood still when the river rose in the year {1900 + n}." for n in range(80)
    )
    house.put("first", talk)
    house.put("again", talk, title="Another name for it")
    house.put("other", "The teacher and the children read all afternoon in the garden. " * 60)
    await house.build()
    searcher = await house.open()
    found = await searcher.find("mill number 40 in the year 1940")
    assert len({passage.episode.slug for passage in found.passages if "mill" in passage.text}) == 1
    twice = [passage for passage in found.passages if "mill" in passage.text]
    assert twice
    assert all([other.slug for other in passage.also_in] in (["first"], ["again"]) for passage in twice)


async def test_an_advert_answers_nothing_while_something_else_does(real_house: House) -> None:
    advert = (
        "This episode is brought to you by Harbour Rope. Customer support for ferries was never so easy as with rope. "
        "Customer support answers within the hour. Get started for free today at harbourrope.com/talks. "
    )
    talk = "We replaced our customer support with a machine, and the customers of the ferry noticed. "
    real_house.put("advert", advert)
    real_house.put("talk", talk * 3)
    real_house.put("other", "The teacher and the children read all afternoon in the garden. " * 9)
    await real_house.build()
    searcher = await real_house.open()
    found = await searcher.find("customer support for ferries")
    assert [hit.episode.slug for hit in found.episodes] == ["talk"]


@pytest.mark.parametrize("n_passages", [1, 5])
async def test_however_few_passages_are_wanted_adverts_do_not_take_their_place(
    house: House, n_passages: int
) -> None:
    advert = (
        "This episode is brought to you by Kilnworks. Kilnworks sells pottery kilns glaze and clay. Use code {} for a "
        "free trial of kilns glaze. Visit our sponsor for pottery kilns today."
    )
    for number, code in enumerate(("alpha", "beta", "gamma", "delta", "epsilon")):
        house.put(f"advert-{number}", advert.format(code) + f" {code}" * number)
    said = "My grandmother made pottery in a shed. She fired the kilns with oak. The glaze was the hardest part of it."
    house.put("talk", said)
    for number in range(8):
        house.put(f"train-{number}", f"Trains number {number} run on steel rails over the bridge. " * 3)
    await house.build()
    found = await (await house.open()).find("pottery kilns glaze", n_passages=n_passages)
    assert [hit.episode.slug for hit in found.episodes] == ["talk"]


async def test_a_minute_that_sells_and_answers_is_found_for_its_answer(real_house: House) -> None:
    advert = (
        "This episode is brought to you by Harbour Rope, the rope of ropes since the great storm. Harbour Rope is made "
        "for people who cannot wait. Get started for free today at harbourrope.com/talks. "
    )
    said = "Somebody offers the pilots a hundred gold coins, and none of them leaves the ferry. "
    talk = "The wind on the quay was cold that morning, and the women mended the nets in the hall. " * 12
    real_house.put("both", talk + advert + said + talk)
    real_house.put("sold", advert)
    real_house.put("other", "The teacher and the children read all afternoon in the garden. " * 9)
    await real_house.build()
    searcher = await real_house.open()
    offered = await searcher.find("pilots are offered gold coins and nobody leaves")
    assert [hit.episode.slug for hit in offered.episodes] == ["both"]
    assert "gold coins" in offered.passages[0].quote_text


async def test_what_others_say_is_not_told_for_somebody_who_is_not_here(sample: Searcher) -> None:
    found = await sample.find("what does geoffrey oduya think of tutors")
    assert (found.absent, found.is_match, found.passages) == ("geoffrey oduya", False, ())
    assert (await sample.find("what do teachers think of tutors")).is_match


@pytest.mark.parametrize("surname", ["curve", "shown", "pressure"])
async def test_an_answer_is_not_sure_for_a_passage_that_it_leaves_out(sample: Searcher, surname: str) -> None:
    """The best says nothing of somebody who is not here; a passage with that word is hardly on the subject."""
    subject = "ablation replace with zero, mean or resample gives different effects"
    assert (await sample.find(subject)).is_sure
    found = await sample.find(f"what did geoffrey {surname} say about {subject}")
    assert found.absent == f"geoffrey {surname}"
    assert not (found.passages and found.is_sure)


async def test_one_word_is_taken_for_two_only_where_somebody_says_them_together(real_house: House) -> None:
    real_house.put("mill", "We did fine tuning of the mill wheel all week. " * 6)
    real_house.put("house", "The house is old. The work is hard, and our robots do not help. " * 6)
    await real_house.build()
    searcher = await real_house.open()
    assert (await searcher.find("finetuning of the wheel")).corrected == {"finetuning": "fine tuning"}
    assert (await searcher.find("robots that do housework")).corrected == {}


async def test_a_closing_answers_where_it_is_the_best_and_not_beside_something_better(
    real_house: House,
) -> None:
    closing = (
        "Finally, if you have any feedback about this podcast on ferries, you can email me. "
        "Financial support for this episode was provided by the Ferry Fund. "
    )
    real_house.put("closing", closing * 3)
    real_house.put(
        "talk", "The pilots steer the ferries by hand when the fog is thick over the harbour. " * 5
    )
    await real_house.build()
    searcher = await real_house.open()
    steered = await searcher.find("who steers the ferries by hand")
    assert [hit.episode.slug for hit in steered.episodes] == ["talk"]
    funded = await searcher.find("financial support by the ferry fund")
    assert funded.episodes[0].episode.slug == "closing"


async def test_who_does_not_speak_here_is_told_where_their_words_are_asked_for(sample: Searcher) -> None:
    assert (await sample.find("what did geoffrey oduya say about tutors")).absent == "geoffrey oduya"
    for question in (
        "what did josefina arrate say about tutors",
        "what does arrate think of tutors",
        "what do teachers say about tutors",
        "tutors in the valley schools",
        'what did "geoffrey oduya" say',
    ):
        assert (await sample.find(question)).absent is None, question


async def test_the_year_that_is_asked_for_limits_what_is_searched(sample: Searcher) -> None:
    dates = [episode.about.published for episode in sample.edition.episodes.values()]
    years = {date.year for date in dates if date is not None}
    year = max(years)
    found = await sample.find(f"what was said in {year} about people and machines at work")
    assert found.year == AskedYear(year, is_known=True)
    assert found.passages
    for passage in found.passages:
        assert passage.episode.about.published is not None
        assert passage.episode.about.published.year == year
    plain = await sample.find("what was said in 2001 about people and machines at work")
    assert plain.year == AskedYear(2001, is_known=False)
    assert (await sample.find(f"what was said in {year + 1} about machines")).year is None, (
        "nothing is so late"
    )


async def test_where_no_episode_of_the_asked_year_answers_all_are_searched_and_it_is_told(
    house: House,
) -> None:
    house.put("old", "Sourdough starters need rye flour. We baked bread all summer. ", published="2019-05-01")
    crisis = (
        "The board crisis at Lumen started in spring 2019 when the founder left and the investors panicked. "
    )
    house.put("new", crisis, published="2024-05-01")
    for number in range(6):
        house.put(
            f"train-{number}",
            f"Trains number {number} run on steel rails.",
            published=f"20{number + 18}-01-01",
        )
    await house.build()
    searcher = await house.open()
    for question, year in (
        ("what started the board crisis at Lumen back in 2019", None),
        ("what was said in 2019 about the board crisis at Lumen", AskedYear(2019, is_known=False)),
        ("what was said in 2019 about rye flour", AskedYear(2019, is_known=True)),
        ("what was said in 2019 about the opera", AskedYear(2019, is_known=False)),
    ):
        found = await searcher.find(question)
        answers = {passage.episode.slug for passage in found.passages}
        expected = {"old"} if "flour" in question else set() if "opera" in question else {"new"}
        assert (answers, found.year) == (expected, year), question
    sided = await searcher.find("what was said in 2019 about rye flour", filters=Filters(band="Risk-forward"))
    assert (sided.passages, sided.year) == ((), AskedYear(2019, is_known=True))


async def test_a_misspelt_question_is_compared_in_meaning_as_it_was_meant(sample: Searcher) -> None:
    misspelt = await sample.find("tutors in the vally schols")
    spelt = await sample.find("tutors in the valley schools")
    assert misspelt.passages[0].near == pytest.approx(spelt.passages[0].near, abs=1e-3)


@pytest.mark.parametrize(
    ("typed", "is_sure"), [("Galactica", False), ("galactica", True), ("Galactic", True)]
)
async def test_a_name_read_as_another_word_is_not_surely_answered(
    real_house: House, typed: str, is_sure: bool
) -> None:
    real_house.put(
        "maps", "We drew a galactic map. The galactic centre is bright, and the galactic arms turn. " * 4
    )
    await real_house.build()
    found = await (await real_house.open()).find(typed)
    assert found.is_match
    assert found.is_sure == is_sure


async def test_a_guest_speaks_where_the_transcript_names_nobody(real_house: House) -> None:
    real_house.put("mill", "The mill stood still when the river rose. " * 9, guests=["Ottoline Bråddock"])
    real_house.put("other", "The mill stood still when the river rose again. " * 9, guests=["Ada Rivers"])
    await real_house.build()
    searcher = await real_house.open()
    found = await searcher.find("mill and river", filters=Filters(speaker="braddock"))
    assert {passage.episode.slug for passage in found.passages} == {"mill"}
    assert {passage.quote.speaker for passage in found.passages} == {None}


async def test_who_is_named_is_asked_and_nobody_else(real_house: House) -> None:
    sure = "I am fairly confident that the mill will work when the river rises. "
    real_house.put("ada", sure * 9, guests=["Ada Braddock"])
    real_house.put("bo", f"{sure * 4} The oven is cold. " * 3, guests=["Bo Lindqvist"])
    real_house.put(
        "of-ada", f"Braddock was confident that the mill will work. {sure * 4}" * 3, guests=["Cy Holm"]
    )
    await real_house.build()
    searcher = await real_house.open()
    asked = "how confident was ada braddock that the mill will work"
    named = await searcher.find(asked)
    assert {passage.episode.slug for passage in named.passages} <= {"ada", "of-ada"}
    assert named.passages[0].episode.slug == "ada"
    everybody = await searcher.find("how confident were they that the mill will work")
    assert "bo" in {passage.episode.slug for passage in everybody.passages}


async def test_the_fewer_slices_are_searched_the_less_an_answer_needs(sample: Searcher) -> None:
    question = "tutors in schools"
    whole = await sample.find(question)
    source = next(iter(sample.edition.episodes.values())).about.source
    assert (await sample.find(question, filters=Filters(source=source))).floor < whole.floor
    one = Filters(episode=min(sample.edition.episodes))
    assert (await sample.find(question, filters=one)).floor == whole.floor, (
        "chatter beside a link is no question"
    )
    asked_where = await sample.find(f"where's the bit about {question}", filters=one)
    assert asked_where.floor < whole.floor


async def test_one_common_word_of_two_is_no_subject(real_house: House) -> None:
    real_house.put("mill", "The machine at the mill stood still when the river rose. " * 9)
    real_house.put("garden", "The teacher and the machine read all afternoon in the garden. " * 9)
    real_house.put("opera", "A tenor sang of the machine and of conscience. " * 2)
    await real_house.build()
    searcher = await real_house.open()
    assert (await searcher.find("machine river")).is_match
    assert not (await searcher.find("machine trombone")).is_match


async def test_links_open_two_seconds_early_and_never_before_the_start(real_house: House) -> None:
    words = "The mill stood still today. " + "Nobody came along the road. " * 30 + "The teacher read aloud. "
    real_house.put("mill", words, video_id="abcdefghijk")
    await real_house.build()
    searcher = await real_house.open()
    first = (await searcher.find("mill stood still")).passages[0]
    last = (await searcher.find("teacher read aloud")).passages[0]
    assert first.link == "https://youtu.be/abcdefghijk?t=0"
    assert last.quote.start_s is not None
    assert last.link == f"https://youtu.be/abcdefghijk?t={math.floor(last.quote.start_s - 2)}"
    spoken_at = words.split().index("teacher") // 8 * 4.0  # eight words in each four seconds
    assert abs(last.quote.start_s - spoken_at) <= 4


async def test_seconds_survive_storing_to_the_hundredth(sample: Searcher) -> None:
    for episode in sample.edition.episodes.values():
        for record in await sample.edition.slices.of_episode(episode.id):
            seconds = [second for _, second in record.piece.anchors]
            assert seconds == sorted(seconds)
            assert record.piece.second_at(0) == pytest.approx(record.piece.start_s, abs=0.011)


async def test_the_sample_knows_its_words(sample: Searcher) -> None:
    assert len(await sample.analyzer.speller.words.written()) > 1000
    assert np.isfinite(sample.tables.directions).all()


async def test_a_letter_is_asked_for_where_the_library_says_it_beside_its_word(real_house: House) -> None:
    real_house.put("named", "You should know things like Big O notation and why a lookup is fast. " * 3)
    real_house.put("big", "It was a big mill, a big deal, and big companies bought big ferries. " * 9)
    real_house.put("other", "The teacher and the children read all afternoon in the garden. " * 40)
    await real_house.build()
    searcher = await real_house.open()
    found = await searcher.find("big o")
    assert found.episodes[0].episode.slug == "named"
    first = found.passages[0]
    assert "Big O" in first.quote_text
    assert (await searcher.analyzer.analyze("big o")).terms.stems == ("big", "o")
    assert (await searcher.analyzer.analyze("big x")).terms.stems == ("big",), "nobody says that"


async def test_of_merged_slices_the_one_with_the_words_is_quoted(real_house: House) -> None:
    filler = (
        "The herd of unicorns was praised by everybody in the whole long evening of talk about unicorns. "
    )
    asked = "They lived in a valley of the Andes, and the unicorns spoke English to the miller and his dog. "
    real_house.put("talk", filler * 9 + asked + filler * 9)
    real_house.put("other", "The teacher and the children read all afternoon in the garden. " * 40)
    await real_house.build()
    found = await (await real_house.open()).find("unicorns in the andes who speak english")
    assert "Andes" in found.passages[0].quote_text


async def test_a_passage_is_as_near_as_one_of_its_slices(sample: Searcher) -> None:
    of_another = []
    for question in ASKED:
        asked = sample.encoder.encode([(await sample.analyzer.analyze(question.query)).text])[0]
        for passage in (await sample.find(question.query)).passages:
            places = sample.edition.columns.places_of([record.id for record in passage.slices])
            near = [
                float((sample.edition.vectors.take(np.arange(first, end)) @ asked).max())
                for first, end in (sample.tables.first_windows[place : place + 2] for place in places)
            ]
            if passage.near not in [pytest.approx(each, abs=0.01) for each in near]:
                of_another.append((question.query, passage.best, passage.near, near))
    assert of_another == []


async def test_a_passage_that_ends_with_the_hosts_question_goes_on_to_the_answer(house: House) -> None:
    asked = "Did the unicorns of the Andes ever speak English to the people who found them up there?"
    herd = "The herd of unicorns grazed in the Andes all summer long, said the miller. "
    reply = "Yes, they did so fluently, and it took everybody by surprise on the first morning. "
    told = herd * ((LONGEST_PASSAGE_SLICES * TARGET_CHARS - len(asked)) // len(herd))
    house.put("talk", None, hosts=["Bo Hurst"], guests=["Ada Lind"], transcripts=[{"file": "talk.md"}])
    (house.library / "talk" / "talk.md").write_text(
        f"**Ada Lind:** {told}\n\n**Bo Hurst:** {asked}\n\n**Ada Lind:** {reply * 13}\n"
    )
    for number in range(12):
        house.put(f"train-{number}", f"Trains number {number} run on steel rails over the bridge. " * 30)
    await house.build()
    found = await (await house.open()).find("unicorns of the andes who speak english", n_passages=1)
    check(found.passages, "unicorns")
    assert len(spans(found.passages[0])) == LONGEST_PASSAGE_SLICES + 1
    assert found.passages[0].quote_text.startswith("Yes, they did")
