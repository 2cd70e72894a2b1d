"""The quote card: one quote or two, whatever they say, in a picture that tells it in words as well."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.i18n.language import Language
from bot.render.png.quote_card import Quote, draw_quotes, quotes_alt

SHORT = Quote("And the machine is a tablet with a tutor on it.", "Inês Carvalhal", "On tutors", 91.0, 54.0)
LONG = Quote(" ".join(["unforeseeable"] * 120), None, "A title that is " + "long " * 40, None, -100.0)
ELSEWHERE = Quote("你好，世界。 " * 8, "王小明", "对话", 5025.5, 0.0)
ENDLESS = Quote("a" * 3000, "b" * 400, "c" * 400, 1.0, 100.0)


def size_of(png: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        return picture.size


@pytest.mark.parametrize(
    "quotes", [[SHORT], [LONG], [ELSEWHERE], [ENDLESS], [SHORT, LONG], [LONG, LONG], [ENDLESS, ELSEWHERE]]
)
def test_any_quote_is_drawn_in_a_card_that_chats_show(quotes: list[Quote], language: Language) -> None:
    png = draw_quotes(quotes, "https://library.example/episodes/x.html?r=1.2.3#s1-1", language)
    width, height = size_of(png)
    assert width == 1600
    assert 400 < height < 4000
    assert png == draw_quotes(quotes, "https://library.example/episodes/x.html?r=9.9.9#s1-1", language)
    assert png != draw_quotes(quotes, "https://library.example/episodes/x.html#s1-2", language)


def test_without_a_link_the_card_is_lower(language: Language) -> None:
    assert (
        size_of(draw_quotes([SHORT], None, language))[1]
        < size_of(draw_quotes([SHORT], "https://x.example", language))[1]
    )


def test_the_words_tell_the_picture(language: Language) -> None:
    told = quotes_alt([SHORT, LONG], language)
    assert told.startswith(
        "Inês Carvalhal: “And the machine is a tablet with a tutor on it.” (+54, opportunity-forward)."
    )
    assert "A title that is long" in told
    assert len(told) <= 1024


@pytest.mark.parametrize("n", [0, 3])
def test_other_numbers_of_quotes_are_refused(n: int, language: Language) -> None:
    with pytest.raises(ValueError, match="one quote or two"):
        draw_quotes([SHORT] * n, None, language)
