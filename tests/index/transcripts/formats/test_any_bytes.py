"""Whatever the bytes are, parsing gives a sound transcript or one of the typed errors."""

from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import TranscriptRejected
from index.transcripts.formats import FORMATS, parse_transcript

FIXTURES = sorted(
    path for folder in ("fixtures", "cases") for path in (Path(__file__).parent / folder).iterdir()
)
CONTENTS = [(path.name, path.read_bytes()) for path in FIXTURES]
NAMES = st.sampled_from(
    "x.vtt x.srt x.json x.json3 x.srv3 x.xml x.md x.txt x x.ass x.sbv x.sub x.lrc x.csv".split()
)
SPLICES = [
    b"-->", b"<", b">", b"<v ", b"<c>", b"\n\n", b"**", b"[", b"](", b"(", b"00:00:01,000", b"-1", b"NaN",
    b"1e999", b"null", b"[0:05] ", b"**A:** ", b"0:05\n", b"{1}{25}", b"[1][25]", b"Dialogue: ",
    b"start,end,text\n", b"<tt><p begin='1s'>", b"{", b"}", b'"', b"&#xD800;", b"&", b"\\ud800", b"\xff", b"\x00",
    b"NOTE\n", b"---\n", b"# ", b":", b">> ", b"- ", b"99999999999", b"\xe2\x80\x8b", b"%YAML 1.1",
    b"\xf0\x9f\x8e\xb5", b"true", b"[]", b"{}",
]  # fmt: skip


def check(data: bytes, name: str) -> None:
    refused: TranscriptRejected | None = None
    try:
        transcript = parse_transcript(data, name=name)
    except TranscriptRejected as error:
        refused = error
    if refused is not None:
        assert refused.fields["file"] == name
        assert "line" in refused.fields
        return
    assert transcript.format in FORMATS
    assert transcript.cues
    starts_s = [cue.start_s for cue in transcript.cues if cue.start_s is not None]
    assert all(before <= after for before, after in pairwise(starts_s))
    for cue in transcript.cues:
        words = cue.text.split()
        assert words
        assert cue.text == " ".join(words)
        cue.text.encode("utf-8")
        assert cue.end_s is None or (cue.start_s is not None and cue.end_s >= cue.start_s)
        assert not cue.word_starts_s or len(cue.word_starts_s) == len(words)
        assert all(before <= after for before, after in pairwise(cue.word_starts_s))
        assert all(cue.start_s is not None and second_s >= cue.start_s for second_s in cue.word_starts_s)


@given(st.binary(max_size=400), NAMES)
def test_arbitrary_bytes(data: bytes, name: str) -> None:
    check(data, name)


@given(st.text(max_size=400), NAMES)
def test_arbitrary_text(text: str, name: str) -> None:
    check(text.encode("utf-8", errors="replace"), name)


@settings(max_examples=600)
@given(st.sampled_from(CONTENTS), st.data())
def test_mutated_files(content: tuple[str, bytes], data: st.DataObject) -> None:
    name, body = content
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        until = min(len(body), at + data.draw(st.integers(0, 30)))
        body = body[:at] + data.draw(st.sampled_from([*SPLICES, b""])) + body[until:]
    check(body, data.draw(st.sampled_from([name, "x.txt", "x.srt"])))


@given(st.lists(st.sampled_from([*SPLICES, b"lamp ", b"Ada Quill: ", b"\n"]), max_size=60), NAMES)
def test_piles_of_syntax(pieces: list[bytes], name: str) -> None:
    check(b"".join(pieces), name)


@given(st.sampled_from(CONTENTS), st.sampled_from(CONTENTS), NAMES)
def test_two_files_in_one(first: tuple[str, bytes], second: tuple[str, bytes], name: str) -> None:
    check(first[1] + second[1], name)
