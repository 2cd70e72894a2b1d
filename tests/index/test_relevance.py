"""Claims about when an answer counts as found."""

from pathlib import Path

import pytest

from index.errors import RowsInvalid
from index.passages import Found
from index.relevance import Question, figures, holds, is_named, outcome_of, read_questions

from .conftest import episode_record

ANSWER = " ".join(f"w{n}" for n in range(104))  # a hundred phrases of five words


def part(n_phrases: int) -> str:
    return " ".join(f"w{n}" for n in range(n_phrases + 4))


def test_a_third_of_the_answer_is_enough_and_less_is_not() -> None:
    other = " ".join(f"x{n}" for n in range(500))
    assert holds(f"{part(30)} {other}", ANSWER)
    assert not holds(f"{part(29)} {other}", ANSWER)


def test_half_of_a_short_passage_is_enough() -> None:
    assert holds(f"{part(10)} y1 y2 y3 y4 y5", ANSWER)
    assert not holds(f"{part(4)} y1 y2 y3 y4 y5 y6", ANSWER)


@pytest.mark.parametrize(("passage", "answer"), [("", ANSWER), (ANSWER, ""), ("one two", ANSWER)])
def test_what_has_no_five_words_holds_nothing(passage: str, answer: str) -> None:
    assert not holds(passage, answer)


def test_letters_and_marks_do_not_count() -> None:
    assert holds("The RIVER rose -- over the dam!", "the river rose over the dam")


def test_an_episode_is_named_by_slug_title_video_or_file() -> None:
    episode = episode_record(
        1,
        "Ada Lind: Rivers",
        slug="ada-lind",
        video_id="abcdefghijk",
        transcripts=[{"file": "captions.vtt", "original_name": "ada_rivers-12.en.vtt"}],
    )
    for name in ("ada-lind", "ada lind rivers", "[abcdefghijk]", "ada_rivers-12.en"):
        assert is_named(episode, name), name
    assert not is_named(episode, "rivers")


def test_nothing_found_counts_as_nothing() -> None:
    missed = outcome_of(Question("q", "river", "ada", ANSWER), Found("river", "e", (), (), False, {}))
    assert figures([missed]) == {"hit@1": [0.0], "hit@5": [0.0], "MRR@10": [0.0], "episode@3": [0.0]}
    assert figures([]) == {"hit@1": [], "hit@5": [], "MRR@10": [], "episode@3": []}


def test_questions_are_read_and_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": 1, "query": "river", "episode": "a", "text": "b"}\n\n{"id": "2", "query": "mill"}\n'
    )
    assert read_questions(path) == [Question("1", "river", "a", "b"), Question("2", "mill", None, None)]
    for broken in (
        '{"id": 1, "query": "x"}\n{"id": 2}',
        '{"id": 1, "query": "x"}\nnonsense',
        '{"id": 1, "query": "x"}\n[1]',
    ):
        path.write_text(broken)
        with pytest.raises(RowsInvalid) as caught:
            read_questions(path)
        assert caught.value.fields["line"] == 2
    with pytest.raises(RowsInvalid):
        read_questions(tmp_path / "missing.jsonl")
