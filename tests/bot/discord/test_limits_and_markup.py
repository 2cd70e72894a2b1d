"""Foreign text is harmless and fits, whatever it is made of."""

from __future__ import annotations

import datetime
import re
import unicodedata
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from discord import SelectOption, ui
from hypothesis import given
from hypothesis import strategies as st

from bot.app.community import KEY_LENGTH
from bot.app.one_line import one_line
from bot.app.settings import DATA
from bot.discord.features.admin.rendering import notice
from bot.discord.ui.components import EpisodeAction, FindAction
from bot.discord.ui.limits import (
    DETAILS,
    MAX_CUSTOM_ID,
    MAX_TEXT,
    DoesNotFit,
    TooManyComponents,
    cut,
    fits,
    fitted,
    size,
)
from bot.discord.ui.markup import _quoted, escape, inner_quotes, link, plain_text, quoted, safe
from bot.discord.ui.parts import Answer, day
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from index.library.episodes import LONGEST_SLUG
from scoring.axis import load_axis

PIECES = st.sampled_from(
    ["word ", "*", "**", "_", "`", "```", "~~", "||", "> ", "# ", "- ", "1. ", "[x](http://a.b)", "<@123>", "<@&9>",
     "<#1>", "@everyone", "@here", "https://e.org", "discord.gg/abc", "discord.com/invite/x", "<t:1:R>", "\\",
     "e\u0301", "👩‍👩‍👧", "👍🏽", "שלום ", "\u202eabc", "\u200b", "\n", "\t", "é", "漢字", "🇩🇪", "a" * 40]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join))

UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]#]")


@given(TEXTS, st.integers(1, 200))
def test_a_cut_fits_and_is_a_beginning(text: str, most: int) -> None:
    short = cut(text, most)
    assert size(short) <= most
    if short != text:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@given(TEXTS, st.integers(2, 200))
def test_a_cut_parts_no_letter_from_its_marks(text: str, most: int) -> None:
    short = cut(text, most)
    if short != text:
        rest = text[len(short) - 1 :].lstrip(" ,;:–—-")
        assert (
            not rest
            or len(short) == 1
            or unicodedata.category(rest[0])[0] != "M"
            or rest != text[len(short) - 1 :]
        )


def test_a_cut_is_at_a_word() -> None:
    assert cut("the quick brown fox", 13) == "the quick…"
    assert cut("the quick brown fox", 19) == "the quick brown fox"
    assert cut("incomprehensibilities", 8) == "incompr…"
    assert cut("e\u0301" * 5, 6) == "e\u0301e\u0301…"


@given(TEXTS)
def test_escape_text_holds_no_markup(text: str) -> None:
    safe = escape(one_line(text))
    assert not UNESCAPED.search(safe)
    assert not re.search(r"@(everyone|here|\d)", safe)
    assert "://" not in safe
    assert not re.search(r"discord(app)?\.(gg|com)", safe, re.IGNORECASE)
    assert not re.match(r"\s*(-|\d+\.)(\s|$)", safe)


@given(TEXTS)
def test_escaping_changes_no_letter_that_is_read(text: str) -> None:
    line = one_line(text)
    read = re.sub(r"\\(.)", r"\1", escape(line)).replace("\u200b", "")
    assert read == line.replace("\u200b", "")


@given(TEXTS)
def test_one_line_text_is_one_line_that_turns_nothing_around(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert not set(line) & set("\u202e\u202d\u2066\u2067\u200b\u0000")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@900000000000000001> did you see **this**? `git push --force` and it deleted prod",
         "did you see this? git push --force and it deleted prod"),
        ("look:\n```py\nmodel.train()\n```\nwhy does it lie?", "look: why does it lie?"),
        ("```py\nmodel.train()\n```", "model.train()"),
        ("> # who decides?\n> nobody <:sad:123456789012345678> ||said|| ~~he~~ __she__ _to_ me",
         "who decides? nobody said he she to me"),
        ("***very*** [the paper](https://example.org/x) <#12> <@&9> </find:123>", "very the paper"),
        ("A* search and snake_case_names * 2", "A* search and snake_case_names * 2"),
        ("<@900000000000000001>", "<@900000000000000001>"),
    ],
)  # fmt: skip
def test_of_a_message_its_words_are_read_without_signs(written: str, read: str) -> None:
    assert plain_text(written) == read


