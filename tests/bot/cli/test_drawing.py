"""Nothing that is drawn breaks a word or a link, leaves its indent, or lets foreign text command the terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.app.settings import DATA
from bot.cli.charts import MOST_COLUMNS, arc, gauge, link, quoted, say, stand, words
from index.search.excerpts import Excerpt
from scoring.axis import load_axis

AXIS = load_axis(DATA / "axes" / "risk-opportunity")
LETTERS = st.text(st.characters(categories=("L", "N"), max_codepoint=0x24F), min_size=1, max_size=30)


def said(text: Text | str, columns: int = 40, **how: object) -> list[str]:
    out = Console(width=columns, record=True, file=None, color_system=None, quiet=False)
    with out.capture() as captured:
        say(out, text, **how)  # type: ignore[arg-type]
    return captured.get().splitlines()


def excerpt(text: str, *marks: tuple[int, int]) -> Excerpt:
    return Excerpt(text, 0, len(text), None, None, None, marks)


@given(st.lists(LETTERS, min_size=1, max_size=60), st.integers(20, 140), st.integers(0, 9), st.integers(0, 9))
def test_lines_wrap_between_words_under_their_indent(spoken, columns, indent, hang) -> None:
    lines = said(" ".join(spoken), columns, indent=indent, hang=hang)
    assert [word for line in lines for word in line.split(" ") if word] == spoken
    width = min(columns, MOST_COLUMNS)
    for number, line in enumerate(lines):
        own = hang if number else indent
        assert line.startswith(" " * own)
        assert not line[own:].startswith(" ")
        assert line == line.rstrip()
        assert cell_len(line) <= max(width, own + max(map(len, spoken)), own + width - max(indent, hang))


@pytest.mark.parametrize("columns", [20, 80, 120])
def test_a_link_stays_whole_and_is_known_as_a_link(columns) -> None:
    address = "https://recordings.example/gunnar-eziokwu-on-what-cannot-be-recalled#t=478"
    assert said(link(address), columns, indent=5) == ["     " + address]
    out = Console(width=columns, force_terminal=True, color_system="256")
    with out.capture() as captured:
        say(out, link(address), indent=5)
    assert f";{address}\x1b\\" in captured.get(), "as a hyperlink (OSC 8)"
    assert re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", captured.get()) == f"     {address}\n"


def test_a_part_of_a_line_is_not_torn_from_its_number() -> None:
    lines = said(words("Contrary Weather", "2026-05-19").append(" · ") + stand(AXIS, -20), 34)
    assert lines == ["Contrary Weather · 2026-05-19 ·", "−20 Risk-forward"]


@pytest.mark.parametrize("text", ["[red]x[/red]", ":bug:", "[/]", "1.5 'a' https://x.example"])
def test_what_looks_like_markup_is_printed_as_it_is(text) -> None:
    assert said(text, 80) == [text]


def test_foreign_text_commands_no_terminal() -> None:
    hostile = "a\x1b]0;owned\x07b\x1b[2Jc\u202ed\r\x08e"
    for shown in (said(hostile), said(words(hostile)), said(quoted(excerpt(hostile)))):
        assert not re.search("[\x00-\x1f\x7f\u202e]", "".join(shown))


def test_a_quotation_shows_where_it_was_cut() -> None:
    assert quoted(excerpt("Whole it is.")).plain == "“Whole it is.”"
    assert quoted(excerpt("from inside a breath")).plain == "“…from inside a breath…”"


@pytest.mark.parametrize("before", ["", "\N{ZERO WIDTH SPACE}", "\x1b[2J", "\t"])
def test_marks_of_a_quotation_lie_on_its_words(before) -> None:
    text = f"And {before}the mill stood."
    start = text.index("mill")
    shown = quoted(excerpt(text, (start, start + 4)))
    (mark,) = [span for span in shown.spans if "bold" in str(span.style)]
    assert shown.plain[mark.start : mark.end] == "mill"


@given(st.floats(-100, 100), st.none() | st.floats(-100, 100))
def test_a_gauge_shows_one_place_between_its_poles(position, mirror) -> None:
    plain = gauge(AXIS, position, mirror).plain.replace("\xa0", " ")
    assert plain.startswith("risk-forward ◀")
    assert plain.endswith("▶ opportunity-forward")
    assert plain.count("●") == 1
    assert len(plain) == len(gauge(AXIS, 0).plain) <= 78


@given(st.lists(st.floats(-100, 100), max_size=300), st.integers(1, 100))
def test_an_arc_has_a_bar_for_each_slice_or_as_many_as_there_is_room_for(positions, width) -> None:
    assert len(arc(AXIS, positions, width).plain) == min(len(positions), width)


def test_an_arc_rises_with_the_position() -> None:
    drawn = arc(AXIS, [-100, -70, -30, -5, 5, 30, 69, 100], 10).plain
    assert list(drawn) == sorted(drawn)
    assert (drawn[:2], drawn[-2:], len(set(drawn))) == ("▁▁", "██", 6)
