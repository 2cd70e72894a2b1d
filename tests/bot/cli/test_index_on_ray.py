"""``counterpoint index --ray`` as a person runs it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ray_cluster import ROOT, RayCluster, free_port, need_ray
from same_editions import differences

from bot.app.container import make_builder
from bot.app.settings import Settings
from index.errors import RayMissing


def index(house: Any, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Exit code and both streams, every wrap undone."""
    command = [
        sys.executable,
        "-m",
        "bot.cli.app",
        "--library",
        house.library,
        "--state",
        house.state,
        "index",
    ]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, env=os.environ | variables, cwd=ROOT, check=False
    )
    return done.returncode, *(" ".join(stream.decode().split()) for stream in (done.stdout, done.stderr))


def test_the_real_models_give_the_edition_of_a_single_process(indexed: Any, ray_cluster: RayCluster) -> None:
    alone = indexed.state.with_name("alone")
    indexed.state.rename(alone)
    indexed.state.mkdir()
    (indexed.state / "models").symlink_to(alone / "models")
    code, out, err = index(indexed, "--ray", ray_cluster.address, "--json", **ray_cluster.variables)
    assert (code, err) == (0, "")
    assert json.loads(out)["episodes"] == len(indexed.slugs()) == 2
    assert differences(alone, indexed.state) == []


def test_an_address_where_no_cluster_is_gets_one_sentence(indexed: Any) -> None:
    need_ray()
    port = free_port()
    nobody = f"No Ray cluster can be used at 127.0.0.1:{port}: nothing answers there. Nothing was changed."
    assert index(indexed, "--full", "--ray", f"127.0.0.1:{port}") == (1, "", nobody)
    code, _, err = index(indexed, "--full", "--ray", "somewhere")
    assert code == 1
    assert "somewhere: it is no address of a cluster" in err


def test_without_the_package_the_error_is_one_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "index.build.ray_workers", raising=False)
    with pytest.raises(RayMissing):
        make_builder(Settings(library=tmp_path), ray="local")
