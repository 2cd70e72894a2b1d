"""Claims about quotes: whole units that hold the words."""

from hypothesis import given
from hypothesis import strategies as st

from index.search.quotes import LONGEST_QUOTE_CHARS, best_span
from index.text.tokens import TermFinder, idf, terms_of

from ..conftest import piece_of

UNITS = st.lists(
    st.lists(st.sampled_from(["river", "mill", "dam", "and", "rose"]), min_size=1, max_size=60).map(
        lambda words: " ".join(words) + "."
    ),
    min_size=1,
    max_size=10,
)


@given(UNITS, st.sampled_from(["river dam", "mill", "nothing here"]), st.booleans())
def test_a_quote_is_whole_units_and_its_marks_are_the_words(units: list[str], asked: str, near: bool) -> None:
    piece = piece_of(*units)
    terms = terms_of(asked)
    windows = [(start, end, 0.1 * place) for place, (start, end) in enumerate(piece.units())] if near else []
    span = best_span(piece, TermFinder(terms), {stem: idf(10, 1) for stem in terms.stems}, windows)
    bounds = list(piece.units())
    assert span.start in {start for start, _ in bounds}
    assert span.end in {end for _, end in bounds}
    n_units = sum(span.start <= start < span.end for start, _ in bounds)
    assert 1 <= n_units <= 3
    assert n_units == 1 or span.end - span.start <= LONGEST_QUOTE_CHARS
    marked = [piece.text[start:end].lower() for start, end in span.marks]
    words = piece.text[span.start : span.end].replace(".", "").split()
    assert marked == [word for word in words if word in asked.split()]


def test_the_sentence_with_the_words_is_quoted() -> None:
    piece = piece_of(
        "It rained on all of us for a week or so.", "The old mill wheel stood quite still then.", "We left."
    )
    terms = terms_of("mill wheel")
    span = best_span(piece, TermFinder(terms), dict.fromkeys(terms.stems, 1.0), [])
    assert piece.text[span.start : span.end] == "The old mill wheel stood quite still then."


def test_without_words_the_nearest_window_is_quoted() -> None:
    units = [
        "One sentence that is long enough to be shown.",
        "Another sentence that is long enough to be shown.",
    ]
    piece = piece_of(*units)
    second = piece.unit_ends[0] + 1
    windows = [(0, second - 1, 0.2), (second, len(piece.text), 0.6)]
    span = best_span(piece, TermFinder(terms_of("river")), {"river": 0.0}, windows)
    assert (span.start, span.marks) == (second, ())
