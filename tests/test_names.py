"""Claims about names in the code: who searches for a class, or for a module in its package, finds one thing."""

import ast
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "index", "scoring", "counterpoint")

KNOWN_BY_ROLE = {"commands.py", "handlers.py", "rendering.py", "errors.py", "__init__.py", "__main__.py"}
"""Modules that every folder of their kind has."""

TOLD_BY_FOLDER = {
    "backup.py": "a command of the terminal, and what it does",
    "export.py": "a command of the terminal, and what it does",
    "votes.py": "a command of the terminal, and votes as values",
    "library.py": "commands of the terminal, and what Python programs import",
    "episode_card.py": "the card as a picture, and as JSON",
    "markup.py": "Discord's, and that of caption files",
}


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_no_public_class_has_a_namesake() -> None:
    places = defaultdict(set)
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].add(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_modules_have_names_of_their_own() -> None:
    places = defaultdict(list)
    for path in modules():
        places[path.name].append(str(path.relative_to(ROOT)))
    twice = {name: found for name, found in places.items() if len(found) > 1 and name not in KNOWN_BY_ROLE}
    assert {name: found for name, found in twice.items() if name not in TOLD_BY_FOLDER} == {}


def test_pytest_looks_into_every_folder_of_tests(pytestconfig: pytest.Config) -> None:
    patterns = pytestconfig.getini("norecursedirs")
    folders = {
        part
        for path in Path(__file__).parent.rglob("test_*.py")
        for part in path.relative_to(ROOT).parts[:-1]
    }
    assert [folder for folder in folders if any(fnmatch(folder, pattern) for pattern in patterns)] == []
