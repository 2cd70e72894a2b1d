"""Labelled minutes, as they are read and prepared for training."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.errors import RowsInvalid
from index.training.labelled_minutes import (
    N_PARTS,
    Minute,
    Taught,
    read_minutes,
    read_taught_minutes,
    read_texts,
    why_pieces,
    write_taught_minutes,
)
from scoring.stance import Stance


def minute(text: str, why: str | None) -> Minute:
    return Minute(text, -1.0, "technical", why, "a talk")


def words(text: str) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    """Where the words of ``text`` stand, with an empty span before and behind as tokenizers have them."""
    spans, start = [(0, 0)], 0
    for word in text.split():
        start = text.index(word, start)
        spans.append((start, start + len(word)))
        start += len(word)
    return np.array([*spans, (0, 0)], np.int64)


@pytest.mark.parametrize(
    ("why", "marked"),
    [
        ("lose control", [0, 0, 0, 0, 1, 1, 0]),
        ("Lose Control", [0, 0, 0, 0, 1, 1, 0]),
        ("lose sight", [0, 0, 0, 0, 0, 0, 0]),
        ("we will ... lose control", [0, 1, 1, 0, 1, 1, 0]),
        ("", [0, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_the_words_that_carry_a_position_are_marked(why: str, marked: list[int]) -> None:
    text = "we will surely lose control"
    found = why_pieces(minute(text, why), words(text))
    if why and not any(marked):
        assert found is None
    else:
        assert found is not None
        assert found.tolist() == marked


def test_letters_that_are_longer_in_small_do_not_move_the_words_behind_them() -> None:
    text = "İİ groß we lose control now"
    found = why_pieces(minute(text, "LOSE CONTROL"), words(text))
    assert found is not None
    assert found.tolist() == [0, 0, 0, 0, 1, 1, 0, 0]


def test_what_nobody_said_is_not_taken_for_nothing() -> None:
    assert why_pieces(minute("we will lose control", None), words("we will lose control")) is None
    assert why_pieces(minute("we will lose control", "gain it"), words("we will lose control")) is None


def test_minutes_of_one_talk_lie_in_one_part() -> None:
    parts = {Minute(str(number), 0.0, "", None, f"talk {number % 50}").part for number in range(500)}
    assert parts <= set(range(N_PARTS))
    assert len(parts) > N_PARTS // 2
    assert Minute("a", 0.0, "", None, "t").part == Minute("b", 1.0, "", None, "t").part


def test_a_talk_is_in_the_part_that_the_shipped_model_was_calibrated_by() -> None:
    assert [Minute("", 0.0, "", None, talk).part for talk in ("a", "b", "c")] == [12, 0, 16]


def test_a_file_of_minutes_is_read(tmp_path: Path) -> None:
    file = tmp_path / "minutes.jsonl"
    row = {
        "text": "We lose control.",
        "position": -1.5,
        "lens": "technical",
        "why": "lose control",
        "episode": "x",
    }
    file.write_text(json.dumps(row) + "\n\n" + json.dumps({"text": "Tea.", "position": 0}), encoding="utf-8")
    first, second = read_minutes(file)
    assert first == Minute("We lose control.", -1.5, "technical", "lose control", "x")
    assert second.why is None
    assert second.talk == "Tea."


@pytest.mark.parametrize(
    "content", ["", "no json", '{"text": "a"}', '{"text": "", "position": 0}', '{"text": "a", "position": 3}']
)
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "minutes.jsonl"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RowsInvalid) as refused:
        read_minutes(file)
    assert str(file) in str(refused.value.fields)


def test_what_a_teacher_says_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "stance.taught.jsonl"
    spans = np.zeros((1, 2), np.int64)
    said = Stance(-1.25, 0.75, np.log([0.5, 0.25, 0.25]), np.zeros(1), spans)
    write_taught_minutes(file, ["We lose\u2028control."], [said], ("technical", "governance", "societal"))
    (minute_,) = read_taught_minutes(file, ("technical", "governance", "societal"))
    assert minute_.text == "We lose\u2028control."
    assert (minute_.position, minute_.weight) == (-1.25, 1.0)
    assert minute_.why is None, "it says nothing of the words that carry the position"
    assert minute_.taught == Taught(0.75, (0.5, 0.25, 0.25))


def test_a_taught_minute_weighs_as_its_line_says_and_knows_the_axis_s_lenses_alone(tmp_path: Path) -> None:
    file = tmp_path / "taught.jsonl"
    teacher = {"position": 1.0, "side": 0.5, "lenses": {"technical": 0.25, "of another axis": 0.75}}
    file.write_text(json.dumps({"text": "Tea.", "teacher": teacher, "weight": 0.5}), encoding="utf-8")
    (minute_,) = read_taught_minutes(file, ("technical", "societal"))
    assert minute_.weight == 0.5
    assert minute_.taught == Taught(0.5, (1.0, 0.0))


@pytest.mark.parametrize(
    "teacher",
    [
        {"position": 1.0, "side": 1.5, "lenses": {"technical": 1.0}},
        {"position": 1.0, "side": 0.5, "lenses": {"of another axis": 1.0}},
        {"position": float("nan"), "side": 0.5, "lenses": {"technical": 1.0}},
        {"side": 0.5},
        None,
    ],
)
def test_a_broken_line_of_a_teacher_is_refused(tmp_path: Path, teacher: object) -> None:
    file = tmp_path / "taught.jsonl"
    file.write_text(json.dumps({"text": "Tea.", "teacher": teacher}), encoding="utf-8")
    with pytest.raises(RowsInvalid):
        read_taught_minutes(file, ("technical", "societal"))


def test_texts_are_read_once_each(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in ("a", "b", "a")), encoding="utf-8")
    assert read_texts(file) == ["a", "b"]


def test_a_file_that_an_editor_of_windows_wrote_is_read(tmp_path: Path) -> None:
    file = tmp_path / "minutes.jsonl"
    row = json.dumps({"text": "we will lose control", "position": -1})
    file.write_bytes(f"\ufeff{row}\r\n\r\n{row}\r\n".encode())
    assert [minute.position for minute in read_minutes(file)] == [-1.0, -1.0]
