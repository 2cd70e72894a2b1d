"""A source is meant by its name, a part of it, the beginnings of its words, or a misspelling; nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.source_names import sources_meant

SOURCES = [
    "AXRP",
    "Computerphile",
    "Lenny's Podcast",
    "Lex Fridman Podcast",
    "Robert Miles",
    "The Long Bench",
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("computerphile", ["Computerphile"]),
        ("COMPUTER PHILE", ["Computerphile"]),
        ("computerfile", ["Computerphile"]),
        ("axpr", ["AXRP"]),
        ("lex", ["Lex Fridman Podcast"]),
        ("lexfridman", ["Lex Fridman Podcast"]),
        ("lex friedman", ["Lex Fridman Podcast"]),
        ("Lex Freidman podcats", ["Lex Fridman Podcast"]),
        ("lenny podcast", ["Lenny's Podcast"]),
        ("rob miles", ["Robert Miles"]),
        ("podcast", ["Lenny's Podcast", "Lex Fridman Podcast"]),
        ("long bank", []),
        ("lux", []),
        ("hard fork", []),
        ("", []),
        ("…", []),
    ],
)
def test_a_source_is_meant_however_it_is_typed(typed: str, meant: list[str]) -> None:
    assert sources_meant(typed, SOURCES) == meant


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=20))
def test_what_is_meant_is_among_the_sources_and_a_name_means_itself(sources: list[str], typed: str) -> None:
    assert set(sources_meant(typed, sources)) <= set(sources)
    for source in sources:
        assert not any(map(str.isalnum, source.casefold())) or source in sources_meant(source, sources)
