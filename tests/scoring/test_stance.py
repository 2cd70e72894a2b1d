"""The arithmetic of a stance model's readings, on what a model might say."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.apostrophes import with_plain_apostrophes
from scoring.axis import load_axis
from scoring.fitting import Scale
from scoring.lexicon.reader import Lexicon
from scoring.stance import Stance, StanceCalibration, StanceScorer, carrying_phrase, shares_of, spoken

AXIS = Path(__file__).resolve().parents[2] / "data" / "axes" / "risk-opportunity"
TEXT = (
    "We met on a Tuesday. I fear that nobody can switch these machines off, and it will kill us. Anyway, tea."
)


def stance(
    text: str, leaning: float = 0.0, takes_side: float = 0.9, carried: Sequence[str] = (), lens: int = 0
) -> Stance:
    """What a model might say: words of ``carried`` carry the position, others do not."""
    read = spoken(text)
    spans = [(0, 0), *(tuple(span) for span in read.spans.tolist())]
    why = [0.01, *(0.9 if text[start:end] in carried else 0.02 for start, end in read.spans)]
    return Stance(
        leaning, takes_side, np.eye(4)[lens], np.array(why), np.array(spans, np.int64).reshape(-1, 2)
    )


class Saying:
    """A model that says what it is told."""

    version = "told"

    def __init__(self, *said: Stance) -> None:
        self.said = list(said)

    def stances(self, texts: Sequence[str]) -> list[Stance]:
        """Return what it was told, for as many texts."""
        return self.said[: len(texts)]


def scorer(*said: Stance) -> StanceScorer:
    """A scorer whose model says ``said``."""
    sureness = np.array([0.0, 0.5, 0.5, 1.0, 1.0, 0.2, 2.0])
    calibration = StanceCalibration(0.3, Scale(-0.3, 0.35, 1.5), sureness, (0.6, 0.8))
    return StanceScorer(load_axis(AXIS), Lexicon.load(AXIS / "lexicon.toml"), Saying(*said), calibration)


def test_the_words_that_carry_the_position_are_the_driver() -> None:
    carried = ("nobody", "can", "switch", "these", "machines", "off")
    reading = scorer(stance(TEXT, -1.5, carried=carried)).read([TEXT], [])[0]
    assert reading.position < -18
    assert reading.band == "Risk-forward"
    first = reading.drivers[0]
    assert first.text == "nobody can switch these machines off"
    assert TEXT[first.start : first.end] == first.text
    assert first.pull < 0


@given(st.floats(-2, 2), st.floats(0, 1), st.sampled_from([TEXT, "Yes.", "So, what is it?", "tea and cake"]))
def test_pulls_and_rest_add_up_to_the_position(leaning: float, takes_side: float, text: str) -> None:
    reading = scorer(stance(text, leaning, takes_side, carried=("machines",))).read([text], [])[0]
    assert -100 <= reading.position <= 100
    assert sum(driver.pull for driver in reading.drivers) + reading.rest == pytest.approx(
        reading.position, abs=1e-6
    )


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_a_greater_leaning_never_lies_lower(one: float, other: float) -> None:
    low, high = sorted((one, other))
    readings = scorer(stance(TEXT, low), stance(TEXT, high)).read([TEXT, TEXT], [])
    assert readings[0].position <= readings[1].position + 1e-9


def test_who_takes_no_side_stands_in_the_middle() -> None:
    text = "We met on a Tuesday and had some tea."
    reading = scorer(stance(text, 1.8, takes_side=0.02)).read([text], [])[0]
    assert reading.band == "Mixed"
    assert reading.reason == "nothing"
    assert scorer(stance(text, 0.0, takes_side=0.5)).read([text], [])[0].position == 0.0


def test_confidence_follows_how_clearly_a_side_is_taken() -> None:
    clear, faint = scorer(stance(TEXT, -1.9, 0.98), stance(TEXT, -0.35, 0.5)).read([TEXT, TEXT], [])
    levels = ("low", "medium", "high")
    assert levels.index(clear.confidence) > levels.index(faint.confidence)


def test_the_lens_is_the_one_with_the_greatest_score() -> None:
    axis = load_axis(AXIS)
    for place, lens in enumerate(axis.lenses):
        assert scorer(stance(TEXT, lens=place)).read([TEXT], [])[0].lens == lens


@given(st.floats(-3, 3), st.floats(0, 1))
def test_shares_are_chances(leaning: float, takes_side: float) -> None:
    shares = shares_of(stance(TEXT, leaning, takes_side))
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 12))
def test_a_carrying_phrase_is_words_of_one_sentence(chances: list[float], sentence: int) -> None:
    words = [f"word{place:02}" + ("." if place % sentence == 0 else "") for place in range(len(chances))]
    text = " ".join(words)
    said = stance(text)
    found = carrying_phrase(
        text, Stance(said.leaning, said.takes_side, said.lenses, np.array([0.0, *chances]), said.spans)
    )
    assert found is not None
    phrase = text[found[0] : found[1]]
    assert 1 <= len(phrase.split()) <= 18
    assert "." not in phrase
    assert phrase == " ".join(phrase.split())


def test_a_text_without_words_has_no_carrying_phrase() -> None:
    assert carrying_phrase("", stance("")) is None


@given(st.text(max_size=200))
def test_words_of_a_spoken_text_stand_where_they_were_said(text: str) -> None:
    read = spoken(text)
    words = read.text.split(" ") if read.text else []
    plain = with_plain_apostrophes(text)
    assert [plain[start:end].lower() for start, end in read.spans] == words
    pieces = np.array([(start, start + 1) for start in read.starts], np.int64).reshape(-1, 2)
    assert (read.given(pieces) == read.spans).all()


def test_how_a_text_was_written_down_does_not_matter() -> None:
    said = "Well, I think it isn't safe."
    assert (
        spoken("WELL, uh, I - I think: it isn't safe!").text
        == spoken(said).text
        == "well i think it isn't safe"
    )


@pytest.mark.parametrize("apostrophe", ["’", "‘", "ʼ", "＇", "´", "`"])
def test_the_sign_of_an_apostrophe_does_not_matter(apostrophe: str) -> None:
    typeset = f"The pilots{apostrophe} engines aren{apostrophe}t {apostrophe}safe{apostrophe}."
    read = spoken(typeset)
    assert read.text == "the pilots engines aren't safe"
    assert [typeset[start:end] for start, end in read.spans.tolist()][3:] == [f"aren{apostrophe}t", "safe"]


def test_words_alone_do_not_take_a_side_that_the_model_does_not_see() -> None:
    dire = "A horrendous, dangerous, deadly catastrophe, and it will kill us: one cup of butter, then."
    leaning = -0.25
    held = scorer(stance(dire, leaning)).read([dire], [])[0]
    plain = scorer(stance("One cup of butter, then.", leaning)).read(["One cup of butter, then."], [])[0]
    assert (held.band, plain.band) == ("Mixed", "Mixed")
    assert -18 < held.position < plain.position


@given(st.floats(-2, 2), st.floats(0, 1))
@example(-0.9, 0.5)
def test_a_position_is_a_whole_number_in_the_band_beside_it(leaning: float, takes_side: float) -> None:
    text = "A horrendous, dangerous catastrophe, yet useful: one cup of butter, then."
    read = scorer(stance(text, leaning, takes_side)).read([text], [])[0]
    assert read.position == round(read.position)
    assert read.band == scorer().axis.band_of(read.position)
    assert read.position == pytest.approx(read.rest + sum(driver.pull for driver in read.drivers))


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=2))
@example([-18.0, -17.995])
@example([-25.0, -18.0])
@example([17.5, 19.0])
def test_what_is_held_in_the_middle_keeps_its_order(positions: list[float]) -> None:
    low, high = (scorer()._held_back(position, 0.0) for position in sorted(positions))
    assert -17 <= low <= high <= 17, "whole numbers inside of the edges, however they are rounded"
    assert all(scorer()._held_back(position, -40.0) == position for position in positions)
