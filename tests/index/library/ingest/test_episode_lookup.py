"""Claims about finding episodes in the library's folder that no index has yet."""

import json
from pathlib import Path

import pytest

from index.library.ingest import episode_lookup
from index.library.ingest.episode_lookup import find_unindexed


def test_an_episode_that_is_removed_while_others_are_looked_for_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-mill").mkdir()
    (tmp_path / "a-mill" / "episode.json").write_text(json.dumps({"title": "A mill"}))
    monkeypatch.setattr(episode_lookup, "slugs", lambda _: ["a-mill", "a-river"])  # the river is gone by now
    found = find_unindexed(tmp_path, "a", indexed=(), limit=5)
    assert [slug for slug, _ in found] == ["a-mill"]
