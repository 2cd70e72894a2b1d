"""site, verify and quote on the sample library, as their user runs them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from .conftest import Here

SITE = "https://library.example"
EPISODE = "josefina-arrate-on-tutors-in-the-valley-schools"


def read_link(sample: Here) -> str:
    told = sample.run(
        "find",
        "a novelty effect with anything that has a screen",
        "-n",
        "1",
        "--json",
        COUNTERPOINT_SITE=SITE,
    )
    return str(told.json["passages"][0]["read"])


def test_site_writes_pages_and_says_how_many(sample: Here, tmp_path: Path) -> None:
    ran = sample.run("site", tmp_path / "site")
    assert ran.code == 0
    assert re.search(r"^19 pages in .*: \d+ files written\.", ran.out)
    assert "COUNTERPOINT_SITE" in ran.err
    assert (tmp_path / "site" / "episodes" / f"{EPISODE}.html").is_file()
    again = sample.run("site", tmp_path / "site")
    assert ": 0 files written" in again.out
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").touch()
    refused = sample.run("site", tmp_path / "taken")
    assert refused.code != 0
    assert "not pages of this program" in refused.said


def test_a_read_link_is_verified(sample: Here) -> None:
    link = read_link(sample)
    assert link.startswith(f"{SITE}/episodes/{EPISODE}.html?r=")
    ran = sample.run("verify", link)
    assert ran.code == 0
    assert "as quoted" in ran.said
    assert "novelty effect" in ran.said
    moved = sample.run("verify", re.sub(r"r=(\d+)", lambda found: f"r={int(found[1]) + 600}", link), "--json")
    assert (moved.code, moved.json["verdict"]) == (0, "moved")
    assert moved.json["moved_s"] == pytest.approx(-60, abs=0.06)
    other = re.sub(r"\.(\w|-){6}\.", ".AAAAAA.", link, count=1)
    changed = sample.run("verify", other, "--json")
    assert (changed.code, changed.json["verdict"]) == (1, "changed")
    gone = sample.run("verify", link.replace(EPISODE, "nobody-here"), "--json")
    assert (gone.code, gone.json["verdict"], gone.json["title"]) == (1, "gone", None)
    assert sample.run("verify", "https://library.example/").code == 1


def test_a_quote_and_a_pair_are_drawn(sample: Here, tmp_path: Path) -> None:
    for name, links in (("one", [read_link(sample)]), ("pair", [f"{EPISODE}#s3-2", f"{EPISODE}#s1-1"])):
        ran = sample.run("quote", *links, "--picture", tmp_path / f"{name}.png")
        assert ran.code == 0, ran.err
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert picture.width == 1600
    assert "novelty effect" in ran.said
    missing = sample.run("quote", f"{EPISODE}#s999-1", "--picture", tmp_path / "none.png")
    assert (missing.code, (tmp_path / "none.png").exists()) == (1, False)
    many = sample.run("quote", *[f"{EPISODE}#s1-1"] * 3, "--picture", tmp_path / "none.png")
    assert many.code == 2
