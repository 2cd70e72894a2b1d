"""Pages of episodes that lack what others have, or have words longer than a phone is wide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import Browser, build, serving_folder, write_episode, write_site

DAM = "The dam on the river may fail and the danger is grave"
LONG = "Nuclear_debate_Lindesnes_final_version_otter_ai_" * 4


@pytest.fixture
async def odd(tmp_path: Path) -> Path:
    """The pages of an episode with neither people nor date, and of one whose every text is one long word."""
    library = tmp_path / "library"
    write_episode(library, "bare", DAM, duration_s=960)
    write_episode(
        library, "long", DAM, title=LONG, source=LONG, shelf=LONG, summary=LONG, why_it_matters=LONG, editor_note=LONG,
        tags=[LONG], hosts=[LONG], guests=[LONG], published="2026-01-02", url=f"https://recordings.example/{LONG}",
    )  # fmt: skip
    await build(library, tmp_path / "state")
    await write_site(tmp_path / "state", tmp_path / "site")
    return tmp_path / "site"


async def test_a_byline_has_only_what_there_is(odd: Path) -> None:
    bylines = {
        name: re.findall(r'<p class="by">(.*?)</p>', (odd / "episodes" / f"{name}.html").read_text("utf-8"))[
            0
        ]
        for name in ("bare", "long")
    }
    assert bylines["bare"] == "16 min"
    assert re.fullmatch(
        rf"With {LONG} · hosted by {LONG} · <time datetime=\S+>2\s*Jan\s*2026</time>", bylines["long"]
    )


async def test_a_marker_is_most_of_a_side_only_where_it_takes_it(odd: Path) -> None:
    told = (odd / "episodes" / "bare.html").read_text("utf-8")
    named = re.findall(r"</svg> ([\w-][\w -]*): <a href=", told)
    assert named == ["Most risk-forward", "Median", "Highest"]


async def test_long_words_are_broken_on_a_phone(odd: Path, browser: Browser) -> None:
    with serving_folder(odd) as address:
        for page in ("index.html", "topics.html", "people.html", "episodes/long.html", "episodes/bare.html"):

            def width(page: Any) -> int:
                page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
                return int(page.evaluate("document.documentElement.scrollWidth"))

            assert browser.visit(address + page, width, viewport={"width": 360, "height": 800}) <= 360, page
