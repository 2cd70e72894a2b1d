"""What else is said of an answer is said only where it is so."""

import dataclasses

from bot.i18n.message_catalogue import MessageCatalogue
from bot.render.text import found_notes
from index.search.answers import AskedYear, Found, OtherLanguage

CATALOGUE = MessageCatalogue.load()
NOTHING = Found("work", "edition", (), (), False, {})


def notes(**fields: object) -> list[str]:
    found = dataclasses.replace(NOTHING, **fields)  # type: ignore[arg-type]
    return found_notes(found, lambda key, **said: CATALOGUE.text(key, None, **said), str.upper)


def test_an_answer_to_a_plain_question_has_no_notes() -> None:
    assert notes() == []


def test_each_note_is_bound_to_what_makes_it_true() -> None:
    assert notes(absent="ada oduya") == ["No transcript here names “ADA ODUYA” as a speaker."]
    assert notes(year=AskedYear(2024, is_known=True)) == ["Only episodes published in 2024 were searched."]
    assert notes(year=AskedYear(2019, is_known=False)) == [
        "No episode published in 2019 answers this, so all were searched."
    ]
    assert len(notes(absent="ada", year=AskedYear(2024, True), other_language=OtherLanguage("de", "en"))) == 3
