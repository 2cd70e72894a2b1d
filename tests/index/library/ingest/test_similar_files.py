"""Files with the same words are found without a parser, in whatever format they are."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index.library.ingest.similar_files import raw_sketch, similar_files

from .conftest import WORDS, webvtt


def test_the_most_alike_come_first_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    library = tmp_path / "library"
    texts = {
        "other": webvtt(WORDS[::-1]).encode(),
        "near": " ".join([*WORDS[4:], "and", "that", "was", "all"]).encode(),
        "same": webvtt(WORDS).encode("utf-16"),
        "json": json.dumps([{"text": "\n".join(WORDS)}]).encode(),
    }
    for slug, data in texts.items():
        (library / slug).mkdir(parents=True)
        (library / slug / "x").write_bytes(data)
    places = [(slug, "x") for slug in ("gone", *texts)]
    found = similar_files(" ".join(WORDS).encode(), library, places, most=3)
    assert [slug for slug, _ in found] == ["json", "same", "near"]
    assert similar_files(b"", library, places, most=3) == []


@given(st.binary(max_size=300))
def test_any_bytes_have_a_sketch_of_ascending_hashes(data: bytes) -> None:
    sketch = raw_sketch(data).tolist()
    assert sketch == sorted(set(sketch))
    assert len(sketch) <= 200