@given(TEXTS)
def test_plain_text_is_one_line_and_keeps_what_has_no_signs(text: str) -> None:
    assert plain_text(text) == one_line(plain_text(text))
    letters = "".join(letter for letter in one_line(text) if letter.isalnum() or letter == " ")
    assert plain_text(letters) == one_line(letters)


def test_quotes_within_quotes_are_single() -> None:
    assert inner_quotes('"outer alignment" is „dies“ or "') == '‘outer alignment’ is ‘dies’ or "'


@given(TEXTS, st.lists(st.tuples(st.integers(0, 300), st.integers(1, 20)), max_size=8), st.integers(6, 200))
def test_a_quote_has_whole_bold_marks_whatever_is_cut(
    text: str, places: list[tuple[int, int]], most: int
) -> None:
    marks = sorted((a, min(a + n, len(text))) for a, n in places if a < len(text))
    line = quoted(text, marks, most)
    assert "\n" not in line
    bare = re.sub(r"\\.", "", line)
    assert bare.count("**") % 2 == 0
    assert not UNESCAPED.search(re.sub(r"\*\*", "", bare))


def test_words_that_match_are_bold_as_a_phrase() -> None:
    text = "on singular learning theory, and open-source *models*"
    marks = [(3, 11), (12, 20), (21, 27), (33, 37), (38, 44)]
    assert quoted(text, marks, 100) == "on **singular learning theory**, and **open-source** \\*models\\*"


def test_a_quote_whose_words_stand_late_begins_near_them() -> None:
    text = "filler " * 50 + "the needle is here " + "filler " * 50
    at = text.index("needle")
    line = quoted(text, [(at, at + 6)], 80)
    assert "**needle**" in line
    assert line.startswith("…")


def test_links_carry_no_markup_and_long_ones_are_left_out() -> None:
    assert link("here", "https://e.org/a(b)>c d", longest=100) == "[here](<https://e.org/a%28b%29%3Ec%20d>)"
    assert link("here", "https://e.org/" + "a" * 100, longest=50) == "here"
    assert link("here", None, longest=50) == "here"


def test_safe_text_is_cut_before_it_is_escape() -> None:
    assert safe("**** ****", 6) == "\\*\\*\\*\\*…"


@given(TEXTS, st.integers(1, 500))
def test_safe_text_is_in_one_line_cut_and_escaped_whatever_is_kept(text: str, most: int) -> None:
    assert safe(text, most) == safe(text, most) == escape(cut(one_line(text[: 8 * most + 200]), most))


@given(TEXTS, st.integers(1, 500), st.data())
def test_a_quotation_that_fits_is_the_same_at_every_larger_detail(
    text: str, most: int, data: st.DataObject
) -> None:
    ends = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    marks = list(pairwise(ends))[::2]
    assert quoted(text, marks, most) == _quoted.__wrapped__(text, marks, most, (0, 0))


def test_custom_ids_fit_and_are_read_back() -> None:
    longest = EpisodeAction("a" * LONGEST_SLUG, "picks", "share")
    find = FindAction("a" * KEY_LENGTH, 999, "share")
    assert max(len(str(longest)), len(str(find))) <= MAX_CUSTOM_ID
    episode, question = EpisodeAction.OTHERS.fullmatch(str(longest)), FindAction.PATTERN.fullmatch(str(find))
    assert episode is not None
    assert question is not None
    assert (EpisodeAction.parse(episode), FindAction.parse(question)) == (longest, find)


def test_the_fullest_answer_that_fits_is_chosen() -> None:
    answer = fitted(lambda detail: Answer("x" * detail.prose * 8))
    assert fits(answer)
    assert len(str(answer.children[0].content)) == 8 * 420  # type: ignore[attr-defined]


