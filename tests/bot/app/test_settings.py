"""What a person sets: read as it is written in the environment, and refused with what to write instead."""

import pytest
from pydantic import ValidationError

from bot.app.settings import Settings

VARIABLE = "COUNTERPOINT_MODERATED_FROM"


def test_unless_set_every_server_moderates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert Settings(_env_file=None).moderated_from == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ()),
        ("  ", ()),
        ("112233445566778899", (112233445566778899,)),
        ("112233445566778899, 2,3", (112233445566778899, 2, 3)),
        ("1 2\n3,", (1, 2, 3)),
    ],
)
def test_servers_are_written_with_commas_or_spaces(
    written: str, meant: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, written)
    assert Settings(_env_file=None).moderated_from == meant


@pytest.mark.parametrize("written", [",", "my server", "1;2", "0", "-5", "１２", "[1, 2]", "1" * 21])
def test_what_names_no_server_is_refused_and_never_read_as_every_server(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, written)
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None)
    (problem,) = refused.value.errors()
    assert problem["loc"] == ("moderated_from",)
    assert "is no server's id; ids are numbers, written with commas between them" in problem["msg"]
