"""British and American spellings are the same words, and words that only look British stay what they are."""

import pytest

from index.text.spelling_variants import american
from index.text.tokens import TermFinder, stem, terms_of

PAIRS = [
    pair.split("/")
    for pair in "behaviour/behavior behaviours/behaviors behavioural/behavioral colour/color odour/odor "
    "colourful/colorful favourite/favorite neighbourhoods/neighborhoods labourers/laborers organise/organize "
    "organisations/organizations generalised/generalized minimising/minimizing memorises/memorizes "
    "analyse/analyze paralysed/paralyzed centre/center centred/centered kilometres/kilometers fibre/fiber "
    "theatres/theaters defence/defense offences/offenses dialogue/dialog catalogues/catalogs judgement/judgment "
    "practising/practicing programmes/programs grey/gray sceptical/skeptical artefacts/artifacts ageing/aging "
    "aluminium/aluminum skilful/skillful jewellery/jewelry cosy/cozy manoeuvre/maneuver mould/mold "
    "ploughing/plowing maths/math".split()
]


@pytest.mark.parametrize(("british", "here"), PAIRS)
def test_either_spelling_finds_the_other(british: str, here: str) -> None:
    assert american(british) == here
    assert american(here) == here
    assert stem(british) == stem(here)
    assert TermFinder(terms_of(f"the {british} of weirs")).find(f"So {here}, then.")
    assert TermFinder(terms_of(f"the {here} of weirs")).find(f"So {british}, then.")


@pytest.mark.parametrize(
    "word",
    "hour four source tourist court promise revised precise supervised unsupervised likewise raise advisor "
    "exercise rise where genre acre analysis analyses sentence they monkey cement moment premium rough though "
    "vogue scene mathematics".split(),
)
def test_other_words_stay_as_they_are(word: str) -> None:
    assert american(word) == word


def test_what_a_verb_shares_with_its_noun_is_kept() -> None:
    for one, other in (("revise", "revision"), ("precise", "precision"), ("supervised", "supervision")):
        assert stem(one) == stem(other)
