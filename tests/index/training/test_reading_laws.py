"""Laws of the combined reading, on pairs of minutes written for them, with the real model."""

from collections.abc import Callable, Sequence

import pytest
from indexed_sample import IndexedSample

from bot.app.container import make_scorer
from bot.app.settings import Settings
from index.embedding.encoder import ServingEncoder
from index.embedding.text_vectors import vectors_of

from .reading_pairs import NEGATED, PARAPHRASED, RETOPICED, SMALL_TALK, as_captions

FIRSTS = [first for pairs in (NEGATED, RETOPICED, PARAPHRASED) for first, _ in pairs]
Positions = Callable[[Sequence[str]], list[float]]


@pytest.fixture(scope="module")
def positions(real_encoder: ServingEncoder, indexed_sample: IndexedSample) -> Positions:
    scorer = make_scorer(Settings(state=indexed_sample.state), real_encoder.fingerprint)
    return lambda texts: [reading.position for reading in scorer.read(texts, vectors_of(texts, real_encoder))]


def test_a_negation_moves_a_statement_towards_the_other_side(positions: Positions) -> None:
    plain, negated = (positions([pair[at] for pair in NEGATED]) for at in (0, 1))
    for before, after in zip(plain, negated, strict=True):
        assert (after - before) * before < 0
    assert sum(a * b < 0 for a, b in zip(plain, negated, strict=True)) >= len(NEGATED) - 3


def test_another_subject_leaves_the_side(positions: Positions) -> None:
    one, other = (positions([pair[at] for pair in RETOPICED]) for at in (0, 1))
    assert all(a * b > 0 for a, b in zip(one, other, strict=True))


def test_a_paraphrase_stays_near(positions: Positions) -> None:
    one, other = (positions([pair[at] for pair in PARAPHRASED]) for at in (0, 1))
    apart = [abs(a - b) for a, b in zip(one, other, strict=True)]
    assert sum(distance <= 25 for distance in apart) >= len(apart) - 1
    turned = [a * b < 0 and min(abs(a), abs(b)) > 6 for a, b in zip(one, other, strict=True)]
    assert sum(turned) <= 1, "near the centre there is no side"


def test_small_talk_dilutes_and_does_not_turn(positions: Positions) -> None:
    for alone, among in zip(
        positions(FIRSTS), positions([text + SMALL_TALK for text in FIRSTS]), strict=True
    ):
        assert abs(alone - among) <= 50, "a minute of one sentence; among more talk it weighs less"
        assert alone * among > 0 or abs(alone) < 20


def test_capitals_punctuation_and_the_stumbling_of_captions_do_not_matter(positions: Positions) -> None:
    plain = positions(FIRSTS)
    for dressed in ([text.upper() for text in FIRSTS], [as_captions(text) for text in FIRSTS]):
        assert positions(dressed) == pytest.approx(plain, abs=8)


@pytest.mark.parametrize("apostrophe", ["’", "‘", "ʼ", "＇", "`"])
def test_the_sign_of_an_apostrophe_does_not_matter(positions: Positions, apostrophe: str) -> None:
    texts = [text for text in (*FIRSTS, *(negated for _, negated in NEGATED)) if "'" in text]
    assert len(texts) >= 5
    assert positions([text.replace("'", apostrophe) for text in texts]) == positions(texts)
