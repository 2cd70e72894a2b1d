"""Words in pictures: no boxes, nothing wider than its room, nothing too small to read."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from bot.render.png import counterbalance_plot, episode_card, find_strip, lettering
from bot.render.png import map as library_map
from bot.render.png.canvas import PIXELS, WIDTH
from bot.render.png.lettering import (
    INTER,
    SMALL,
    SMALLEST,
    TITLE,
    Face,
    Lettering,
    cjk_file,
    coverage,
    runs_of,
)

NAMES = ("Łukasz Żółć", "Nguyễn Thị Ánh", "Θεοδώρα Λάμπρου", "Владимир Ћирић", "Ærøskøbing", "Ştefan Țîrlea")


@pytest.mark.parametrize("name", NAMES)
def test_names_with_diacritics_greek_and_cyrillic_are_written_as_they_are(name: str) -> None:
    assert [(run.text, run.face) for run in runs_of(name, cjk=None)] == [(name, None)]


def test_accents_that_stand_alone_are_joined_to_their_letters() -> None:
    (run,) = runs_of(unicodedata.normalize("NFD", "Žižková"), cjk=None)
    assert run.text == "Žižková"


def test_chinese_is_written_in_latin_letters_where_its_face_is_not_installed() -> None:
    (run,) = runs_of("深圳", cjk=None)
    assert run.text == "ShenZhen"


def test_scripts_without_a_face_are_written_in_latin_letters_and_symbols_left_out() -> None:
    (run,) = runs_of("שלום 🙂 Ok", cjk=None)
    assert run.text.isascii()
    assert run.text.endswith("Ok")


@pytest.mark.skipif(cjk_file() is None, reason="the package noto-cjk-sans-otc is not installed")
@pytest.mark.parametrize(("text", "face"), [("宮崎のアニメ", 0), ("서울 大韓", 1), ("深圳湾", 2)])
def test_kana_make_han_japanese_and_hangul_make_it_korean(text: str, face: int) -> None:
    (run,) = runs_of(text, cjk=cjk_file())
    assert (run.text, run.face) == (text, face)


@given(st.text(max_size=40))
def test_whatever_is_written_its_face_has(text: str) -> None:
    for cjk in {None, cjk_file()}:
        for run in runs_of(text, cjk=cjk):
            file = INTER if run.face is None else cjk
            assert file is not None
            assert all(
                letter in coverage(file) or (letter == " " and run.face is not None) for letter in run.text
            )


@pytest.mark.parametrize("character", "aŻΩЖ▲▼Δ−·…“”")
def test_coverage_knows_what_the_font_draws(character: str) -> None:
    font = ImageFont.truetype(INTER, 40)
    assert character in coverage(INTER)
    assert bytes(font.getmask(character)) != bytes(font.getmask("\U0010fffd"))


def test_coverage_knows_what_the_font_does_not_have() -> None:
    assert "深" not in coverage(INTER)


@given(st.text(st.characters(codec="utf-8"), max_size=300), st.floats(60, 400))
def test_no_line_is_wider_than_its_room(text: str, width: float) -> None:
    letters = Lettering(PIXELS)
    block = letters.set_in(text, width, ((TITLE, 1), (SMALL, 2)))
    assert len(block.lines) <= 2
    assert all(letters.width(line, block.face) <= width for line in block.lines)


def test_a_long_title_is_shortened_with_an_ellipsis_and_a_short_one_is_not() -> None:
    letters = Lettering(PIXELS)
    assert letters.set_in("word " * 80, 200, ((SMALL, 2),)).lines[-1].endswith("…")
    assert letters.set_in("A word", 200, ((SMALL, 2),)).lines == ("A word",)


def test_words_are_drawn_where_they_are_measured() -> None:
    letters = Lettering(PIXELS)
    image = Image.new("RGB", (round(WIDTH * PIXELS), 200))
    letters.draw(ImageDraw.Draw(image), (10, 30), "Hxnm 深圳", Face(20))
    left, _, right, _ = image.getbbox() or (0, 0, 0, 0)
    assert left / PIXELS == pytest.approx(10, abs=3)
    assert right / PIXELS == pytest.approx(10 + letters.width("Hxnm 深圳", Face(20)), abs=3)


def test_no_face_is_smaller_than_eleven_pixels_on_a_phone() -> None:
    faces = {
        value
        for module in (lettering, episode_card, counterbalance_plot, find_strip, library_map)
        for value in vars(module).values()
        if isinstance(value, Face)
    }
    assert SMALLEST >= 11
    assert min(face.size for face in faces) >= SMALLEST


def test_the_font_comes_with_its_licence() -> None:
    assert "SIL Open Font License" in (Path(INTER).parent / "OFL.txt").read_text(encoding="utf-8")
