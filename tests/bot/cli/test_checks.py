"""What the doctor finds besides library and edition."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from bot.app.community import CommunityDatabase
from bot.app.settings import Settings
from bot.cli import checks
from bot.cli.session import Session
from bot.i18n.catalogue import Catalogue


def session_in(folder: Path, **settings: object) -> Session:
    given = Settings(library=folder / "library", state=folder / "state", **settings)
    return Session(given, Catalogue.load(), *(Console(file=io.StringIO()) for _ in range(2)))


class TestModeration:
    async def test_where_no_bot_ever_ran_nothing_is_said(self, tmp_path: Path) -> None:
        assert await checks._moderation(session_in(tmp_path)) == []
        assert not (tmp_path / "state").exists()

    async def test_closed_open_and_set(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        keeping = await CommunityDatabase.open(tmp_path / "state")
        (closed,) = await checks._moderation(session_in(tmp_path))
        assert closed.is_good
        assert "no server is open" in closed.finding
        await keeping.set_moderating(77, is_open=True)
        (opened,) = await checks._moderation(session_in(tmp_path))
        assert "servers 77 (opened with /admin open)" in opened.finding
        (named,) = await checks._moderation(session_in(tmp_path, moderated_from=(5, 6)))
        assert "servers 5, 6 (as COUNTERPOINT_MODERATED_FROM says)" in named.finding
        await keeping.close()

    async def test_a_database_that_cannot_be_opened_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "community.db").write_bytes(b"no database" * 100)
        (broken,) = await checks._moderation(session_in(tmp_path))
        assert not broken.is_good
        assert "counterpoint restore" in broken.to_do
