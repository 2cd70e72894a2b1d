"""The search of the static pages in a real browser: it takes words as the index does, and says truly what it found."""

from __future__ import annotations

import re
from typing import Any

import pytest

from index.text.stopwords import CONTRACTIONS, FUNCTION_WORDS
from index.text.tokens import tokenize

from .conftest import Browser, SamplePages

TRICKY = """
    don't dont don’t won't it's its that's we'll I'd've O'Brien O’Brien's the models' y'all rock'n'roll 'quoted' "so"
    A.I. U.S. US us IT who WHO e.g. Ph.D. A.I.something D-S-C-O-U-T.com C_Oesterheld C-level C++ C# F#, .NET .net A* R&D
    AT&T's 85% 1,000,000 3.14 1,2,3 GPT-4o gpt4o F-16 B-2 L-U-C-I-D __proto__ constructor snake_case x=y a/b $1 alert(1)
    café naïve Łódź straße Ærø İstanbul ﬁ co\u00adoperate 人工知能 日 日本語の text中文mixed Москва \u200c -- …
    andes ins willing likes useful ate mining theses ups doe ha wills technologies relational vietnamization yes sky
    hopping agreed controlling activate technologically behaviours organisation neighbourhoods centred analysing
    promised unsupervised sceptical defences judgements programmes greyish hours manoeuvred
""".split()


def looked_up(page: Any) -> tuple[str, list[str], list[list[str]]]:
    """Return what is said of the number, the quotes, and what is marked in each."""
    page.wait_for_selector("#results .found li")
    told = str(page.inner_text("#results > .hint"))
    quotes = page.eval_on_selector_all(
        "#results .found blockquote", "all => all.map(each => each.textContent)"
    )
    marks = page.eval_on_selector_all(
        "#results .found blockquote",
        "all => all.map(each => [...each.querySelectorAll('mark')].map(mark => mark.textContent))",
    )
    return told, quotes, marks


def test_the_browser_takes_words_as_the_index_does(
    browser: Browser, static_address: str, sample_pages: SamplePages
) -> None:
    told = " ".join(page.read_text("utf-8") for page in sorted(sample_pages.folder.glob("episodes/*.html")))
    said = re.sub(r"<[^>]*>", " ", told).split("\n")
    texts = [
        *TRICKY,
        *said,
        *sorted(FUNCTION_WORDS),
        *sorted(CONTRACTIONS),
        "ALL OF THE US IS IN IT",
        "THE US",
    ]

    def taken(page: Any) -> list[list[tuple[int, int, str]]]:
        page.wait_for_function("() => Boolean(window.counterpointSearch)")
        return list(
            page.evaluate(
                """async (texts) => (await window.counterpointSearch.tokens(texts, "")).map(
                    (tokens) => tokens.map((each) => [each.start, each.end, each.stem]))""",
                texts,
            )
        )

    ours = browser.visit(static_address + "search.html", taken)
    wanted = [[[token.start, token.end, token.stem] for token in tokenize(text)] for text in texts]
    assert sum(map(len, wanted)) > 20_000
    wrong = [
        (
            text[:60],
            [each for each in found if each not in right],
            [each for each in right if each not in found],
        )
        for text, found, right in zip(texts, ours, wanted, strict=True)
        if found != right
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "typed", ["don%27t", "don%E2%80%99t", "dont", "the", "tuto", "novelty effe", "__don't__"]
)
def test_every_passage_is_quoted_where_it_has_a_word(
    browser: Browser, static_address: str, typed: str
) -> None:
    _, quotes, marks = browser.visit(f"{static_address}search.html?q={typed}", looked_up)
    assert [quote for quote, marked in zip(quotes, marks, strict=True) if not marked] == []
    if "don" in typed:
        assert {mark.lower() for marked in marks for mark in marked} == {"don't"}


def test_words_are_looked_for_whole_and_alone(browser: Browser, static_address: str) -> None:
    """Neither a letter of a name with symbols nor an underscore's neighbour counts; markup is words."""

    def nothing(page: Any) -> str:
        page.wait_for_selector("#results > p:not(.hint)")
        return str(page.inner_text("#results"))

    for typed in ("C%2B%2B", "__tuto__", "tuto%20", "constructor"):
        told = browser.visit(f"{static_address}search.html?q={typed}", nothing)
        assert told.startswith("None of these words"), typed


def test_what_is_said_of_the_number_is_true(browser: Browser, static_address: str) -> None:
    def told_of(typed: str) -> tuple[str, int]:
        told, quotes, _ = browser.visit(f"{static_address}search.html?q={typed}", looked_up)
        return told, len(quotes)

    assert told_of("the") == ("The first 12 passages with these words", 12)
    assert told_of("school%20people") == ("The first 12 passages with some of these words", 12)
    told, n_shown = told_of("novelty")
    assert told == f"{n_shown} passage{'s' * (n_shown > 1)} with these words"
    told, n_shown = told_of("novelty%20xylophonic")
    assert told == f"{n_shown} passage{'s' * (n_shown > 1)} with some of these words"


def test_static_pages_are_searched_as_one_types(browser: Browser, static_address: str) -> None:
    def search(page: Any) -> str:
        page.focus("#q")
        page.keyboard.type("novelty effe")
        page.wait_for_selector(".suggest .found li")
        first = page.locator(".suggest .found li").first
        assert first.locator("mark").count() >= 1
        first.locator("a").first.click()
        page.wait_for_selector("#transcript")
        return str(page.evaluate("document.querySelector(location.hash).textContent"))

    assert "novelty effect" in browser.visit(static_address + "index.html", search)

    def nothing(page: Any) -> str:
        page.wait_for_selector("#results > p:not(.hint)")
        return str(page.inner_text("#results"))

    assert "None of these words" in browser.visit(static_address + "search.html?q=xylophonic", nothing)
