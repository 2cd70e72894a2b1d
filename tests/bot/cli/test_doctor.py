"""What the doctor finds besides library and edition."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from bot.app.community import CommunityDatabase
from bot.app.settings import Settings
from bot.cli import doctor
from bot.cli.session import Session
from bot.i18n.message_catalogue import MessageCatalogue
from index.files import build_lock


def session_in(folder: Path, **settings: object) -> Session:
    given = Settings(library=folder / "library", state=folder / "state", **settings)
    return Session(given, MessageCatalogue.load(), *(Console(file=io.StringIO()) for _ in range(2)))


class TestAdminServers:
    async def test_where_no_bot_ever_ran_nothing_is_said(self, tmp_path: Path) -> None:
        assert await doctor._admin_servers(session_in(tmp_path)) == []
        assert not (tmp_path / "state").exists()

    async def test_closed_open_and_set(self, tmp_path: Path) -> None:
        community = await CommunityDatabase.open(tmp_path / "state")
        (closed,) = await doctor._admin_servers(session_in(tmp_path))
        assert closed.is_good
        assert "no server is open" in closed.finding
        await community.set_moderating(77, is_open=True)
        (opened,) = await doctor._admin_servers(session_in(tmp_path))
        assert "servers 77 (opened with /admin open)" in opened.finding
        (named,) = await doctor._admin_servers(session_in(tmp_path, moderated_from=(5, 6)))
        assert "servers 5, 6 (as COUNTERPOINT_MODERATED_FROM says)" in named.finding
        await community.close()

    async def test_a_database_that_cannot_be_opened_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "community.db").write_bytes(b"no database" * 100)
        (broken,) = await doctor._admin_servers(session_in(tmp_path))
        assert not broken.is_good
        assert "counterpoint restore" in broken.to_do


class TestDisk:
    def test_little_space_is_said_with_what_an_index_needs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings, usage = session_in(tmp_path).settings, doctor.shutil.disk_usage(tmp_path)
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=10**12))
        assert doctor._disk(settings).is_good
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=1000))
        full = doctor._disk(settings)
        assert not full.is_good
        assert "0.0 GB free" in full.finding
        assert full.to_do

    def test_what_killed_builds_left_is_said_unless_a_build_is_under_way(self, tmp_path: Path) -> None:
        settings = session_in(tmp_path).settings
        assert doctor._leftovers(settings) == []
        left = settings.state_folder / "editions" / ".building-x"
        left.mkdir(parents=True)
        (left / "index.db").write_bytes(bytes(3_000_000))
        (found,) = doctor._leftovers(settings)
        assert not found.is_good
        assert "1 unfinished edition of killed builds, 3 MB" in found.finding
        with build_lock(settings.state_folder):
            assert doctor._leftovers(settings) == []
