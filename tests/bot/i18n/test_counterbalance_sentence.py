"""What is said of the picks near the centre."""

import pytest

from bot.i18n.catalogue import Catalogue


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "at least one from each"), ("de", "von jedem mindestens eine")]
)
def test_the_sentence_holds_for_two_picks_and_for_twenty(locale: str, said: str) -> None:
    assert said in Catalogue.load().text("outcome.wings", locale, mirror="0")
