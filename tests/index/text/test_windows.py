"""Claims about windows: they part a slice, and their keys name their texts."""

from hypothesis import given
from hypothesis import strategies as st

from index.text.windows import WINDOW_CHARS, Window, window_key, window_texts, windows_of

from ..conftest import piece_of

UNITS = st.lists(st.integers(1, 90).map(lambda n: " ".join(["river"] * n) + "."), min_size=1, max_size=12)


@given(UNITS, st.sampled_from([1, 100, WINDOW_CHARS]))
def test_small_windows_part_the_units_once_and_the_whole_comes_first(units: list[str], longest: int) -> None:
    piece = piece_of(*units)
    whole, *small = windows_of(piece, window_chars=longest)
    assert whole == Window(0, len(piece.text))
    ends = {0, *(end + 1 for end in piece.unit_ends)}
    if not small:
        assert len(units) == 1 or len(piece.text) <= longest
        return
    assert len(small) > 1
    assert " ".join(window_texts(piece, small)) == piece.text
    for window in small:
        assert {window.start, window.end + 1} <= ends
        assert window.end - window.start <= longest or "." not in piece.text[window.start : window.end - 1]


@given(st.lists(st.text(), unique=True, max_size=50))
def test_keys_name_texts_in_64_bits(texts: list[str]) -> None:
    keys = [window_key(text) for text in texts]
    assert len(set(keys)) == len(texts)
    assert all(0 <= key < 2**64 for key in keys)
    assert keys == [window_key(text) for text in texts]
