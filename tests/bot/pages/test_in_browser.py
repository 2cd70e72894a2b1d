"""Pages in a real browser: readable by all, quiet, and useful with and without scripts."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from .conftest import SITE, Browser, SamplePages

EPISODE = "episodes/josefina-arrate-on-tutors-in-the-valley-schools.html"
ANSWERED = "episodes/rasmus-oyelaran-on-molecules-nobody-ordered.html"
VIDEO = "episodes/with-a-video.html"


@pytest.fixture(scope="session")
def axe() -> Any:
    return Axe()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_pass_the_accessibility_rules_and_fit(
    browser: Browser, static_address: str, axe: Any, width: int, scheme: str
) -> None:
    pages = [EPISODE] if (width, scheme) in {(360, "light"), (1280, "dark")} else [
        EPISODE, VIDEO, "index.html", "topics.html", "people.html", "framework.html", "search.html?q=tutor",
    ]  # fmt: skip
    for address in pages:

        def look(page: Any, address: str = address) -> None:
            if "search" in address:
                page.wait_for_selector(".found li")
            broken = [
                (violation["id"], [node["html"][:160] for node in violation["nodes"][:3]])
                for violation in axe.run(page).response["violations"]
            ]
            assert broken == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address

        browser.visit(
            static_address + address, look, viewport={"width": width, "height": 800}, color_scheme=scheme
        )


def test_a_sentence_is_cited_and_its_link_is_checked(browser: Browser, static_address: str) -> None:
    def cite(page: Any) -> str:
        page.click("#s3-2")
        page.click("text=Copy link")
        page.wait_for_selector("text=Link copied")
        return str(page.evaluate("navigator.clipboard.readText()"))

    link = browser.visit(static_address + EPISODE, cite, permissions=["clipboard-read", "clipboard-write"])
    assert link.startswith(f"{SITE}/{EPISODE}?r=")
    assert link.endswith("#s3-2")

    def check(page: Any) -> tuple[str, list[str]]:
        marked = page.eval_on_selector_all(".quoted", "all => all.map(each => each.id)")
        return page.inner_text("#receipt"), marked

    here = link.replace(f"{SITE}/", static_address)
    told, marked = browser.visit(here, check)
    assert told.startswith("As quoted")
    assert marked == ["s3-2"]
    moved = re.sub(r"r=(\d+)", lambda match: f"r={int(match[1]) - 300}", here).replace("#s3-2", "#s2-1")
    told, marked = browser.visit(moved, check)
    assert "moved: the same words are now said 30 seconds later" in told
    assert marked == ["s3-2"]
    told, marked = browser.visit(
        static_address + EPISODE + "?r=1755.11.AAAAAA.BBBBBB.CCCCCCCCCCC.DDDDDD", check
    )
    assert "gone" in told
    assert marked == []


def test_pictures_of_a_quote_and_of_a_pair_are_saved(browser: Browser, static_address: str) -> None:
    def save(page: Any) -> list[tuple[str, bytes]]:
        page.click("#s2-1")
        saved = []
        for button in (".tools >> text=Picture", "text=Picture of both >> nth=0"):
            with page.expect_download() as download:
                page.click(button)
            saved.append((download.value.suggested_filename, download.value.path().read_bytes()))
        return saved

    for name, data in browser.visit(static_address + ANSWERED, save):
        assert name.endswith(".png")
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.width == 1200
            assert len(picture.getcolors(1 << 20) or []) > 20


def test_the_player_is_loaded_only_when_it_is_asked_for(browser: Browser, static_address: str) -> None:
    def play(page: Any) -> str:
        assert page.query_selector("iframe") is None
        page.click("#s2-1")
        page.click(".tools >> text=Play")
        return str(page.get_attribute("iframe", "src"))

    with pytest.raises(
        AssertionError, match=r"asked for https://www\.youtube-nocookie\.com/embed/abcdefghijk"
    ):
        browser.visit(static_address + VIDEO, play)


def test_drawings_are_walked_by_keyboard(browser: Browser, static_address: str) -> None:
    def walk(page: Any) -> str:
        page.focus("svg.arc a")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        return str(page.url.partition("#")[2])

    assert browser.visit(static_address + EPISODE, walk) == "p3"

    def cite(page: Any) -> str:
        page.focus("#p2 .cite")
        page.keyboard.press("Enter")
        page.focus(".tools >> text=Next")
        page.keyboard.press("Enter")
        return str(page.get_attribute(".chosen", "id"))

    assert browser.visit(static_address + EPISODE, cite) == "s2-2"


def test_a_second_in_the_address_opens_its_sentence(browser: Browser, static_address: str) -> None:
    def chosen(page: Any) -> str:
        return str(page.inner_text(".chosen"))

    assert "novelty effect" in browser.visit(static_address + EPISODE + "#t=176.5", chosen)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("has_scripts", [False, True])
def test_a_link_to_a_late_sentence_shows_it(
    browser: Browser, static_address: str, sample_pages: SamplePages, width: int, *, has_scripts: bool
) -> None:
    told = (sample_pages.folder / EPISODE).read_text("utf-8")
    anchor = re.findall(r'id="(s\d+-1)"', told)[-3]

    def places(page: Any) -> list[float]:
        """Return where it is from the top, every 50 ms until it has stood in sight three times, or for long not."""
        tops: list[float] = []
        while len(tops) < 200 and not (len(tops) >= 3 and all(0 <= top <= 760 for top in tops[-3:])):
            page.wait_for_timeout(50)
            tops.append(float(page.locator(f"#{anchor}").bounding_box()["y"]))
        assert page.is_visible(f"#{anchor}")
        return tops

    options = {"viewport": {"width": width, "height": 800}, "java_script_enabled": has_scripts}
    tops = browser.visit(f"{static_address}{EPISODE}#{anchor}", places, **options)
    assert 0 <= tops[-1] <= 760, tops


def test_without_scripts_everything_can_be_read(browser: Browser, static_address: str) -> None:
    def read(page: Any) -> None:
        assert "You get a novelty effect" in page.text_content("#transcript")
        page.goto(static_address + EPISODE + "#s3-2")
        assert "You get a novelty effect" in page.inner_text("#s3-2")
        page.goto(static_address + EPISODE)
        assert page.is_visible("text=The other side")
        assert page.get_attribute("#play", "href").startswith("https://recordings.example/")
        page.click(".marker.lowest >> nth=0")
        assert page.url.endswith("#p6")
        assert not page.is_visible(".cite")
        page.goto(static_address + "search.html")
        assert "searching them needs JavaScript" in page.inner_text("main")
        page.goto(static_address + "index.html")
        assert page.locator(".episodes > li").count() == 14
        assert not page.is_visible(".filters")

    browser.visit(static_address + EPISODE, read, java_script_enabled=False)


def test_the_library_is_filtered_and_ordered(browser: Browser, static_address: str) -> None:
    def filtered(page: Any) -> tuple[list[str], str]:
        page.select_option("[name=source]", "Shift Change")
        page.select_option("[name=order]", "title")
        shown = page.eval_on_selector_all(
            ".episodes > li:not([hidden]) h3", "all => all.map(each => each.textContent.trim())"
        )
        return shown, page.url

    titles, address = browser.visit(static_address + "index.html", filtered)
    assert len(titles) >= 3
    assert titles == sorted(titles)
    assert "source=Shift+Change" in address

    def again(page: Any) -> int:
        return int(page.locator(".episodes > li:not([hidden])").count())

    assert browser.visit(address, again) == len(titles)
