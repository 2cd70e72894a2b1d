"""A picture that is written is read again as the same pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from bot.render.png.encoding import encode_png


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 64), (200, 65), (7, 500)])
def test_a_written_picture_is_read_as_it_was(width: int, height: int) -> None:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 4), dtype=np.uint8)
    with Image.open(io.BytesIO(encode_png(Image.fromarray(pixels)))) as read:
        assert (read.format, read.mode) == ("PNG", "RGBA")
        assert np.array_equal(np.asarray(read), pixels)
