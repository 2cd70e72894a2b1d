"""Claims about files: readable for whom the folder is, and a disk's troubles have names of their own."""

import errno
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from index.errors import DiskFull, DiskReadOnly, NotPermitted, OutOfMemory, StorageFailed
from index.files import copy_file, inherit_access, make_folder, replace_file, storage_errors, write_synced

REPOSITORY = Path(__file__).resolve().parents[2]
NOBODY = 65534


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_under_a_strict_umask_can_be_read_by_whom_the_folder_is_for(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    before = os.umask(0o077)
    try:
        make_folder(tmp_path / "a" / "b")
        write_synced(tmp_path / "a" / "b" / "file", b"x")
        replace_file(tmp_path / "a" / "b" / "file", b"y")
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / "leaf").write_bytes(b"z")
        inherit_access(tmp_path / "tree")
    finally:
        os.umask(before)
    assert [mode_of(tmp_path / name) for name in ("a", "a/b", "tree")] == [0o750] * 3
    assert [mode_of(tmp_path / name) for name in ("a/b/file", "tree/leaf")] == [0o640] * 2
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"y"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_writes_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    make_folder(tmp_path / "state")
    write_synced(tmp_path / "state" / "file", b"x")
    (tmp_path / "state" / "elsewhere").symlink_to(__file__)
    inherit_access(tmp_path / "state")
    assert {(tmp_path / name).stat().st_uid for name in ("state", "state/file")} == {NOBODY}
    assert Path(__file__).stat().st_uid != NOBODY


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, DiskReadOnly),
        (errno.EACCES, NotPermitted),
        (errno.EPERM, NotPermitted),
        (errno.ENOMEM, OutOfMemory),
        (errno.EIO, StorageFailed),
    ],
)
def test_each_trouble_has_its_error_and_names_the_file(number: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught, storage_errors(Path("/a")):
        raise OSError(number, os.strerror(number), "/a/b")
    assert caught.value.path == "/a/b"  # type: ignore[attr-defined]


def test_memory_that_is_gone_has_its_error() -> None:
    with pytest.raises(OutOfMemory), storage_errors(Path("/a")):
        raise MemoryError


@pytest.mark.parametrize("is_supported", [True, False])
def test_a_copy_is_byte_for_byte(is_supported: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_supported:

        def refuse(*_: int) -> int:
            raise OSError(errno.ENOSYS, "not on this file system")

        monkeypatch.setattr(os, "copy_file_range", refuse)
    copy_file(Path(__file__), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == Path(__file__).read_bytes()


_SCRIPT = """
import asyncio, subprocess, sys
from pathlib import Path
sys.path[:0] = [{repository!r}, {repository!r} + "/tests"]
from index.library.ingest import Overrides, parse_bytes, plan_episode, remove_folder, write_plan
from index.storage.edition import open_edition, verify
from scoring.errors import CodedError
from tests.index.conftest import House, captions

folder, size, trouble = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={{size}}", "none", folder], check=True)
house = House(folder)

async def outcome(work):
    try:
        await work()
        return "done"
    except CodedError as error:
        return error.code

async def build():
    await house.build()

async def add():
    for n in range(40):
        data = captions(" ".join(f"word{{n}}x{{i}}" for i in range(3000))).encode()
        plan = plan_episode(parse_bytes(data, f"talk{{n}}.vtt"), Overrides(), house.library)
        write_plan(plan, house.library, house.state)

async def take_away():
    remove_folder("rivers", house.library, house.state)

async def main():
    if trouble == "read-only":
        house.put("rivers", "The river rose in spring. " * 40)
        assert await outcome(build) == "done"
        house.put("mills", "The mill stood still. " * 40)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        print(await outcome(build), await outcome(add), await outcome(take_away))
    else:
        house.put("rivers", "The river rose in spring. " * 40)
        first = await outcome(build)
        added = await outcome(add)
        print(first, added, await outcome(build))
    if trouble == "read-only" or first == "done":
        edition = await open_edition(house.state)
        verify(house.state, edition.name)
        assert not edition.passed_over
        await edition.close()
    print(sorted(path.name for path in folder.rglob(".building-*")) + sorted(folder.rglob(".adding-*")))

asyncio.run(main())
"""


def on_a_disk(tmp_path: Path, size: str, trouble: str) -> list[str]:
    """What building, adding and the like say on a disk of their own that is small or read-only, and what they leave."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(_SCRIPT).format(repository=str(REPOSITORY)))
    (tmp_path / "disk").mkdir()
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(tmp_path / "disk")],
        check=False,
        capture_output=True,
    )
    if tried.returncode:
        pytest.skip("this machine lets nobody mount a disk of their own")
    ran = subprocess.run(
        ["unshare", "-rm", sys.executable, str(script), str(tmp_path / "disk"), size, trouble],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("size", ["40k", "120k", "800k"])
def test_a_full_disk_is_one_error_and_leaves_the_published_edition_and_no_scratch(
    size: str, tmp_path: Path
) -> None:
    outcomes, left = on_a_disk(tmp_path, size, "full")
    assert {*outcomes.split()} <= {"done", "disk_full"}
    assert "disk_full" in outcomes
    assert left == "[]"


def test_a_disk_that_is_read_only_is_one_error(tmp_path: Path) -> None:
    outcomes, left = on_a_disk(tmp_path, "8m", "read-only")
    assert outcomes == " ".join(["disk_read_only"] * 3)
    assert left == "[]"
