"""Every word of the pages comes from the catalogue, in the language that the pages are written in."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.renderer import HERE, Renderer
from bot.pages.server import PageServer, make_app
from bot.pages.template_environment import day_in_words
from scoring.axis import load_axis

from .conftest import AXIS, Browser, SamplePages, service_of, serving_folder, write_site

CATALOGUE = MessageCatalogue.load()
AXES = sorted(AXIS.parent.iterdir())
TEMPLATES = sorted((HERE / "templates").iterdir())
SCRIPTS = sorted((HERE / "static").glob("*.js"))
EPISODE = "josefina-arrate-on-tutors-in-the-valley-schools"
ENGLISH = (
    "Skip to", "Search", "How it reads", "Why this", "Perspective map", "technical lens", "confidence", "Across",
    "segment", "What moves", "Related conv", "The other side", "hosted by", "Read at", "caption", "No cookies",
    "Transcript",
)  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_words_of_their_own(template: Path) -> None:
    told = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template.read_text("utf-8"), flags=re.DOTALL)
    shown = re.findall(r'\b(?:aria-label|placeholder|alt|title)="([^"]*)"', told)
    shown += re.findall(r'<meta name="description" content="([^"]*)"', told)
    shown.append(re.sub(r'[\w-]+="[^"]*"', " ", re.sub(r"<[^>]*>", " ", told)))
    words = set(re.findall(r"[^\W\d_]{2,}", " ".join(shown)))
    assert words - {"episodes", "html"} == set()  # parts of addresses


def test_templates_and_scripts_ask_for_sentences_that_are_there() -> None:
    there = CATALOGUE.languages["en"]
    asked = {
        key
        for template in TEMPLATES
        for key in re.findall(r"\b(?:say|count)\('([\w.]+)'(?! ~)", template.read_text("utf-8"))
    }
    assert len(asked) > 80
    assert [key for key in sorted(asked) if key not in there and f"{key}.other" not in there] == []
    words = {key.removeprefix("page.script.") for key in there if key.startswith("page.script.")}
    said = {
        key
        for script in SCRIPTS
        for key in re.findall(r'\b(?:\w*[sS]ay|\w*[cC]ount|shifted)\("(\w+)"', script.read_text("utf-8"))
    }
    assert len(said) > 25
    assert [key for key in sorted(said) if key not in words and f"{key}.other" not in words] == []


def test_sentences_of_pages_hold_no_markup() -> None:
    for language, templates in CATALOGUE.languages.items():
        assert [
            key for key, text in templates.items() if key.startswith("page.") and re.search("[<>&]", text)
        ] == [], language


@pytest.mark.parametrize("folder", AXES, ids=lambda folder: folder.name)
def test_what_the_catalogue_says_of_the_axis_is_what_the_axis_says(folder: Path) -> None:
    axis, english = load_axis(folder), CATALOGUE.languages["en"]
    assert english[f"axis_question.{axis.name}"] == axis.question
    assert english[f"pole_meaning.{axis.low_pole}"] == axis.low_meaning
    assert english[f"pole_meaning.{axis.high_pole}"] == axis.high_meaning
    for lens, meaning in zip(axis.lenses, axis.lens_meanings, strict=True):
        assert english[f"lens_meaning.{lens}"] == meaning
    for kind, names in (("band", axis.bands), ("pole", (axis.low_pole, axis.high_pole))):
        assert [english[f"{kind}.{name}"] for name in names] == list(names)


def test_each_axis_is_explained_in_the_language_and_by_what_is_true_of_it() -> None:
    told = {
        folder.name: re.sub(r"<[^>]*>", "", Renderer(CATALOGUE, load_axis(folder), locale="de").framework())
        for folder in AXES
    }
    assert "fast neun von zehn" in told["risk-opportunity"]
    assert "neun von zehn" not in told["open-closed"]
    assert "Noch nicht an eingestuften Stellen gemessen." in told["open-closed"]
    for folder in AXES:
        axis = load_axis(folder)
        for text in (axis.question, axis.low_meaning, axis.high_meaning, *axis.lens_meanings):
            assert text not in told[folder.name]
        assert "Tausende" not in told[folder.name]


def test_an_axis_that_uses_a_name_otherwise_is_told_in_its_own_words() -> None:
    axis = replace(
        load_axis(AXIS), lens_meanings=("how bridges are built", *load_axis(AXIS).lens_meanings[1:])
    )
    assert "how bridges are built" in Renderer(CATALOGUE, axis, locale="de").framework()


def test_dates_are_written_as_the_language_writes_them() -> None:
    axis = load_axis(AXIS)
    said = [
        day_in_words(date(2026, 3, 2), Renderer(CATALOGUE, axis, locale=name).language)
        for name in ("en", "de")
    ]
    assert said == ["2 Mar 2026", "2. März 2026"]


@pytest.fixture(scope="module")
def german(sample_pages: SamplePages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's pages in German."""
    folder = tmp_path_factory.mktemp("german") / "site"
    asyncio.run(write_site(sample_pages.state, folder, locale="de"))
    return folder


