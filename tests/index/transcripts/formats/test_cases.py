"""Small files in the shapes of public reports and exports give their right words, speakers and seconds.

``cases/expected.json`` holds for each file its cues (start, speaker, text), their ends where those matter, and what the
file says of its episode.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from index.transcripts.formats import parse_transcript

CASES = Path(__file__).parent / "cases"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_case(name: str) -> None:
    transcript = parse_transcript((CASES / name).read_bytes(), name=name)
    expected = EXPECTED[name]
    assert [[cue.start_s, cue.speaker, cue.text] for cue in transcript.cues] == expected["cues"]
    assert transcript.encoding == expected.get("encoding", "utf-8")
    assert [[part.line, part.reason] for part in transcript.skipped] == expected.get("skipped", [])
    for field in ("video_id", "published", "source", "duration_s"):
        assert getattr(transcript.hints, field) == expected.get(field), field
    if "title" in expected:
        assert transcript.hints.title == expected["title"]
    if "tags" in expected:
        assert list(transcript.hints.tags) == expected["tags"]
    if "description" in expected:
        assert transcript.hints.description == expected["description"]
    if "ends" in expected:
        assert [cue.end_s for cue in transcript.cues] == expected["ends"]
    if "chapters" in expected:
        assert list(dict.fromkeys(cue.chapter for cue in transcript.cues)) == expected["chapters"]


def test_every_case_has_its_expectation() -> None:
    assert {path.name for path in CASES.iterdir()} == {*EXPECTED, "expected.json"}
