"""Pictures and the map as the terminal gives them."""

import io
import json
from pathlib import Path

import pytest
import typer
from rich.console import Console

from bot.app.settings import Settings
from bot.cli.answer_options import save_picture
from bot.cli.printed_answers import print_map
from bot.cli.session import WRONG_USE, Session
from bot.i18n.message_catalogue import MessageCatalogue
from bot.render import json_models
from index.search.coverage import Coverage, coverage_of
from scoring.axis import Axis


@pytest.fixture
def session() -> Session:
    consoles = (Console(file=io.StringIO(), width=100) for _ in range(2))
    return Session(Settings(), MessageCatalogue.load(), *consoles)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def test_a_picture_is_written_whole_and_described(session: Session, tmp_path: Path) -> None:
    save_picture(session, tmp_path / "card.png", b"png", "What it shows.")
    assert [file.name for file in tmp_path.iterdir()] == ["card.png"]
    assert (tmp_path / "card.png").read_bytes() == b"png"
    assert "What it shows." in said(session.out)


def test_beside_json_a_picture_is_written_without_a_word(session: Session, tmp_path: Path) -> None:
    save_picture(session, tmp_path / "card.png", b"png", "What it shows.", quietly=True)
    assert said(session.out) == ""


def test_a_place_that_cannot_be_written_to_is_named_and_nothing_is_left(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "card.png").mkdir()
    for path in (tmp_path / "nowhere" / "card.png", tmp_path / "card.png"):
        with pytest.raises(typer.Exit) as ended:
            save_picture(session, path, b"png", "What it shows.")
        assert ended.value.exit_code == WRONG_USE
        assert "cannot be written to" in said(session.err)
    assert [file.name for file in tmp_path.iterdir()] == ["card.png"]


def test_the_map_names_who_is_missing(session: Session, coverage: Coverage, axis: Axis) -> None:
    print_map(session, coverage, axis)
    told = said(session.out)
    assert "Alarm · " in told
    assert "Opportunity-forward: nobody" in told
    assert "Missing voices" in told


def test_an_empty_map_says_so(session: Session, axis: Axis) -> None:
    print_map(session, coverage_of([], axis), axis)
    assert said(session.out) == "The library has no episode of that kind."


def test_the_map_is_json(coverage: Coverage) -> None:
    told = json.loads(json.dumps(json_models.coverage(coverage), allow_nan=False))
    assert told["n_episodes"] == 14
    assert {subject["subject"] for subject in told["subjects"]} >= {"Alarm", None}
    assert told["subjects"][-1]["gaps"] == []
