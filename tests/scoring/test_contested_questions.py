"""The contested questions of an axis: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring.contested_questions import FILE_NAME, read_contested_questions
from scoring.errors import AxisDataInvalid

AXIS = Path(__file__).parents[2] / "data" / "axes" / "risk-opportunity"


def test_the_axis_that_ships_has_questions_that_can_be_answered_by_yes_and_no() -> None:
    questions = read_contested_questions(AXIS)
    assert len(questions) > 50
    assert len(set(questions.values())) == len(questions)
    first_words = {question.split()[0] for question in questions.values()}
    assert not first_words & {"What", "Who", "Why", "How", "When", "Where", "Which"}


def test_an_axis_need_not_have_any(tmp_path: Path) -> None:
    assert read_contested_questions(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[questions\n", "not_toml:"),
        ('[other]\na = "Is it?"\n', "no_questions"),
        ('questions = "Is it?"\n', "no_questions"),
        ("[questions]\n", "no_questions"),
        ('[questions]\n"a b" = "Is it?"\n', "question_name:a b"),
        ('[questions]\njobs = "It is."\n', "question_text:jobs"),
        ('[questions]\njobs = """Is\nit?"""\n', "question_text:jobs"),
        ("[questions]\njobs = 3\n", "question_text:jobs"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(AxisDataInvalid) as refused:
        read_contested_questions(tmp_path)
    assert FILE_NAME in refused.value.fields["file"]
    assert named in refused.value.fields["problem"]
