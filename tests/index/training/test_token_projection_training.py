"""Claims about training the maps to word pieces."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from index.embedding.model_export import PACKAGED_MODEL, load_torch_model
from index.embedding.token_projection import TokenProjection
from index.errors import RowsInvalid
from index.evaluation.retrieval import read_questions
from index.training.labelled_minutes import part_of
from index.training.token_projection_training import (
    HELD_OUT_PARTS,
    AskedMinute,
    ProjectionSettings,
    _Maps,
    _states,
    read_asked_minutes,
    train_projection,
)

from ..conftest import DATA

QUICK = ProjectionSettings(dim=8, steps=25, batch=12)
ASKED = [
    AskedMinute(question.query, question.text, question.episode)
    for question in read_questions(DATA / "questions" / "sample.jsonl")
    if question.text is not None and question.episode is not None
]


def test_training_brings_minutes_nearer_to_their_questions_and_is_repeatable() -> None:
    trained, again = (train_projection(ASKED, PACKAGED_MODEL, QUICK) for _ in range(2))
    untrained = train_projection(ASKED, PACKAGED_MODEL, replace(QUICK, steps=0))
    assert trained.n_trained + trained.n_held_out == len(ASKED)
    assert trained.projection.vectors.shape == (384, 8)
    assert untrained.figures["after"] == untrained.figures["before"] <= trained.figures["after"]
    assert nearness(trained.projection) > nearness(untrained.projection) + 0.01
    assert trained.projection.vectors == pytest.approx(again.projection.vectors, abs=1e-3)
    assert not np.allclose(trained.projection.vectors, untrained.projection.vectors, atol=1e-3)


def nearness(projection: TokenProjection) -> float:
    """How much nearer a question's minute is than the other minutes, on average over the sample's questions."""
    encoder = load_torch_model(PACKAGED_MODEL)
    questions, _ = _states(encoder, [item.question for item in ASKED], QUICK)
    minutes, _ = _states(encoder, [item.text for item in ASKED], QUICK)
    maps = _Maps(projection.centre, projection.vectors.copy())
    maps.weights.data = torch.from_numpy(projection.weights.copy())
    with torch.inference_mode():
        found = maps(questions, minutes).numpy()
    return float(found.diagonal().mean() - found.mean())


def sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]


def lines(path: Path, *rows: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_questions_meet_their_minutes_by_hash_and_talks_apart_are_left_out(tmp_path: Path) -> None:
    minutes = lines(
        tmp_path / "minutes.jsonl",
        {"text": "the river rose", "episode": "rivers"},
        {"text": "and fell again", "episode": "rivers"},
        {"text": "she shot at it", "show": "rifles"},
    )
    questions = lines(
        tmp_path / "questions.jsonl",
        {"sha": sha("the river rose"), "question": "when did it rise"},
        {"sha": sha("she shot at it"), "typed": "the shooting", "question": "who shot"},
        {"sha": sha("said nowhere"), "question": "what"},
    )
    asked = read_asked_minutes([minutes], [questions], None)
    assert [(item.question, item.talk) for item in asked] == [
        ("when did it rise", "rivers"), ("who shot", "rifles"), ("the shooting", "rifles"),
    ]  # fmt: skip
    apart = lines(tmp_path / "apart.jsonl", {"text": "and fell again"})
    assert {item.talk for item in read_asked_minutes([minutes], [questions], apart)} == {"rifles"}


def test_questions_of_no_minute_are_named(tmp_path: Path) -> None:
    minutes = lines(tmp_path / "minutes.jsonl", {"text": "the river rose"})
    questions = lines(tmp_path / "questions.jsonl", {"sha": "0" * 12, "question": "what"})
    with pytest.raises(RowsInvalid) as refused:
        read_asked_minutes([minutes], [questions], None)
    assert refused.value.fields["file"] == str(questions)


def test_where_all_talks_are_kept_apart_it_is_said_that_nothing_is_left() -> None:
    talk = next(f"talk {number}" for number in range(500) if part_of(f"talk {number}") < HELD_OUT_PARTS)
    asked = [
        AskedMinute(f"what of {word}", f"the {word} rose again and fell", talk) for word in ("river", "mill")
    ]
    with pytest.raises(RowsInvalid) as refused:
        train_projection(asked, PACKAGED_MODEL, ProjectionSettings(dim=2))
    assert refused.value.problem == "nothing_to_train_on"