def test_an_answer_that_never_fits_is_an_error_with_its_size() -> None:
    with pytest.raises(DoesNotFit) as refused:
        fitted(lambda _: Answer("x" * 4001))
    assert refused.value.fields == {"received": 4001, "limit": MAX_TEXT}


@pytest.mark.parametrize("text", ["x" * 4001, "漢" * 3400])
def test_what_is_too_long_or_too_heavy_does_not_fit(text: str) -> None:
    assert not fits(Answer(text))
    assert fits(Answer(text[:3000]))


def test_forty_components_are_the_most() -> None:
    assert fits(Answer(*(ui.TextDisplay("x") for _ in range(40))))
    with pytest.raises(TooManyComponents, match="41"):
        Answer(*("x" for _ in range(41)))


def menu(*labels: str) -> ui.Select[Any]:
    return ui.Select(custom_id="m", options=[SelectOption(label=label) for label in labels])


@pytest.mark.parametrize(
    ("parts", "is_taken"),
    [
        ([ui.Button[Any](label="x" * 80, custom_id="a" * 100)], True),
        ([ui.Button[Any](label="x" * 81, custom_id="a")], False),
        ([ui.Button[Any](label="x", custom_id="a" * 101)], False),
        ([ui.Button[Any](label="x", custom_id="a"), ui.Button[Any](label="y", custom_id="b")], True),
        ([ui.Button[Any](label="x", custom_id="a"), ui.Button[Any](label="y", custom_id="a")], False),
        ([ui.Button[Any](label="x", url="https://e.org/" + "a" * 499)], False),
        ([menu("x" * 100)], True),
        ([menu("x" * 101)], False),
        ([menu(*map(str, range(25)))], True),
        ([menu(*map(str, range(26)))], False),
        ([menu()], False),
    ],
)
def test_what_discord_refuses_in_a_button_or_menu_does_not_fit(
    parts: list[ui.Item[Any]], is_taken: bool
) -> None:
    assert fits(Answer(ui.ActionRow(*parts))) is is_taken


def test_the_ladder_goes_down() -> None:
    for fuller, barer in pairwise(DETAILS):
        assert barer.quote < fuller.quote
        assert barer.items <= fuller.items


@pytest.mark.parametrize(
    "zone", ["Pacific/Honolulu", "America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo", "Pacific/Auckland"]
)
@pytest.mark.parametrize("date", [datetime.date(2026, 1, 15), datetime.date(2026, 7, 15)])
def test_a_day_is_the_same_day_wherever_it_is_read(zone: str, date: datetime.date) -> None:
    told = re.fullmatch(r"<t:(\d+):D>", day(date))
    assert told is not None
    assert datetime.datetime.fromtimestamp(int(told[1]), ZoneInfo(zone)).date() == date


def test_a_slug_is_shown_as_it_is_written() -> None:
    """It stands as code, in which an escape would be seen, and be copied."""
    language = Language(MessageCatalogue.load(), "en", load_axis(DATA / "axes" / "risk-opportunity"))
    answer = notice(language, "admin.written.new", title="a_talk *on* keys", slug="a_talk-on.keys")
    [text] = [part.content for part in answer.walk_children() if isinstance(part, ui.TextDisplay)]
    assert "`a_talk-on.keys`" in text
    assert "a\\_talk \\*on\\* keys" in text


def test_the_sentence_that_matters_stays_where_a_quotation_is_cut() -> None:
    before, core = "The mill stood still all day, and nobody knew why. " * 3, "Then the dam broke."
    text = before + core + " The mill stood still again."
    at = (len(before), len(before) + len(core))
    assert quoted(text, [(4, 8)], 60, at) == "…Then the dam broke. The mill stood still again."
    assert quoted(text, [(4, 8)], 60).startswith("The **mill**")
    assert quoted(text, [(len(before) + 9, len(before) + 12)], 60, at).startswith("…Then the **dam** broke.")
    assert quoted(text, [], len(text), at) == text
    assert "**dam**" in quoted(text, [(len(before) + 9, len(before) + 12)], 60, (0, len(text))), (
        "longer than fits"
    )
