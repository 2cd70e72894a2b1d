"""How many picks a person gets who asks for a number of them."""

from typing import Any

import pytest

from bot.answerer import as_many_as_asked
from bot.texts.catalogue import Catalogue
from index.relations import Counterbalance


def answer(outcome: Any, n_picks: int) -> Counterbalance:
    """As the mirror rule gives it; what the picks are does not matter here."""
    nothing: Any = None
    picks: Any = tuple(range(n_picks))
    return Counterbalance(nothing, nothing, 0.0, outcome, picks)


@pytest.mark.parametrize("outcome", ["across", "one wing", "near only", "no topic", "alone"])
@pytest.mark.parametrize("n_given", [0, 1, 2])
def test_one_pick_asked_for_is_one_at_most(outcome: str, n_given: int) -> None:
    assert as_many_as_asked(answer(outcome, n_given), 1).picks == tuple(range(n_given))[:1]


def test_where_both_wings_answer_neither_is_left_out() -> None:
    assert len(as_many_as_asked(answer("wings", 2), 1).picks) == 2


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "at least one from each"), ("de", "von jedem mindestens eine")]
)
def test_the_sentence_holds_for_two_picks_and_for_twenty(locale: str, said: str) -> None:
    assert said in Catalogue.load().text("outcome.wings", locale, mirror="0")
