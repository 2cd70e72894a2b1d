"""Claims about when an answer counts as found."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import RowsInvalid
from index.evaluation.retrieval import (
    OTHER_WORDS,
    OWN_WORDS,
    Question,
    figures,
    holds,
    is_named,
    kind_of,
    outcome_of,
    read_questions,
    right_episodes,
)
from index.search.answers import Found

from ..conftest import episode_record

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
    assert holds("Ada’s river didn’t rise this year", "Ada's river didn't rise this year")


@pytest.mark.parametrize(
    "text",
    [
        "река поднялась выше старой плотины весной",
        "今年春天河水又涨过了大坝",
        "올봄에 강물이 다시 둑을 넘어 왔다",
    ],
)
def test_an_answer_in_another_script_is_found(text: str) -> None:
    assert holds(f"… {text}!", text)
    assert not holds("one two three four five six seven", text)


def test_a_name_in_another_script_means_its_own_episode() -> None:
    rivers, mills = (
        episode_record(number, title) for number, title in enumerate(("河流与大坝", "水车"), start=1)
    )
    assert right_episodes("水车", [rivers, mills]) == (mills,)
    assert right_episodes("…", [rivers, mills]) == ()


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


def test_words_of_a_title_or_a_file_name_the_episode_and_numbers_alone_do_not() -> None:
    episode = episode_record(
        1,
        "Ada Lind: Rivers, Dams and What Floods - The Mill Podcast 416 2019",
        transcripts=[{"file": "captions.srt", "original_name": "Lind and Öhman, talk 7.srt"}],
    )
    for name in ("lind-416", "mill podcast 416", "ohman-7"):
        assert is_named(episode, name), name
    for name in ("416", "416-2019", "lind", "lind-417", "floods talk 7", ""):
        assert not is_named(episode, name), name


def test_an_episodes_very_name_means_no_other_that_has_its_words() -> None:
    short, long = episode_record(1, "Rivers and Dams"), episode_record(2, "More on Rivers and Dams")
    assert right_episodes("rivers-and-dams", [long, short]) == (short,)
    assert right_episodes("dams-more", [long, short]) == (long,)
    assert right_episodes("mills", [long, short]) == ()
    assert right_episodes(None, [long, short]) == ()


def test_a_question_is_of_its_own_words_where_the_answer_holds_its_rarest() -> None:
    idf = {"read": 1.0, "river": 2.0, "gaug": 5.0, "dam": 4.0}
    asked = Question("q", "read river gauge dam", "ada", "We look at the gauges on every dam.")
    assert kind_of(asked, idf) == OWN_WORDS
    assert kind_of(replace(asked, text="We read the gauges, every one."), idf) == OTHER_WORDS
    assert kind_of(asked, {"gaug": 5.0, "dam": 4.0}) == OWN_WORDS
    assert kind_of(replace(asked, text="every dam"), {"gaug": 5.0, "dam": 4.0}) == OTHER_WORDS
    assert kind_of(asked, {}) == OTHER_WORDS
    assert kind_of(replace(asked, kind="heading"), idf) == "heading"
    assert kind_of(replace(asked, text=None), idf) is None


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
        '{"id": 1, "query": "\\u00e9"}\n{"id": 2, "query": "half a letter \\ud800"}',
    ):
        path.write_text(broken)
        with pytest.raises(RowsInvalid) as caught:
            read_questions(path)
        assert caught.value.fields["line"] == 2
    with pytest.raises(RowsInvalid):
        read_questions(tmp_path / "missing.jsonl")
