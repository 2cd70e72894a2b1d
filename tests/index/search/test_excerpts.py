"""What is quoted of a slice is one speaker's, answers the question, or else pulls the slice's way."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index.search.excerpts import LONGEST_EXCERPT_CHARS, Excerpt, excerpt_of, states_its_side
from index.search.quotable_sentences import Match
from index.storage.records import SliceRecord
from index.text.sentences import unit_ends
from index.text.slicing import Slice
from index.text.tokens import TermFinder, idf, terms_of
from scoring.reading import Driver, Reading

from ..conftest import episode_record, piece_of

EPISODE = episode_record(1, "A talk", video_id="abcdefghijk")
TEXT = "Is it safe? Ah. The dam may break and drown us. Bread is cheap. Yet the mill gives us hope and light."
UNITS = st.lists(
    st.lists(st.sampled_from(["river", "mill", "dam", "and", "rose"]), min_size=1, max_size=60).map(
        lambda words: " ".join(words) + "."
    ),
    min_size=1,
    max_size=10,
)


def record(
    position: float, *pulls: tuple[str, float], turns: tuple[tuple[int, str | None], ...] = ((0, None),)
) -> SliceRecord:
    drivers = tuple(
        Driver(text, pull, "phrase", TEXT.index(text), TEXT.index(text) + len(text)) for text, pull in pulls
    )
    piece = Slice(0, TEXT, None, None, turns[0][1], None, tuple(unit_ends(TEXT)), (), turns)
    return SliceRecord(1, 1, piece, Reading(position, "Mixed", "technical", "low", "leans", drivers))


def said(spoken: SliceRecord, most: int) -> str:
    return excerpt_of(EPISODE, spoken, most=most).text


def match_of(question: str, windows: tuple[tuple[int, int, float], ...] = ()) -> Match:
    terms = terms_of(question)
    return Match(TermFinder(terms), {stem: idf(10, 1) for stem in terms.stems}, windows)


def answer(
    spoken: SliceRecord | Slice,
    question: str,
    windows: tuple[tuple[int, int, float], ...] = (),
    *,
    most: int = LONGEST_EXCERPT_CHARS,
) -> Excerpt:
    if isinstance(spoken, Slice):
        spoken = replace(record(0), piece=spoken)
    return excerpt_of(EPISODE, spoken, match=match_of(question, windows), most=most)


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


def test_a_question_in_quotation_marks_gives_way_to_what_states_the_same() -> None:
    asked, stated = (
        "People ask me again: “Will the dam break?”",
        "I say to them that the dam will break by May.",
    )
    assert answer(piece_of(asked, stated), "dam break", most=60).text == stated


def test_it_is_one_persons() -> None:
    turns = ((0, "Bo"), (12, "Ada"))
    spoken = record(-15, ("safe", -9.0), ("break", -10.0), turns=turns)
    excerpt = excerpt_of(EPISODE, spoken, most=70)
    assert (excerpt.text, excerpt.speaker) == ("Ah. The dam may break and drown us.", "Ada")
    excerpt = excerpt_of(EPISODE, record(-15, ("safe", -9.0), turns=turns))
    assert (excerpt.text, excerpt.speaker) == ("Is it safe?", "Bo")


def test_a_turn_of_somebody_unnamed_ends_a_quote_and_names_nobody() -> None:
    spoken = record(-15, ("safe", -9.0), ("break", -10.0), turns=((0, None), (12, None), (48, "Ada")))
    excerpt = excerpt_of(EPISODE, spoken)
    assert (excerpt.text, excerpt.speaker) == ("Ah. The dam may break and drown us.", None)


def test_a_question_carries_a_position_less_than_a_statement() -> None:
    assert said(record(-15, ("safe", -9.0), ("break", -8.0)), 34) == "The dam may break and drown us."


def test_a_statement_comes_before_a_question_a_guests_before_the_hosts_and_what_sells_last() -> None:
    assert said(record(-15, ("safe", -20.0), ("break", -8.0)), 34) == "The dam may break and drown us."
    turns = ((0, "Bo"), (48, "Ada"))
    spoken = record(-15, ("break", -12.0), ("cheap", -8.0), turns=turns)
    assert excerpt_of(EPISODE, spoken, most=34).speaker == "Bo"
    hosted = replace(EPISODE, about=EPISODE.about.model_copy(update={"hosts": ("Bo",)}))
    assert excerpt_of(hosted, spoken, most=34).speaker == "Ada"
    assert states_its_side(EPISODE, spoken)
    assert not states_its_side(EPISODE, record(-15, ("safe", -20.0)))


def test_what_sells_or_greets_is_quoted_where_nothing_else_is_there() -> None:
    advert = "This episode is brought to you by Dam Rope."
    piece = piece_of("The dam may break and drown us all one day.", advert)
    at = piece.text.index("Dam Rope")
    reading = replace(record(-9).reading, drivers=(Driver("Dam Rope", -9.0, "phrase", at, at + 8),))
    both = SliceRecord(1, 1, piece, reading)
    assert not states_its_side(EPISODE, both)
    assert advert not in excerpt_of(EPISODE, both, most=50).text
    assert answer(both, "dam").text.startswith("The dam may")
    alone = SliceRecord(1, 1, piece_of(advert), record(0).reading)
    assert excerpt_of(EPISODE, alone).text == advert


def test_where_nothing_pulls_as_much_is_quoted_as_fits() -> None:
    assert said(record(0), 55) == "Bread is cheap. Yet the mill gives us hope and light."
    assert said(record(0), 5) == "Yet the mill gives us hope and light.", "a sentence is whole"


def test_what_pulls_the_other_way_is_not_what_the_slice_says() -> None:
    assert "hope" not in said(record(-5, ("hope", 15.0), ("break", -20.0)), 60)


def test_phrases_that_pull_are_marked() -> None:
    excerpt = excerpt_of(EPISODE, record(-5, ("break", -20.0), ("hope", 15.0)), most=60)
    assert [excerpt.text[start:end] for start, end in excerpt.marks] == ["break"]


def test_a_hosts_question_and_the_guests_answer_are_quoted_apart() -> None:
    turns = ((0, "Bo"), (12, "Ada"))
    asked, answered = record(-9, ("break", -9.0), turns=turns), "the dam may break"
    assert answer(asked, answered).speaker == "Ada"
    assert answer(asked, answered, most=31).text == "The dam may break and drown us."
    assert (answer(asked, "safe").text, answer(asked, "safe").speaker) == ("Is it safe?", "Bo")


def test_who_is_asked_for_is_quoted() -> None:
    asked = record(-9, ("break", -9.0), turns=((0, "Bo"), (12, "Ada Lind")))
    for question, speaker, said_by in (
        ("dam break", "bo", "Bo"),
        ("safe", "lind", "Ada Lind"),
        ("safe", "Eve", "Bo"),
    ):
        match = replace(match_of(question), speaker=speaker)
        assert excerpt_of(EPISODE, asked, match=match).speaker == said_by


def test_of_a_person_their_own_words_are_quoted_even_where_anothers_pull_more() -> None:
    own = TEXT.index("Yet the mill")
    turns = ((0, "Ada"), (own, "Bo"))
    spoken = record(-5, ("break", -20.0), ("hope", 15.0), turns=turns)
    assert excerpt_of(EPISODE, spoken, most=60).speaker == "Ada"
    assert excerpt_of(EPISODE, spoken, speaker="Bo", most=60).text == "Yet the mill gives us hope and light."
    assert excerpt_of(EPISODE, spoken, speaker="Cara", most=60).speaker == "Ada", "who says nothing there"


def test_of_equal_answers_the_one_that_carries_the_position_is_quoted() -> None:
    text = "The mill by the river stood still all day. The mill by the river may drown every one of us."
    drown = text.index("drown")
    reading = replace(record(-9).reading, drivers=(Driver("drown", -9.0, "phrase", drown, drown + 5),))
    spoken = SliceRecord(1, 1, piece_of(*text.replace("day. ", "day.|").split("|")), reading)
    assert (
        answer(spoken, "mill by the river", most=60).text
        == "The mill by the river may drown every one of us."
    )


@given(
    UNITS, st.sampled_from(["river dam", "mill", "nothing here"]), st.booleans(), st.sets(st.integers(1, 9))
)
def test_a_quote_is_whole_sentences_of_one_turn_and_its_marks_are_the_words(
    units: list[str], asked: str, near: bool, changes: set[int]
) -> None:
    piece = piece_of(*units)
    bounds = list(piece.units())
    starts = [0, *(bounds[place][0] for place in sorted(changes) if place < len(bounds))]
    piece = replace(piece, turns=tuple((start, f"Speaker {n}") for n, start in enumerate(starts)))
    windows = tuple((start, end, 0.1 * place) for place, (start, end) in enumerate(bounds)) if near else ()
    for excerpt in (answer(piece, asked, windows), excerpt_of(EPISODE, replace(record(0), piece=piece))):
        inside = [(start, end) for start, end in bounds if excerpt.start <= start < excerpt.end]
        assert (excerpt.start, excerpt.end) == (inside[0][0], inside[-1][1])
        assert {piece.speaker_at(start) for start, _ in inside} == {excerpt.speaker}
        assert len(inside) == 1 or excerpt.end - excerpt.start <= LONGEST_EXCERPT_CHARS
        assert excerpt.text == piece.text[excerpt.start : excerpt.end]
    quote = answer(piece, asked, windows)
    marked = [quote.text[start:end].lower() for start, end in quote.marks]
    assert marked == [word for word in quote.text.replace(".", "").split() if word in asked.split()]


QUESTIONS_BETWEEN = st.lists(
    st.tuples(st.sampled_from(["river", "mill", "dam", "rose"]), st.integers(1, 12), st.booleans()),
    min_size=1,
    max_size=9,
)


@given(QUESTIONS_BETWEEN, st.integers(0, 8), st.integers(60, 500))
def test_a_quote_has_the_sentence_that_is_likeliest_asked_for(
    told: list[tuple[str, int, bool]], nearest: int, most: int
) -> None:
    """Where nobody is named, too, and the next question ends a quote."""
    piece = piece_of(
        *(" ".join([word] * number) + (" up?" if asks else " up.") for word, number, asks in told)
    )
    windows = tuple((start, end, float(place == nearest)) for place, (start, end) in enumerate(piece.units()))
    quote = answer(piece, "river dam", windows, most=most)
    assert 0 <= quote.core[0] < quote.core[1] <= len(quote.text)


def test_the_sentence_with_the_words_is_quoted_with_its_second_and_link() -> None:
    piece = piece_of(
        "It rained on all of us for a week or so.",
        "The old mill wheel stood quite still then.",
        "We left.",
        anchors=((0, 10.0), (41, 20.0), (84, 30.0)),
    )
    excerpt = answer(piece, "mill wheel", most=50)
    assert excerpt.text == "The old mill wheel stood quite still then."
    assert (excerpt.start_s, excerpt.link) == (20.0, "https://youtu.be/abcdefghijk?t=18")


def test_without_words_the_nearest_window_is_quoted() -> None:
    piece = piece_of(
        "One sentence that is long enough to be shown.", "Another sentence that is long enough to be shown."
    )
    second = piece.unit_ends[0] + 1
    excerpt = answer(piece, "river", ((0, second - 1, 0.2), (second, len(piece.text), 0.6)), most=60)
    assert (excerpt.start, excerpt.marks) == (second, ())


def test_a_sentence_of_chinese_is_long_enough_to_stand_alone() -> None:
    piece = piece_of("今天的会议从屋顶的话题开始，大家讨论了很久。", "有人带来了蛋糕，上面有九支蜡烛。")
    excerpt = answer(piece, "九支蜡烛", most=30)
    assert excerpt.text == "有人带来了蛋糕，上面有九支蜡烛。"
    assert [excerpt.text[start:end] for start, end in excerpt.marks] == ["九支蜡烛"]


def test_a_short_answer_is_quoted_with_what_explains_it() -> None:
    told = (
        "The homework took the whole evening, and nobody in the house could help with any of it.",
        "And the machine is a tablet with a tutor on it.",
        "It listens to her, and it does not tire of the same question.",
        "Rain came late that year and the road to the school was closed for a month after it.",
    )
    spoken = piece_of(*told)
    assert answer(spoken, "tutor on a tablet").text == " ".join(told[1:])
    assert answer(spoken, "road closed").text == told[3]
    assert answer(spoken, "tutor on a tablet", most=100).text == told[1]
    assert answer(piece_of(*told[:2]), "tutor on a tablet").text == told[1], "the link opens where it is said"
    long = "The tablet has a tutor on it that " + "listens to her and " * 8 + "does not tire."
    assert answer(piece_of(long, *told[3:]), "tutor on a tablet").text == long


def test_an_answer_reaches_as_far_as_what_carries_the_position_in_the_same_turn() -> None:
    told = (
        "And the machine is a tablet with a tutor on it that the school had bought for everybody in the valley.",
        "The bus that brings them home again takes two hours, and there is no light in it to read by at all.",
        "So for the first time every child here has the teacher that only the rich had.",
    )
    spoken = piece_of(*told)
    hope = spoken.text.index("every child")
    reading = replace(record(50).reading, drivers=(Driver("every child", 40.0, "phrase", hope, hope + 11),))
    assert answer(SliceRecord(1, 1, spoken, reading), "tutor on a tablet").text == " ".join(told)
    assert answer(SliceRecord(1, 1, spoken, reading), "tutor on a tablet", most=250).text == " ".join(
        told[:2]
    )
    before = piece_of(told[2], *told[:2])
    hope = before.text.index("every child")
    early = replace(reading, drivers=(Driver("every child", 40.0, "phrase", hope, hope + 11),))
    assert answer(SliceRecord(1, 1, before, early), "tutor on a tablet").text == " ".join(told[:2])
    last = spoken.text.index("So for")
    shared = replace(spoken, turns=((0, "Ada"), (last, "Bo")))
    assert answer(SliceRecord(1, 1, shared, reading), "tutor on a tablet").text == " ".join(told[:2])


def test_a_guests_words_come_before_a_hosts_beside_them() -> None:
    host, guest = "You say that the dam may break one day.", "Yes, the dam may break in any spring."
    piece = Slice(
        0, f"{host} {guest}", None, None, "Bo", None, (len(host), len(host) + 1 + len(guest)), (),
        ((0, "Bo"), (len(host) + 1, "Ada")),
    )  # fmt: skip
    spoken = replace(record(0), piece=piece)
    hosted = replace(EPISODE, about=EPISODE.about.model_copy(update={"hosts": ("Bo",)}))
    assert excerpt_of(EPISODE, spoken, match=match_of("dam break")).speaker == "Bo"
    assert excerpt_of(hosted, spoken, match=match_of("dam break")).speaker == "Ada"


def test_an_advert_is_quoted_only_where_there_is_nothing_else() -> None:
    sold = "This episode is brought to you by Harbour Rope, for every dam and every break."
    spoken = piece_of(sold, "The dam is old.")
    assert answer(spoken, "dam break").text == "The dam is old."
    assert answer(piece_of(sold), "dam break").text == sold


def _interview(*turns: tuple[str, str]) -> SliceRecord:
    text, ends, starts = "", [], []
    for speaker, sentence in turns:
        starts.append((len(text), speaker))
        text += sentence
        ends.append(len(text))
        text += " "
    piece = Slice(0, text.rstrip(), None, None, turns[0][0], None, tuple(ends), (), tuple(starts))
    return replace(record(0), piece=piece)


def test_of_a_hosts_question_and_its_answer_the_answer_is_quoted() -> None:
    """The question has every word that was asked for, the answer none: it is the answer that a reader wants."""
    hosted = replace(EPISODE, about=EPISODE.about.model_copy(update={"hosts": ("Bo",)}))
    answered = (
        "You pay for it only when the miller has done his work in full, and not by the hour or by the sack, "
        "as it was before the war, when my father had it."
    )
    asked = "And what is flour-based pricing, for those who never heard of it?"
    aside = "We had a long spring this year and the river was high for weeks."
    spoken = _interview(("Bo", asked), ("Ada", answered), ("Bo", "Mm, I see."), ("Ada", aside))
    match = match_of("flour based pricing", ((0, len(asked), 0.9), (len(asked) + 1, 400, 0.1)))
    assert excerpt_of(hosted, spoken, match=match).text.startswith(answered)
    assert excerpt_of(hosted, spoken, match=replace(match, speaker="Bo")).speaker == "Bo", (
        "who alone is quoted"
    )
    short = _interview(("Bo", asked), ("Ada", "Gladly."), ("Bo", "Please."))
    assert excerpt_of(hosted, short, match=match).text == asked
    alone = _interview(("Ada", aside), ("Bo", asked))
    assert excerpt_of(hosted, alone, match=match_of("flour based pricing")).text == asked


def test_what_leads_up_to_a_hosts_question_gives_way_to_its_answer() -> None:
    hosted = replace(EPISODE, about=EPISODE.about.model_copy(update={"hosts": ("Bo",)}))
    leads, asks = "I want to turn to flour, which is everywhere now.", "How do you choose your flour?"
    answered = (
        "You put your hand into the sack and wait until it is warm, and then you smell the hand, which tells you more "
        "than any paper that the dealer shows you at his door."
    )

    def quoted(*hosts: str) -> str:
        turns = ((0, "Bo"), (len(" ".join(hosts)) + 1, "Ada"))
        piece = replace(piece_of(*hosts, answered), speaker="Bo", turns=turns)
        return excerpt_of(hosted, replace(record(0), piece=piece), match=match_of("flour")).text

    assert quoted(leads, asks) == answered
    assert quoted(leads, "And how is your mother?").startswith(leads), "the question is about something else"
    assert quoted(leads, "Let us begin.").startswith(leads), "nothing is asked"
    doubted = "People say that flour is finished."
    assert quoted(doubted, "I know that you don't believe it.", "Talk about what you see there.") == answered
    assert quoted(doubted, "So tell us why.") == answered, "a request is a question without its mark"
    rain = [f"It rained in month {month}, and the mill stood still." for month in range(6)]
    far = (*rain, "Tell us about your mother.")
    assert quoted(doubted, *far).startswith(doubted), "it asks for something else by then"


def test_a_quote_does_not_end_where_its_speaker_breaks_off() -> None:
    broken, whole = (
        "So I should just say that this old dam of ours...",
        "They say the dam will stand for a hundred years.",
    )
    assert answer(piece_of(broken, whole), "dam").text.endswith(whole)
    assert answer(piece_of(broken), "dam").text == broken


def test_an_introduction_with_the_questions_words_gives_way_to_an_answer_with_fewer() -> None:
    opening = "My guest is Tobias Renn, who runs a bakery where a program plans the night."
    said_last = "Anybody with flour on their hands may overrule it."
    near = (((0, len(opening), 0.9)), (len(opening) + 1, len(opening) + 1 + len(said_last), 0.3))
    question = "who may overrule the program of the bakery"
    assert answer(piece_of(opening, said_last), question, near).text == said_last
    assert answer(piece_of(opening, "Yes."), question).text.startswith(opening), "where nothing else answers"


def test_a_request_to_subscribe_is_not_quoted_along_with_an_answer() -> None:
    answered = "The mill gives light to the whole valley below it."
    asked = "If you like the mill and its light, don't forget to subscribe."
    assert answer(piece_of(answered, asked), "light of the mill in the valley").text == answered


def test_a_sentence_is_not_near_for_the_greeting_that_shares_its_window() -> None:
    opening, beside = (
        "My guest is Tobias Renn, who runs a bakery.",
        "It guesses how many loaves we will sell tonight.",
    )
    answered = "Anybody with flour on their hands may overrule it at any time."
    first = len(opening) + 1 + len(beside)
    windows = ((0, first, 0.9), (first + 1, first + 1 + len(answered), 0.3))
    piece = piece_of(opening, beside, answered)
    assert answer(piece, "who may overrule the bakery", windows, most=80).text == answered


def test_a_claim_that_a_judge_named_is_quoted_word_for_word_or_cut_after_a_sentence_or_a_word() -> None:
    claimed = replace(record(0), claim=(TEXT.index("dam may"), TEXT.index(" us. Bread")))
    assert said(claimed, 60) == "dam may break and drown"
    assert said(claimed, 10) == "dam may"
    two = replace(record(0), claim=(TEXT.index("The dam"), TEXT.index(" Yet")))
    assert said(two, 60) == "The dam may break and drown us. Bread is cheap."
    assert said(two, 40) == "The dam may break and drown us."


BREATHS = (
    "we look around the shed with all its many lamps and what does the miller do about the flood in the yard "
    "well the answer is plain to anyone who ever kept a mill he covers up the gauge by putting his own good hat on it",
    "won't see any water so he won't lose any sleep and then we went on to other things entirely",
)


def test_a_quote_that_speech_without_full_stops_cuts_amid_a_clause_has_its_rest() -> None:
    text = " ".join(BREATHS)
    piece = Slice(0, text, None, None, None, None, (len(BREATHS[0]), len(text)), (), ((0, None),))
    found = answer(piece, "miller puts his hat on the gauge and sees no water", most=260)
    assert found.text == f"{BREATHS[0]} won't see any water"
    assert answer(piece, "miller puts his hat on the gauge", most=230).text == BREATHS[0], "no room"
    short = answer(piece, "hat on the gauge and sees no water", most=220).text
    assert short.endswith("on it won't see any water")
    assert len(short) <= 220
    assert "gauge" in short


def test_a_quote_of_whole_sentences_is_not_run_on_into_the_next() -> None:
    piece = piece_of(
        "The miller put his good old hat upon the gauge in the yard of the mill.", "No water was seen."
    )
    assert answer(piece, "hat gauge water", most=80).text.endswith("mill.")


def test_a_quote_does_not_end_before_its_speaker_turns_nor_begin_where_they_do() -> None:
    piece = piece_of(
        "Everybody says that the machine will mind the mill because it minded the dam so well last spring.",
        "That may be true of dams, and I would not bet a bag of flour on it.",
        "We went to the market afterwards.",
    )
    assert answer(piece, "machine will mind the mill as it minded the dam").text.endswith("flour on it.")
    assert answer(piece, "machine will mind the mill", most=110).text.endswith("last spring."), "no room"
    back = piece_of(
        "We went to the market in the morning.",
        "Nearly all of the old hands wanted a second apprentice before they wanted a machine.",
        "But the owners of several mills would rather have the machine, since apprentices want to be paid.",
    )
    assert answer(back, "owners of mills would rather have the machine").text.startswith("Nearly all")


def test_captions_do_not_end_a_quote_before_the_speaker_turns() -> None:
    breaths = (
        "they'll just have some people running the mill from a room so that they have full control of the wheel and of "
        "the sluice and of whatever else there is in it that may turn or burst or spill when the river rises",
        "but that is not a plan at all it is a wish so we went to the market and bought flour",
    )
    text = " ".join(breaths)
    piece = Slice(0, text, None, None, None, None, (len(breaths[0]), len(text)), (), ((0, None),))
    found = answer(piece, "people running the mill from a room with full control").text
    assert "not a plan" in found
    assert "bought flour" not in found


def test_a_long_turn_of_captions_is_cut_after_a_word() -> None:
    said = (
        "they say that the mill will run for ever and that nobody has to mind the wheel or the sluice at all"
    )
    turn = "but nothing lasts" + " forever" * 30
    text = f"{said} {turn}"
    piece = Slice(0, text, None, None, None, None, (len(said), len(text)), (), ((0, None),))
    found = answer(piece, "mill will run and nobody has to mind the wheel", most=240).text
    assert found.endswith(" forever")
    assert len(found) > len(said)


def test_the_sentence_with_most_of_the_words_is_quoted() -> None:
    piece = piece_of(
        "One of the things that I learned early at the big mill was that a miller has no horse at all.",
        "And at the same time we had told him how you set the alarm.",
        "So the miller was confused whether he can set an alarm, for he has no horse.",
        "Well, that is life in a mill.",
    )
    question = "why can the miller not set an alarm without a horse so early"
    for most in (80, 200, 400):
        assert "So the miller was confused" in answer(piece, question, most=most).text
    assert answer(piece, "early at the big mill", most=160).text.startswith("One of the things")


DEEP = " under the rock, down where nothing has moved in a billion years, and nobody is any the wiser for it"
DEBATE = (
    ("Bo", "Because they imported, some of it from the reactors over there, and that was dear."),
    ("Ada", "Let us turn to waste, which people wrote to us about."),
    ("Bo", f"All the spent fuel of sixty years fits into a sports hall{DEEP}."),
    ("Cy", f"It is solved over there, and here every village has said no{DEEP}."),
    ("Ada", "Small reactors, then, which every minister mentions."),
    ("Bo", "I would rather build the big boring ones, six of them, with the same crew."),
)


def debate(
    speaker: str,
    question: str,
    *turns: tuple[str, str],
    near: tuple[tuple[int, float], ...] = ((2, 0.4), (-1, 0.1)),
) -> str:
    """What is quoted of ``speaker`` alone; ``near`` has the last turn of each window, and how near that is."""
    piece, offsets, at = piece_of(*(text for _, text in turns)), [], 0
    for name, text in turns:
        offsets.append((at, name))
        at += len(text) + 1
    spoken = replace(record(0), piece=replace(piece, speaker=turns[0][0], turns=tuple(offsets)))
    ends = [piece.unit_ends[last] for last, _ in near]
    starts = [0, *(end + 1 for end in ends[:-1])]
    windows = tuple(
        (start, end, similar) for start, end, (_, similar) in zip(starts, ends, near, strict=True)
    )
    return excerpt_of(EPISODE, spoken, match=replace(match_of(question, windows), speaker=speaker)).text


def test_who_is_asked_about_a_thing_speaks_of_it_without_its_name() -> None:
    assert debate("Bo", "waste", *DEBATE) == DEBATE[2][1]
    assert (
        debate("Cy", "waste", *DEBATE, ("Cy", "And the wind is free, as everybody knows by now."))
        == DEBATE[3][1]
    )
    assert debate("Bo", "reactors", *DEBATE) == DEBATE[0][1], "who says the word itself comes first"


def test_a_mere_yes_is_no_answer() -> None:
    turns = [
        DEBATE[0],
        DEBATE[1],
        ("Bo", "That is quite right, yes, and you know it as well as I do."),
        DEBATE[4],
    ]
    assert debate("Bo", "waste", *turns) == DEBATE[0][1]


def test_a_window_of_others_words_makes_nothing_of_one_speaker_near() -> None:
    others = ("Ada", f"Ashes and slag, barrels of it, and nobody knows where it is to go{DEEP}.")
    own = ("Bo", f"We bury it in a hall{DEEP}.")
    turns = (DEBATE[5], others, own, ("Ada", "And who is to pay for it in the end?"))
    assert debate("Bo", "refuse", *turns, near=((1, 0.4), (2, 0.35), (3, 0.1))) == own[1]


UNNAMED = piece_of(
    "So it is a tool when it reads and a danger when it writes?",
    "Yes, it is a dog, more or less.",
    "It is a good dog and a bad shepherd.",
    "What about the trust?",
    "We put a small robot next to the headline.",
)


def test_where_nobody_is_named_an_answer_does_not_run_on_into_the_next_question() -> None:
    near = ((UNNAMED.unit_ends[0] + 1, UNNAMED.unit_ends[2], 0.9), (0, 1, 0.1))
    told = ("Yes, it is a dog, more or less.", "It is a good dog and a bad shepherd.")
    assert answer(UNNAMED, "dog", near).text.endswith(" ".join(told))
    assert "What about the trust?" in answer(UNNAMED, "trust").text, "what is asked for stays"
    led = piece_of("There is an election in May.", "Are you worried?", "I am more than worried.")
    assert "Are you worried?" in answer(led, "election").text, "a single sentence may lead up to the question"
    named = replace(UNNAMED, speaker="Ada", turns=((0, "Ada"),))
    assert "What about the trust?" in answer(named, "dog", near).text, "she may ask herself"
