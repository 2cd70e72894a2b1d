"""The real files beside the repository: each an episode, named as a person would name it, and twice is once."""

from collections import Counter
from pathlib import Path

import pytest

from index.library.episodes import read_episode, slugs
from index.library.ingest import Duplicates, Overrides, Plan, find_files, remember, write_plan

from .conftest import planned

CORPUS = Path(__file__).resolve().parents[4] / ".." / "shared" / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus does not lie beside this checkout")


def add_all(library: Path, state: Path) -> list[Plan]:
    duplicates = Duplicates(library)
    plans = []
    for path in find_files([CORPUS]):
        plan = planned(path, Overrides(), duplicates)
        write_plan(plan, library, state)
        remember(plan, duplicates)
        plans.append(plan)
    return plans


def test_every_file_becomes_an_episode_and_twice_changes_nothing(library: Path, state: Path) -> None:
    plans = add_all(library, state)
    assert len(plans) >= 56
    assert Counter(plan.action for plan in plans) == {"new": len(plans)}
    assert len(slugs(library)) == len(plans)
    assert {plan.action for plan in add_all(library, state)} == {"same"}
    for plan in plans:
        assert read_episode(library, plan.slug).about == plan.about


def test_published_transcripts_know_source_day_host_and_guest(library: Path) -> None:
    for path in find_files([CORPUS]):
        if path.suffix not in {".md", ".markdown"}:
            continue
        plan = planned(path, Overrides(), library)
        about = plan.about
        assert about.source, path.name
        assert about.published is not None, path.name
        assert len(about.hosts) == 1, path.name
        assert about.guests, path.name
        assert all(" " in name for name in (*about.guests, *about.hosts)) or "murfet" in path.name, path.name
        assert not set(about.hosts) & set(about.guests), path.name
        assert about.summary, path.name
        assert not about.title[0].isdigit(), path.name


def test_tracks_know_their_video_by_the_files_name(library: Path) -> None:
    for path in find_files([CORPUS]):
        if path.suffix == ".vtt":
            plan = planned(path, Overrides(), library)
            assert plan.about.video_id is not None, path.name
            assert plan.about.video_id in path.name
            assert plan.about.video_id not in plan.about.title
            assert not plan.about.title.endswith(("Computerphile", ".en")), path.name
