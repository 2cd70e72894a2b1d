"""Every picture: against its reference, the same each time, from any thread, for any episode."""

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from bot.i18n.language import Language
from bot.render.png.canvas import PIXELS, WIDTH
from bot.render.png.counterbalance_plot import draw_balance
from bot.render.png.episode_card import draw_card
from bot.render.png.find_strip import draw_found
from bot.render.png.lettering import cjk_file
from bot.render.png.map import draw_map
from index.search.answers import Found
from index.search.coverage import Coverage, coverage_of
from index.search.related import Counterbalance

GOLDEN = Path(__file__).parent / "golden"
WRITES = os.environ.get("COUNTERPOINT_GOLDEN") == "write"
"""``COUNTERPOINT_GOLDEN=write pytest tests/bot/render/png`` draws the references anew: look before
committing."""

MEAN_OFF, FAR, SHARE_FAR = 2.5, 48, 0.012
"""Tolerance, in levels of 255: of the mean; and how many pixels may be off by more than ``FAR``."""

NAMES = ("usual", "long", "one", "bare", "poles", "sample", "balance", "found", "map")
GERMAN = ("usual-de", "balance-de", "found-de", "map-de")


@pytest.fixture(scope="session")
def drawn(
    language: Language,
    episodes: dict[str, tuple],  # type: ignore[type-arg]
    sample_episode: tuple,  # type: ignore[type-arg]
    balance: Counterbalance,
    found: Found,
    coverage: Coverage,
) -> Callable[[str], bytes]:
    """Draws a picture by its name."""
    rest: dict[str, Callable[[], bytes]] = {
        "sample": lambda: draw_card(*sample_episode, language),
        "balance": lambda: draw_balance(balance, language),
        "found": lambda: draw_found(found, language),
        "map": lambda: draw_map(coverage, language),
    }
    german = replace(language, locale="de")
    rest |= {
        "usual-de": lambda: draw_card(*episodes["usual"], german),
        "balance-de": lambda: draw_balance(balance, german),
        "found-de": lambda: draw_found(found, german),
        "map-de": lambda: draw_map(coverage, german),
    }
    return lambda name: rest[name]() if name in rest else draw_card(*episodes[name], language)


def on_a_phone(png: bytes) -> Image.Image:
    """The picture as a phone shows it, 400 pixels wide, on Discord's dark ground."""
    card = Image.open(io.BytesIO(png))
    small = card.resize((400, round(card.height * 400 / card.width)), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", small.size, "#313338")
    ground.paste(small, (0, 0), small)
    return ground


def levels(image: Image.Image) -> npt.NDArray[np.float64]:
    return np.asarray(image.convert("RGB"), float)


@pytest.mark.skipif(not features.check("raqm"), reason="type is set otherwise without libraqm")
@pytest.mark.skipif(cjk_file() is None, reason="the package noto-cjk-sans-otc is not installed")
@pytest.mark.parametrize("name", NAMES + GERMAN)
def test_a_picture_looks_like_its_reference(name: str, drawn: Callable[[str], bytes]) -> None:
    small = on_a_phone(drawn(name))
    file = GOLDEN / f"{name}.png"
    if WRITES:
        small.quantize(96, dither=Image.Dither.NONE).save(file, optimize=True)
    with Image.open(file) as stored:
        reference = stored.convert("RGB")
    assert small.size == reference.size
    off = np.abs(levels(small) - levels(reference)).max(axis=2)
    assert off.mean() <= MEAN_OFF
    assert (off > FAR).mean() <= SHARE_FAR


@pytest.mark.parametrize("name", NAMES)
def test_the_same_values_give_the_same_bytes_from_any_thread(
    name: str, drawn: Callable[[str], bytes]
) -> None:
    with ThreadPoolExecutor(3) as threads:
        assert len(set(threads.map(drawn, [name] * 3))) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_sharp_clear_at_its_corners_and_small_enough(
    name: str, drawn: Callable[[str], bytes]
) -> None:
    png = drawn(name)
    card = Image.open(io.BytesIO(png))
    assert card.width == WIDTH * PIXELS == 1600
    assert card.mode == "RGBA"
    for corner in ((0, 0), (card.width - 1, 0), (0, card.height - 1), (card.width - 1, card.height - 1)):
        assert card.getpixel(corner)[3] == 0  # type: ignore[index]
    assert card.getpixel((card.width // 2, card.height // 2))[3] == 255  # type: ignore[index]
    assert len(png) < 1_000_000


def test_the_references_are_small() -> None:
    assert sum(file.stat().st_size for file in GOLDEN.glob("*.png")) <= 300_000


@settings(max_examples=12)
@given(
    arc=st.lists(st.floats(-100, 100), max_size=400),
    title=st.text(min_size=1, max_size=300).filter(lambda text: bool(text.strip())),
    is_timed=st.booleans(),
)
def test_any_episode_can_be_drawn(
    tell: Callable[..., tuple],
    language: Language,
    arc: list[float],
    title: str,
    is_timed: bool,  # type: ignore[type-arg]
) -> None:
    record, slices = tell(arc, is_timed=is_timed)
    about = record.about.model_copy(update={"title": title})
    png = draw_card(replace(record, about=about), slices, language)
    assert Image.open(io.BytesIO(png)).width == 1600


def test_an_answer_without_passages_a_balance_without_picks_and_an_empty_map_can_be_drawn(
    language: Language, found: Found, balance: Counterbalance
) -> None:
    nothing = Found(found.query, found.edition, (), (), False, {})
    nobody = Counterbalance("e", balance.episode, balance.standing, balance.mirror, "no topic", ())
    for png in (
        draw_found(nothing, language),
        draw_balance(nobody, language),
        draw_map(coverage_of([], language.axis), language),
    ):
        assert Image.open(io.BytesIO(png)).width == 1600
