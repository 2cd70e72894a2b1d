"""Claims about embedding single texts: they are embedded as a build embeds a slice of the same words."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from index.embedding.text_vectors import vectors_of


class Listening:
    """An encoder that notes what it is given."""

    fingerprint, dim = "none", 2

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        del progress
        self.texts += texts
        return np.zeros((len(texts), 2), np.float32)


@pytest.mark.parametrize("text", ["So it is. " * 200, "好。" * 60, "word " * 900, "one", ""])
def test_the_whole_text_comes_first_however_it_is_written(text: str) -> None:
    encoder = Listening()
    (vectors,) = vectors_of([text], encoder)
    assert len(vectors) == len(encoder.texts)
    assert "".join(encoder.texts[0].split()) == ("".join(text.split()) or "-")
