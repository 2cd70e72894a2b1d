"""What is saved while a bot runs comes back whole; a restore verifies first, deletes nothing, and takes no tricks."""

# ruff: noqa: ASYNC240  # a test may look at its own folder
from __future__ import annotations

import dataclasses
import errno
import gzip
import hashlib
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.app import backup, restore
from bot.app.backup import BackupError, BackupExists, BackupFolderMissing, FileChanging, back_up
from bot.app.community import CommunityDamaged, CommunityDatabase, ServerSettings
from bot.app.restore import MOST_KEPT_ASIDE, BackupDamaged, BackupTooNew, BackupUnsafe, Restored
from bot.app.state_lock import StateInUse, state_lock
from index.errors import DiskFull, LibraryBusy, LibraryMissing, StorageError
from index.files import build_lock

CHOSEN = ServerSettings("The Lantern Room", frozenset({7}), frozenset({9}))
SLUG = "who-keeps-the-keys"
ABOUT = '{"title": "Who keeps the keys?"}'


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    (folder / SLUG).mkdir(parents=True)
    (folder / SLUG / "episode.json").write_text(ABOUT)
    (folder / ".removed" / "old-1").mkdir(parents=True)
    (folder / ".removed" / "old-1" / "episode.json").write_text('{"title": "Old"}')
    (folder / ".counterpoint" / "editions").mkdir(parents=True)
    (folder / ".counterpoint" / "editions" / "CURRENT").write_text("derived")
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest_asyncio.fixture
async def community(state: Path) -> AsyncIterator[CommunityDatabase]:
    """The community database, open and written to, as while the bot runs."""
    opened = await CommunityDatabase.open(state)
    await opened.set_server(1, **dataclasses.asdict(CHOSEN))
    yield opened
    await opened.close()


@pytest.fixture
def archive(library: Path, state: Path, tmp_path: Path) -> Path:
    """A backup of a library without a community database."""
    goal = tmp_path / "kept" / "archive.tar.gz"
    goal.parent.mkdir(exist_ok=True)
    back_up(library, state, goal)
    return goal


def bring_back(archive: Path, library: Path, state: Path) -> Restored:
    with archive.open("rb") as file:
        return restore.restore(file, str(archive), library, state)


def told(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder; locks left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.name not in ("lock", "bot.lock")
    }