def test_german_pages_are_german(german: Path) -> None:
    for page in german.rglob("*.html"):
        told = page.read_text("utf-8")
        assert '<html lang="de">' in told
        frame = re.sub(r'(?s)<div class="slice.*?</div>|<section class="why">.*?</section>', "", told)
        labels = " ".join(re.findall(r'(?:aria-label|placeholder|title|content)="([^"]*)"', frame))
        shown = re.sub(r"<title>.*?</title>|<[^>]*>", " ", frame) + labels
        assert [word for word in ENGLISH if re.search(rf"\b{word}\b", shown)] == [], page.name
    told = (german / "episodes" / f"{EPISODE}.html").read_text("utf-8")
    assert "Zum Inhalt springen" in told
    assert re.search(r"\d+ Abschnitte von etwa einer Minute: Median [+−]?\d+", told)
    assert re.search(r"<b class=\"(?:low|high)\">[+−]\d+,\d</b>", told)


async def test_another_language_writes_all_pages_anew(sample_pages: SamplePages, tmp_path: Path) -> None:
    await write_site(sample_pages.state, tmp_path / "site")
    report = await write_site(sample_pages.state, tmp_path / "site", locale="de")
    assert {"index.html", "static/words.js", f"episodes/{EPISODE}.html"} <= {*report.written}


def test_longer_german_words_fit(browser: Browser, german: Path) -> None:
    with serving_folder(german) as address:

        def look(page: Any) -> tuple[float, float]:
            edges = "all => Math.max(...all.map(each => each.getBoundingClientRect().right))"
            beyond = page.eval_on_selector_all(".episodes .trail", edges) - page.eval_on_selector_all(
                "main h2", edges
            )
            return beyond, page.locator("header.site nav").bounding_box()["height"]

        for width in (360, 1000, 1280):
            beyond, height = browser.visit(
                f"{address}index.html", look, viewport={"width": width, "height": 800}
            )
            assert beyond <= 1, width
            assert height < 50, width


def test_scripts_speak_german(browser: Browser, german: Path) -> None:
    with serving_folder(german) as address:

        def look(page: Any) -> tuple[str, str, str]:
            page.click("#s3-2")
            tools = page.inner_text(".tools")
            page.focus("#q")
            page.keyboard.type("novelty effe")
            page.wait_for_selector(".suggest .found li")
            found = page.inner_text(".suggest")
            page.goto(f"{address}episodes/{EPISODE}.html?r=1755.11.AAAAAA.BBBBBB.CCCCCCCCCCC.DDDDDD")
            return tools, found, page.inner_text("#receipt")

        tools, found, receipt = browser.visit(f"{address}episodes/{EPISODE}.html", look)
    assert "Link kopieren" in tools
    assert re.match(r"(Die ersten )?\d+ Stellen? mit (diesen Wörtern|einigen dieser Wörter)", found)
    assert "„" in found
    assert re.search(r"Ab \d+:\d\d lesen", found)
    assert receipt.startswith("Die zitierten Worte sind verschwunden")


async def test_the_server_says_errors_in_the_language_of_the_pages(sample_pages: SamplePages) -> None:
    service = service_of(sample_pages.state, None)
    renderer = Renderer(CATALOGUE, service.axis, is_live=True, locale="de")
    try:
        async with TestClient(TestServer(make_app(PageServer(service, renderer, CATALOGUE)))) as client:
            missing = await client.get("/episodes/nobody.html")
            assert "Folge" in await missing.text()
            found = await client.get("/results.html?q=xylophonic")
            assert "So etwas hat hier niemand gesagt." in await found.text()
    finally:
        await service.close()
