"""The real files beside the repository: all are read, none silently empty, rolling tracks word for word."""

import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from index.transcripts.formats import parse_transcript
from index.transcripts.model import Transcript

SHARED = Path(__file__).resolve().parents[4] / ".." / "shared"
CORPUS = SHARED / "corpus"
SUFFIXES = {".vtt", ".srt", ".md", ".markdown"}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus does not lie beside this checkout")

FILES = sorted(path for path in CORPUS.rglob("*") if path.suffix in SUFFIXES) if CORPUS.is_dir() else []


def parsed(path: Path) -> Transcript:
    return parse_transcript(path.read_bytes(), name=path.name)


def test_every_file_is_read_and_has_words_in_proportion() -> None:
    assert len(FILES) >= 56
    for path in FILES:
        transcript = parsed(path)
        n_words = sum(len(cue.text.split()) for cue in transcript.cues)
        assert n_words > path.stat().st_size / 60, path.name
        if path.suffix not in {".vtt", ".srt"}:
            assert len({cue.speaker for cue in transcript.cues} - {None}) >= 2, path.name
            assert transcript.hints.title, path.name
            assert transcript.hints.video_id, path.name
            assert transcript.hints.published, path.name
        else:
            assert transcript.is_timed, path.name


def test_rolling_tracks_hold_exactly_the_words_of_the_new_rows() -> None:
    seen = 0
    for path in FILES:
        raw = path.read_text(encoding="utf-8")
        if "<c" not in raw:
            continue
        seen += 1
        blocks = re.findall(r"(\S+) --> (\S+).*\n(?:.*)\n(.+)\n", raw)
        rows = [row for start, end, row in blocks if _seconds(end) - _seconds(start) > 0.02]
        expected = re.sub(r"\[[^\]]*\]", " ", re.sub(r"<[^>]*>", "", " ".join(rows))).split()
        transcript = parsed(path)
        assert " ".join(cue.text for cue in transcript.cues).split() == expected, path.name
        starts_s = [second_s for cue in transcript.cues for second_s in cue.word_starts_s]
        assert len(starts_s) == len(expected), path.name
        assert starts_s == sorted(starts_s), path.name
    assert seen >= 15


def test_published_words_and_captions_of_one_talk_agree() -> None:
    page = SHARED / "seed-page.txt"
    published = next(path for path in FILES if "jesse-hoogland" in path.name)
    captions = (
        page.read_text(encoding="utf-8").partition("Show full transcript")[2].partition("[Music] [Music]")[0]
    )
    said = _words(" ".join(cue.text for cue in parsed(published).cues))
    heard = _words(captions)
    matcher = SequenceMatcher(None, said, heard, autojunk=False)
    assert sum(block.size for block in matcher.get_matching_blocks()) > 0.92 * len(said)


def _seconds(clock: str) -> float:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())
