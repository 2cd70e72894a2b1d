"""Claims about the paragraph that is kept of a description."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.ingest.summary import LONGEST_SUMMARY, summary_of


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        (None, None),
        ("", None),
        ("Why does it rise? Ada tells us.\n\nThanks to my supporters:\nJo\nKim", "Why does it rise? Ada tells us."),
        ("Sponsored by Sand & Co: https://x.example\n\nWhy does the river rise?", "Why does the river rise?"),
        ("20% off with the code RIVER\nWhy does the river rise?\n\nhttps://x.example", "Why does the river rise?"),
        ("Why does it rise?\n\nTopics we discuss:\n- sand\n- bread", "Why does it rise?"),
        ("https://a.example\nhttps://b.example\n\nSupport me on x!", None),
        ("Why it rises.\n\nQuestions in this talk\n1. What now?", "Why it rises."),
        ("One is short.\n\nSo is this two.\n\nThird is left out.", "One is short.\n\nSo is this two."),
    ],
)  # fmt: skip
def test_prose_is_kept_and_lists_links_and_adverts_are_not(
    description: str | None, summary: str | None
) -> None:
    assert summary_of(description) == summary


def test_a_long_paragraph_ends_with_a_sentence() -> None:
    summary = summary_of("The river rises every single spring. " * 40)
    assert summary is not None
    assert len(summary) <= LONGEST_SUMMARY
    assert summary.endswith("spring.")


@given(st.text(max_size=3000))
def test_any_description_gives_a_short_summary_or_none(description: str) -> None:
    summary = summary_of(description)
    assert summary is None or 0 < len(summary) <= LONGEST_SUMMARY
