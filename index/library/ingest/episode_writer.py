"""Writing a plan to the library and removing an episode, atomically."""

import json
import os
import shutil
import time
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from index.errors import EpisodeUnknown, IndexingError, LibraryChanged
from index.files import (
    build_lock,
    inherit_access,
    make_folder,
    replace_file,
    storage_errors,
    sync,
    write_synced,
)
from index.library.episodes import EPISODE_FILE, EpisodeFile, checked_slug, read_about, slugs
from index.library.ingest.plan import Plan

REMOVED_FOLDER = ".removed"

_SCRATCH_PREFIX = ".adding-"
_ABANDONED_AFTER_S = 3600


def write_plan(plan: Plan, library: Path, state: Path) -> None:
    """Write ``plan`` to the library. If the process dies, the library is unchanged or the episode complete.

    A new episode is built in a hidden folder and renamed; otherwise the transcript is replaced first, then
    ``episode.json``, each by one rename.

    Raises:
        LibraryBusy: another process builds or writes; LibraryChanged: the episode is no longer as it was when it
            was planned; StorageError: the folder cannot be written, or the disk is full.
    """
    slug = checked_slug(plan.slug)
    if plan.action == "same":
        return
    with storage_errors(library), build_lock(state):
        make_folder(library)
        _sweep(library)
        if plan.before is None:
            _write_new(plan, library, slug)
        else:
            _write_into(plan, plan.before, library, slug)


def remove_folder(slug: str, library: Path, state: Path) -> Path:
    """Move the episode into the hidden folder ``.removed``, and return its new path.

    Raises:
        SlugInvalid: no plain folder name; EpisodeUnknown: there is no such folder; LibraryBusy; StorageError.
    """
    folder = library / checked_slug(slug)
    with storage_errors(library), build_lock(state):
        if not folder.is_dir():
            known = slugs(library)
            raise EpisodeUnknown(received=slug, nearest=get_close_matches(slug, known, n=3))
        removed = library / REMOVED_FOLDER
        make_folder(removed)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        goal = removed / f"{slug}-{stamp}"
        number = 2
        while goal.exists():
            goal = removed / f"{slug}-{stamp}-{number}"
            number += 1
        folder.rename(goal)
        sync(removed)
        sync(library)
        return goal


def episode_json(about: EpisodeFile) -> bytes:
    """Return ``about`` as indented JSON: only fields with values, in their order."""
    known = about.model_dump(mode="json", exclude_none=True)
    filled = {key: value for key, value in known.items() if value not in ([], ())}
    return (json.dumps(filled, indent=2, ensure_ascii=False) + "\n").encode()


def _write_new(plan: Plan, library: Path, slug: str) -> None:
    goal = library / slug
    if goal.exists():
        raise LibraryChanged(slug=slug)
    scratch = library / f"{_SCRATCH_PREFIX}{slug}-{os.getpid()}-{time.monotonic_ns()}"
    scratch.mkdir()
    try:
        write_synced(scratch / plan.file_name, plan.parsed.data)
        write_synced(scratch / EPISODE_FILE, episode_json(plan.about))
        inherit_access(scratch)
        sync(scratch)
        scratch.rename(goal)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    sync(library)


def _write_into(plan: Plan, before: EpisodeFile, library: Path, slug: str) -> None:
    folder = library / slug
    try:
        is_as_planned = read_about(library, slug) == before
    except IndexingError as error:
        raise LibraryChanged(slug=slug) from error
    if not is_as_planned:
        raise LibraryChanged(slug=slug)
    for name, data in ((plan.file_name, plan.parsed.data), (EPISODE_FILE, episode_json(plan.about))):
        replace_file(folder / name, data, scratch_prefix=_SCRATCH_PREFIX)


def _sweep(library: Path) -> None:
    """Remove scratch folders of processes that died more than an hour ago."""
    oldest = time.time() - _ABANDONED_AFTER_S
    with os.scandir(library) as entries:  # which is done for every file that is added, so it must be quick
        left = [Path(entry) for entry in entries if entry.name.startswith(_SCRATCH_PREFIX)]
    for scratch in left:
        if scratch.is_dir() and scratch.stat().st_mtime < oldest:
            shutil.rmtree(scratch, ignore_errors=True)
