"""Laws of the lexical reader, held on the shipped lexicon."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.lexicon.reader import Lexicon, lexical_position

FILE = Path(__file__).resolve().parents[3] / "data" / "axes" / "risk-opportunity" / "lexicon.toml"
LEXICON = Lexicon.load(FILE)

RISKS = [
    "these systems are dangerous",
    "it will kill everyone",
    "the model deceives us",
    "i see an existential threat",
    "this is a catastrophe",
]
BENEFITS = [
    "this is a breakthrough",
    "it will cure cancer",
    "we get abundance for everyone",
    "the results are promising",
]


def position(text):
    return lexical_position(LEXICON.read(text))


@pytest.mark.parametrize("text", RISKS)
def test_a_risk_pulls_to_the_low_pole(text):
    assert position(text) < -18


@pytest.mark.parametrize("text", BENEFITS)
def test_a_benefit_pulls_to_the_high_pole(text):
    assert position(text) > 18


@pytest.mark.parametrize(
    ("plain", "negated"),
    [
        ("these systems are dangerous", "these systems are not dangerous"),
        ("these systems are dangerous", "these systems aren't dangerous"),
        ("these systems are dangerous", "I don't think it's dangerous"),
        ("these systems are dangerous", "i dont think they are dangerous"),
        ("it will kill everyone", "it will never kill everyone"),
        ("this is a breakthrough", "this isn’t a breakthrough"),
        ("the results are promising", "the results are not promising"),
        ("it is doomed", "without being doomed"),
    ],
)
def test_negation_turns_or_silences(plain, negated):
    assert position(plain) * position(negated) <= 0
    assert LEXICON.read(negated).matches[0].flipped_by


@pytest.mark.parametrize(
    "text",
    [
        "the fear of extinction is overblown",
        "I don't buy the existential risk story",
        "there is no reason to think it would kill everyone",
        "killer robots are science fiction",
        "the doomers keep saying that it will wipe out humanity",
    ],
)
def test_a_risk_named_to_be_dismissed_counts_for_opportunity(text):
    assert position(text) > 0


@pytest.mark.parametrize(
    "text",
    ["they promise us a breakthrough", "a so-called revolution in abundance", "don't believe the hype"],
)
def test_a_benefit_named_to_warn_does_not_count_for_opportunity(text):
    assert position(text) <= 0


@pytest.mark.parametrize(
    ("stated", "rejected"),
    [
        (
            "people say it will escape or take over",
            "people say it will escape or take over and i just don't buy that",
        ),
        (
            "it could deceive us and seize power",
            "it could deceive us and seize power. I don't believe any of that.",
        ),
        (
            "an ai that suddenly takes over the world",
            "an ai that suddenly takes over the world it's preposterous",
        ),
        ("they think it will kill everyone", "they think it will kill everyone those people are wrong"),
        ("the machines will enslave us", "the machines will enslave us we hear and it's not going to happen"),
        (
            "terrorists misuse these tools",
            "terrorists misuse these tools they say and none of that is true",
        ),
    ],
)
def test_a_rejection_turns_the_risks_that_were_named_before_it(stated, rejected):
    assert position(stated) < 0 < position(rejected)


@pytest.mark.parametrize(
    ("stated", "rejected"),
    [
        (
            "it will cure cancer and end poverty",
            "it will cure cancer and end poverty and i don't buy any of it",
        ),
        ("this is a breakthrough", "they say this is a breakthrough and that's just not true"),
    ],
)
def test_a_rejection_turns_the_benefits_that_were_named_before_it(stated, rejected):
    assert position(rejected) < 0 < position(stated)


def test_a_rejection_that_goes_on_to_name_something_rejects_that_and_nothing_before():
    assert position("i don't buy that it will kill us") > 0
    assert position("i don't buy that it will cure cancer") < 0
    matches = LEXICON.read("the danger is there and i don't buy that it will cure cancer").matches
    assert [match.flipped_by for match in matches if match.text == "danger"] == [None]


def test_a_rejection_of_nothing_that_was_named_pulls_nowhere():
    assert position("he says the train leaves at nine and i don't buy that") == 0


def test_a_rejection_that_is_itself_negated_rejects_nothing():
    assert position("it is dangerous and i'm not saying that's nonsense") < 0


def test_a_rejection_reaches_thirty_words_back():
    words = " ".join(["so we went on talking about the weather that day"] * 4)
    near, far = (
        LEXICON.read(f"it will kill everyone {between} i don't buy that").matches[0]
        for between in ("they said", words)
    )
    assert near.flipped_by == "don't buy that"
    assert far.flipped_by is None


def test_what_people_say_does_not_count_once_the_speaker_turns_from_it():
    said = LEXICON.read("people claim that it will wipe out humanity").low
    turned_from = LEXICON.read("people claim that it will wipe out humanity but it is a thing we make").low
    assert said > 0 == turned_from
    assert (
        position("everyone says it is a breakthrough but it is dangerous") < position("it is dangerous") / 2
    )
    assert position("everyone says it is a breakthrough") > 0


def test_the_subject_of_a_negated_predicate_is_silenced_with_it():
    assert position("terrorists misuse it") < 0
    assert position("terrorists could not misuse it") > 0
    assert position("the customers love the product") > 0
    assert position("the customers don't love the product") < 0
    assert position("the danger is not overblown") < 0


@pytest.mark.parametrize(
    "text", ["why would it want to dominate us", "why would a machine want to enslave anybody"]
)
def test_a_rhetorical_question_dismisses_the_risk_that_it_names(text):
    assert position(text) > 0


def test_a_bare_negator_reaches_three_words_and_a_long_one_six():
    near, far, long = (
        LEXICON.read(text).matches[0].flipped_by
        for text in (
            "not a very dangerous one",
            "not the old man with the dangerous dog",
            "it is not going to be an ai that takes over the world",
        )
    )
    assert (near, far, long) == ("not", None, "is not going to")


def test_a_reliever_takes_the_sting_out_of_a_risk():
    assert position("there are risks") < 2 * position("it prevents risks") < 0
    assert LEXICON.read("it prevents risks").matches[0].flipped_by == "prevents"


def test_a_term_does_not_run_over_a_punctuation_mark():
    assert LEXICON.read("we game the test").matches
    assert LEXICON.read("we played a game, the rain fell").matches == ()
    assert [match.text for match in LEXICON.read("that is a \u201closs\u201d of control").matches] == [
        "loss\u201d of control"
    ]


@pytest.mark.parametrize(
    ("risk", "benefit"),
    [
        ("smarter than we are and nobody can switch it off", "as good as an expert and cheap"),
        ("the safeguards don't work", "the safeguards work"),
        ("we cannot trust what it says", "we can trust what it says"),
        ("an accident is only a matter of time", "the customers love the product"),
        ("it collects stamps until everyone is dead", "a twelve year old built an app in a weekend"),
        ("what worries me is that no one is prepared", "now we can do it for the first time"),
    ],
)
def test_everyday_words_take_their_side(risk, benefit):
    assert position(risk) < -18
    assert position(benefit) > 18


@pytest.mark.parametrize(
    "text",
    [
        "the compiler warning and the error message and a syntax error",
        "there are two types of risk in that paper",
        "the human race",
        "tell me in advance",
    ],
)
def test_words_of_a_trade_are_no_warnings(text):
    assert LEXICON.read(text).matches == ()


def test_a_dismissal_that_is_itself_negated_leaves_the_risk():
    assert position("the danger is not overblown") < 0


def test_operators_stay_in_their_clause():
    assert position("no, it is dangerous") < 0
    assert position("i do not know but it is dangerous") < 0
    assert position("no it is dangerous") < 0


def test_hedges_weaken_and_boosters_strengthen():
    plain, hedged, boosted = (
        LEXICON.read(f"that thing {adverb} catastrophic").low for adverb in ("looks", "perhaps", "extremely")
    )
    assert hedged < plain < boosted


@pytest.mark.parametrize(
    "text",
    [
        "the loss function and the training loss",
        "at the risk of repeating myself",
        "an adversarial example and the attack surface",
        "empirical risk minimization with a reward function",
        "explore and exploit, catastrophic forgetting, attention heads",
        "i'm afraid so, it is safe to say",
        "kill the process",
        "an explosion of interest",
        "",
        "so we met on tuesday and had lunch by the river",
    ],
)
def test_words_without_a_stance_read_as_nothing(text):
    reading = LEXICON.read(text)
    assert reading.matches == ()
    assert lexical_position(reading) == 0


def test_a_longer_term_that_holds_a_neutral_one_wins():
    assert LEXICON.read("we have no idea").matches[0].text == "we have no idea"


@pytest.mark.parametrize("one", RISKS)
@pytest.mark.parametrize("other", BENEFITS)
def test_the_order_of_unrelated_sentences_does_not_matter(one, other):
    forth, back = LEXICON.read(f"{one}. {other}."), LEXICON.read(f"{other}. {one}.")
    assert lexical_position(forth) == pytest.approx(lexical_position(back))
    assert forth.lens_evidence == back.lens_evidence


@pytest.mark.parametrize("text", RISKS + BENEFITS)
def test_capitals_punctuation_and_caption_noise_do_not_matter(text):
    plain = position(text)
    noisy = re.sub(r" ", " uh ", text, count=1)
    stammered = " ".join(f"{word} {word}" for word in text.split())
    for other in (text.upper(), f"  {text}!!!", f"[Music] {text}", f">> {text}\n", noisy, stammered):
        assert position(other) == pytest.approx(plain)


def test_hyphens_and_apostrophes_do_not_matter():
    forms = ("a human-extinction level event", "a human extinction level event")
    assert len({position(form) for form in forms}) == 1
    assert position("we’re doomed") == position("we're doomed") == position("We're doomed.")


def test_saying_it_again_adds_less():
    once = LEXICON.read("danger").low
    twice = LEXICON.read("danger here and danger there").low
    assert once < twice < 2 * once


def test_lens_words_count_for_their_lens():
    evidence = LEXICON.read("the senate passed a bill on export controls").lens_evidence
    assert max(evidence, key=lambda lens: evidence[lens]) == "governance"
    evidence = LEXICON.read("gradient descent on the residual stream of a transformer").lens_evidence
    assert max(evidence, key=lambda lens: evidence[lens]) == "technical"


WORDS = st.sampled_from(
    "danger|not|won't|cannot|the|fear|overblown|they|promise|cure|cancer|loss|function|training|uh|you know|but"
    "|,|.|A.I.|human-level|no|idea|’s|[x]".split("|")
)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_text_is_read_and_its_matches_lie_in_it(text):
    reading = LEXICON.read(text)
    last = 0
    for match in reading.matches:
        assert last <= match.start < match.end <= len(text)
        assert match.text == text[match.start : match.end]
        last = match.end
    assert reading.low >= 0
    assert reading.high >= 0
    assert -100 <= lexical_position(reading) <= 100
    net = sum(match.weight for match in reading.matches)
    assert reading.high - reading.low == pytest.approx(net)


def test_offsets_cut_out_the_words_of_the_term():
    text = "Well, uh, it isn't a Loss-of-control scenario, it's human um extinction."
    found = [match.text for match in LEXICON.read(text).matches]
    assert found == ["Loss-of-control", "human um extinction"]


def test_a_line_of_two_million_characters_is_read():
    text = "it is not dangerous and they promise abundance " * 43_000
    assert len(text) > 2_000_000
    assert LEXICON.read(text).n_words == 8 * 43_000
    assert LEXICON.read("x" * 2_000_000).n_words == 1