def packed(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """An archive by hand."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for member, data in members:
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(plain.getvalue())


def member(
    name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE, **more: Any
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type = len(data) if kind == tarfile.REGTYPE else 0, kind
    for field, value in more.items():
        setattr(info, field, value)
    return info, data


def manifest_of(files: dict[str, bytes], **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    sums = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    }
    told = {"format": 1, "made_at": "2026-11-29T00:00:00+00:00", "files": sums} | more
    return member("manifest.json", json.dumps(told).encode())


class TestThereAndBack:
    async def test_while_the_bot_runs(
        self, library: Path, state: Path, community: CommunityDatabase, tmp_path: Path
    ) -> None:
        goal = tmp_path / "kept" / "archive.tar.gz"
        goal.parent.mkdir()
        with state_lock(state), build_lock(state):
            contents = back_up(library, state, goal)
        assert (contents.n_episodes, contents.n_files, contents.has_database) == (1, 2, True)
        assert goal.stat().st_mode & 0o077 == 0, "nobody else reads what members made"
        assert [path.name for path in goal.parent.iterdir()] == [goal.name]
        await community.set_server(1, default_source=None)

        other, other_state = tmp_path / "other", tmp_path / "other-state"
        restored = bring_back(goal, other, other_state)
        assert restored.contents == contents
        assert restored.made_at is not None
        assert restored.aside == ()
        assert (other / SLUG / "episode.json").read_text() == ABOUT
        assert (other / ".removed" / "old-1" / "episode.json").is_file()
        assert not (other / ".counterpoint").exists(), "what can be made again is left out"
        again = await CommunityDatabase.open(other_state)
        assert await again.server(1) == CHOSEN
        await again.close()

    async def test_what_is_there_is_moved_aside(
        self, library: Path, state: Path, community: CommunityDatabase, tmp_path: Path
    ) -> None:
        goal = tmp_path / "archive.tar.gz"
        back_up(library, state, goal)
        (library / "new-one").mkdir()
        (library / SLUG / "notes.txt").write_text("later")
        await community.set_server(1, default_source="later")
        await community.close()
        aside, state_aside = bring_back(goal, library, state).aside
        visible = {path.name for path in library.iterdir() if not path.name.startswith(".")}
        assert visible == {SLUG}
        assert not (library / SLUG / "notes.txt").exists()
        assert {path.name for path in aside.iterdir()} == {"new-one", SLUG, ".removed"}
        with closing(sqlite3.connect(state_aside / "community.db")) as before:
            assert before.execute("SELECT default_source FROM server").fetchone() == ("later",)
        assert (library / ".counterpoint" / "editions" / "CURRENT").read_text() == "derived"
        again = await CommunityDatabase.open(state)
        assert await again.server(1) == CHOSEN
        await again.close()

    def test_a_state_folder_inside_the_library_is_no_episode(self, library: Path, tmp_path: Path) -> None:
        state = library / "own-state"
        (state / "editions").mkdir(parents=True)
        goal = tmp_path / "archive.tar.gz"
        assert back_up(library, state, goal).n_episodes == 1
        bring_back(goal, library, state)
        assert (state / "editions").is_dir()

    def test_an_archive_of_the_first_version_is_restored(self, tmp_path: Path) -> None:
        folders = [member(name, b"", tarfile.DIRTYPE) for name in ("library", f"library/{SLUG}", "state")]
        old = tmp_path / "old.tar.gz"
        old.write_bytes(packed([*folders, member(f"library/{SLUG}/episode.json", ABOUT.encode())]))
        restored = bring_back(old, tmp_path / "library", tmp_path / "state")
        assert restored.made_at is None
        assert (tmp_path / "library" / SLUG / "episode.json").read_text() == ABOUT

    def test_earlier_states_are_bounded(self, archive: Path, library: Path, state: Path) -> None:
        deleted = [bring_back(archive, library, state).deleted for _ in range(MOST_KEPT_ASIDE + 2)]
        assert [len(gone) for gone in deleted] == [0] * MOST_KEPT_ASIDE + [1, 1]
        assert len(list(library.glob(".before-restore-*"))) == MOST_KEPT_ASIDE

    def test_a_restore_that_fails_on_the_way_moves_all_back(
        self, archive: Path, library: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (library / "another").mkdir()
        before, rename = told(library), Path.rename

        def fails(path: Path, goal: Path) -> Path:
            if goal == library / SLUG and ".restoring-" in str(path):
                raise OSError(28, "No space left on device")
            return rename(path, goal)

        monkeypatch.setattr(Path, "rename", fails)
        with pytest.raises(StorageError):
            bring_back(archive, library, state)
        assert told(library) == before

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
    async def test_what_root_restores_belongs_to_whom_the_folders_belong(
        self, library: Path, state: Path, community: CommunityDatabase, tmp_path: Path
    ) -> None:
        goal = tmp_path / "archive.tar.gz"
        back_up(library, state, goal)
        await community.close()
        for folder, mode in ((library, 0o750), (state, 0o700)):
            os.chown(folder, 12345, 12346)
            folder.chmod(mode)
        (state / "community.db").chmod(0o640)
        before = os.umask(0o077)
        try:
            bring_back(goal, library, state)
        finally:
            os.umask(before)
        for path, mode in (
            (library / SLUG, 0o750),
            (library / SLUG / "episode.json", 0o640),
            (state / "community.db", 0o640),
        ):
            found = path.stat()
            assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (12345, 12346, mode), path
        assert (state / "bot.lock").stat().st_uid == 12345, "or the bot could not be started"


class TestRefused:
    @pytest.fixture(autouse=True)
    def untouched(self, library: Path, state: Path) -> Any:
        """Whatever is refused has changed nothing, and leaves nothing behind."""
        before = told(library)
        yield
        assert told(library) == before
        assert not state.exists() or told(state) == {}

    def test_while_a_bot_runs(self, archive: Path, library: Path, state: Path) -> None:
        with state_lock(state), pytest.raises(StateInUse):
            bring_back(archive, library, state)

    def test_while_an_index_is_built(self, archive: Path, library: Path, state: Path) -> None:
        with build_lock(state), pytest.raises(LibraryBusy):
            bring_back(archive, library, state)

    @pytest.mark.parametrize(
        "told",
        [
            member("library/../../evil"),
            member("/etc/evil"),
            member("library//evil"),
            member("library/./evil"),
            member("elsewhere/evil"),
            member("library"),
            member("state/lock"),
            member("state/community.db/evil"),
            member("library/.counterpoint/editions/CURRENT"),
            member("library/.restoring-evil/x"),
            member("library/" + "x" * 300 + "/episode.json"),
            member("library/link", b"", tarfile.SYMTYPE, linkname="/etc"),
            member("state/community.db", b"", tarfile.SYMTYPE, linkname="/etc/passwd"),
            member("library/link", b"", tarfile.LNKTYPE, linkname="/etc/passwd"),
            member("library/pipe", b"", tarfile.FIFOTYPE),
            member("library/device", b"", tarfile.CHRTYPE),
            member("library/sparse", b"", tarfile.GNUTYPE_SPARSE),
            member("elsewhere", b"", tarfile.DIRTYPE),
        ],
        ids=lambda told: f"{told[0].name[:40]}-{told[0].type!r}",
    )  # fmt: skip
    def test_what_no_backup_holds(
        self, told: tuple[tarfile.TarInfo, bytes], library: Path, state: Path, tmp_path: Path
    ) -> None:
        evil = tmp_path / "evil.tar.gz"
        evil.write_bytes(packed([member(f"library/{SLUG}/episode.json"), told]))
        with pytest.raises(BackupError) as refused:
            bring_back(evil, library, state)
        assert refused.value.code in ("backup_unsafe", "backup_damaged")
        assert not (tmp_path / "evil").exists()

    @pytest.mark.parametrize("second", [f"library/{SLUG}/episode.json", f"library/{SLUG}/episode.json/x"])
    def test_one_name_for_two_things(self, second: str, library: Path, state: Path, tmp_path: Path) -> None:
        evil = tmp_path / "evil.tar.gz"
        evil.write_bytes(packed([member(f"library/{SLUG}/episode.json"), member(second)]))
        with pytest.raises(BackupUnsafe):
            bring_back(evil, library, state)

    @pytest.mark.parametrize(
        ("spoil", "error"),
        [
            (lambda data: b"rubbish", BackupDamaged),
            (lambda data: b"", BackupDamaged),
            (lambda data: data[: len(data) // 2], BackupDamaged),
            (lambda data: data[:-4], BackupDamaged),
            (lambda data: data[:-8] + bytes(8), BackupDamaged),
            (
                lambda data: gzip.compress(gzip.decompress(data).replace(b"Who keeps", b"Who drops")),
                BackupDamaged,
            ),
            (
                lambda data: gzip.compress(gzip.decompress(data).replace(b'"format": 1', b'"format": 9')),
                BackupTooNew,
            ),
            (lambda data: gzip.compress(bytes(10240)), BackupDamaged),
        ],
    )
    def test_what_is_not_as_it_was_made(
        self,
        spoil: Callable[[bytes], bytes],
        error: type[BackupError],
        archive: Path,
        library: Path,
        state: Path,
    ) -> None:
        archive.write_bytes(spoil(archive.read_bytes()))
        with pytest.raises(error):
            bring_back(archive, library, state)

    @pytest.mark.parametrize(
        "files", [{}, {"library/a/b": b"x", "library/a/gone": b"x"}, {"library/a/b": b"y"}]
    )
    def test_a_manifest_of_other_files(
        self, files: dict[str, bytes], library: Path, state: Path, tmp_path: Path
    ) -> None:
        wrong = tmp_path / "wrong.tar.gz"
        wrong.write_bytes(packed([member("library/a/b"), manifest_of(files)]))
        with pytest.raises(BackupDamaged) as refused:
            bring_back(wrong, library, state)
        assert refused.value.problem == "checksums differ"

    @pytest.mark.parametrize("manifest", [b"", b"[]", b'{"format": "x"}', b"\xff"])
    def test_a_manifest_that_is_none(
        self, manifest: bytes, library: Path, state: Path, tmp_path: Path
    ) -> None:
        wrong = tmp_path / "wrong.tar.gz"
        wrong.write_bytes(packed([member("library/a/b"), member("manifest.json", manifest)]))
        with pytest.raises(BackupDamaged):
            bring_back(wrong, library, state)

    def test_a_damaged_database_and_one_of_a_newer_version(
        self, library: Path, state: Path, tmp_path: Path
    ) -> None:
        with closing(sqlite3.connect(tmp_path / "newer.db")) as newer:
            newer.execute("PRAGMA user_version = 999")
            newer.commit()
        for data, error in (
            (b"no database" * 99, BackupDamaged),
            ((tmp_path / "newer.db").read_bytes(), BackupTooNew),
        ):
            wrong = tmp_path / "wrong.tar.gz"
            wrong.write_bytes(packed([member("library/a/b"), member("state/community.db", data)]))
            with pytest.raises(error):
                bring_back(wrong, library, state)

    def test_a_full_disk(
        self, archive: Path, library: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = restore.shutil.disk_usage(library)
        monkeypatch.setattr(restore.shutil, "disk_usage", lambda _: usage._replace(free=1000))
        with pytest.raises(StorageError) as refused:
            bring_back(archive, library, state)
        assert refused.value.code == "disk_full"


class TestAFullDisk:
    """The sentence names the folder that has no room: neither the library nor the database."""

    @pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the system has no /dev/full")
    def test_of_the_archive(
        self, library: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = backup.tempfile.mkstemp

        def full(**given: Any) -> tuple[int, str]:
            descriptor, name = made(**given)
            os.close(descriptor)
            return os.open("/dev/full", os.O_WRONLY), name

        monkeypatch.setattr(backup.tempfile, "mkstemp", full)
        (tmp_path / "kept").mkdir()
        with pytest.raises(DiskFull) as refused:
            back_up(library, state, tmp_path / "kept" / "archive.tar.gz")
        assert refused.value.path == str(tmp_path / "kept")
        assert list((tmp_path / "kept").iterdir()) == []

    async def test_of_the_copy_of_the_database(
        self,
        library: Path,
        state: Path,
        community: CommunityDatabase,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def full(source: Path, goal: Path) -> None:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

        monkeypatch.setattr(backup.tempfile, "tempdir", str(tmp_path / "temporary"))
        (tmp_path / "temporary").mkdir()
        monkeypatch.setattr(backup.sqlite, "copy_database", full)
        with pytest.raises(DiskFull) as refused:
            back_up(library, state, tmp_path / "archive.tar.gz")
        assert refused.value.path == str(tmp_path / "temporary")

    def test_a_file_that_cannot_be_read_is_named(
        self, library: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(path: Path) -> bytes:
            raise OSError(errno.EIO, "Input/output error", str(path))

        monkeypatch.setattr(Path, "read_bytes", fails)
        with pytest.raises(StorageError) as refused:
            back_up(library, state, tmp_path / "archive.tar.gz")
        assert refused.value.path.startswith(str(library))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.tuples(st.integers(0, 10_239), st.integers(0, 255)), min_size=1, max_size=4))
@example(
    places=[(1536, 0), (2048, 0)]
)  # of the first file, and of the header of the manifest that would tell
def test_no_byte_of_an_archive_does_harm(places: list[tuple[int, int]], tmp_path_factory: Any) -> None:
    """A changed archive is refused by name, or restores exactly what was saved: nothing else, nowhere else."""
    home = tmp_path_factory.mktemp("harm")
    (home / "library" / "a").mkdir(parents=True)
    (home / "library" / "a" / "episode.json").write_text(ABOUT)
    back_up(home / "library", home / "state", home / "archive")
    plain = bytearray(gzip.decompress((home / "archive").read_bytes()))
    for place, value in places:
        plain[place % len(plain)] = value
    try:
        restore.restore(
            io.BytesIO(gzip.compress(bytes(plain))),
            "archive",
            home / "inside" / "library",
            home / "inside" / "state",
        )
    except BackupError:
        assert told(home / "inside" / "library") == {}
    else:
        assert told(home / "inside" / "library") == told(home / "library")
    assert {path.name for path in home.iterdir()} == {"library", "archive", "inside"}


class TestSaving:
    def test_no_file_is_overwritten(self, archive: Path, library: Path, state: Path) -> None:
        before = archive.read_bytes()
        with pytest.raises(BackupExists):
            back_up(library, state, archive)
        assert archive.read_bytes() == before

    def test_no_folder_is_made_where_a_disk_may_be_missing(
        self, library: Path, state: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(BackupFolderMissing):
            back_up(library, state, tmp_path / "mnt" / "disk" / "archive")
        assert not (tmp_path / "mnt").exists()

    def test_without_a_library_nothing_is_left_behind(self, state: Path, tmp_path: Path) -> None:
        (tmp_path / "kept").mkdir()
        with pytest.raises(LibraryMissing):
            back_up(tmp_path / "nowhere", state, tmp_path / "kept" / "archive")
        assert list((tmp_path / "kept").iterdir()) == []

    def test_a_database_that_is_damaged_is_said(self, library: Path, state: Path, tmp_path: Path) -> None:
        state.mkdir()
        (state / "community.db").write_bytes(b"no database" * 999)
        with pytest.raises(CommunityDamaged):
            back_up(library, state, tmp_path / "archive")

    def test_links_are_followed_and_circles_and_pipes_left_out(
        self, library: Path, state: Path, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "episode.json").write_text('{"title": "Elsewhere"}')
        (library / "linked").symlink_to(elsewhere)
        (elsewhere / "circle").symlink_to(elsewhere)
        os.mkfifo(elsewhere / "pipe")
        (elsewhere / "broken").symlink_to(tmp_path / "nothing")
        contents = back_up(library, state, tmp_path / "archive")
        assert {Path(path).name for path in contents.skipped} == {"circle", "pipe", "broken"}
        bring_back(tmp_path / "archive", tmp_path / "other", tmp_path / "other-state")
        assert not (tmp_path / "other" / "linked").is_symlink()
        assert (tmp_path / "other" / "linked" / "episode.json").read_text() == '{"title": "Elsewhere"}'

    def test_an_episode_that_changes_meanwhile_is_saved_as_it_was_at_one_moment(
        self, library: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody replaces both files of an episode after the first of them was read."""
        folder = library / SLUG
        (folder / "captions.vtt").write_text("old")
        read = Path.read_bytes

        def read_and_change(path: Path) -> bytes:
            data = read(path)
            if path.name == "captions.vtt" and data == b"old":
                path.write_text("new")
                (folder / "episode.json").write_text('{"title": "New"}')
            return data

        monkeypatch.setattr(Path, "read_bytes", read_and_change)
        back_up(library, state, tmp_path / "archive")
        monkeypatch.undo()
        bring_back(tmp_path / "archive", tmp_path / "other", tmp_path / "other-state")
        saved = told(tmp_path / "other" / SLUG)
        assert saved == {"captions.vtt": b"new", "episode.json": b'{"title": "New"}'}

    def test_a_large_file_is_saved_and_one_that_shrinks_meanwhile_is_said(
        self, library: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backup, "_IN_MEMORY_BYTES", 10)
        (library / SLUG / "recording.bin").write_bytes(b"12345678901")
        back_up(library, state, tmp_path / "archive")
        bring_back(tmp_path / "archive", tmp_path / "other", tmp_path / "other-state")
        assert (tmp_path / "other" / SLUG / "recording.bin").read_bytes() == b"12345678901"

        monkeypatch.setattr(
            backup.os, "fstat", lambda _: os.stat_result((0o100644, 1, 1, 1, 0, 0, 999, 0, 0, 0))
        )
        with pytest.raises(FileChanging):
            back_up(library, state, tmp_path / "second")
        assert not (tmp_path / "second").exists()
