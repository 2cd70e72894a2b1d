"""Claims about what documents, comments and docstrings name: files and modules that exist, as they are called now."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("bot", "index", "scoring", "counterpoint", "bench", "tests", "deploy", "docs")
SUFFIXES = {".py", ".md", ".toml", ".js", ".css", ".html", ".yaml", ".yml"}
IGNORED = {"cases", "fixtures", "golden", "__pycache__", "schema"}

PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./*<>-]+")
NAME = re.compile(r"`(\w+\.py)`")
MODULE = re.compile(r"``((?:bot|index|scoring|counterpoint)(?:\.\w+)+)``")

NOT_OURS = {
    "discord.py",  # the library
    "deploy/.env",  # written by whoever runs it
    "bot/keeping.py",  # the longest module of the tree before
}


def texts() -> Iterator[tuple[Path, str]]:
    """Return every text of the repository that tells of the code, but for the changelog, which tells of the past."""
    beside = [path for path in ROOT.iterdir() if path.is_file() and path.name != "CHANGELOG.md"]
    within = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted(beside + within):
        if path.suffix in SUFFIXES and not IGNORED.intersection(path.relative_to(ROOT).parts):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def test_every_file_that_is_named_exists() -> None:
    names = {path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    wrong = []
    for path, text in texts():
        named = [found.rstrip("./") for found in PATH.findall(text) if not set("*<>") & set(found)]
        gone = [name for name in named if not ((ROOT / name).exists() or (ROOT / f"{name}.py").exists())]
        gone += [name for name in NAME.findall(text) if name not in names]
        wrong += [(str(path), name) for name in gone if name not in NOT_OURS]
    assert wrong == []


def test_every_module_that_a_docstring_names_exists() -> None:
    wrong = [
        (str(path), name) for path, text in texts() for name in MODULE.findall(text) if not is_there(name)
    ]
    assert wrong == []


def is_there(dotted: str) -> bool:
    """Return True if the name is a package, a module, or a word of the module that it begins with."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:n])
        source = place.with_suffix(".py") if place.with_suffix(".py").is_file() else place / "__init__.py"
        if source.is_file():
            words = set(re.findall(r"\w+", source.read_text(encoding="utf-8")))
            return words.issuperset(parts[n:])
    return False


PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "deploy").glob("*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    inside = ROOT / "docs"
    wrong = []
    for link in LINK.findall(without_code(page)):
        file, _, heading = link.partition("#")
        goal = (page.parent / file).resolve() if file else page
        if "://" in link:
            continue
        if not goal.exists() or (heading and heading not in headings(goal)):
            wrong.append(link)
        if page.parent == inside and not goal.is_relative_to(inside):
            wrong.append(f"{link}: leads nowhere on the site that is built of docs/")
    assert wrong == []


def without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    found = re.findall(r"^#+ (.+)$", without_code(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize(
    "name", ["index.search.ranking", "index.search", "index.search.relevance.belonging_groups"]
)
def test_what_is_there_is_found(name: str) -> None:
    assert is_there(name)


@pytest.mark.parametrize(
    "name", ["index.search.rankings", "index.search.ranking.nothing_like_it", "botany.x"]
)
def test_what_is_not_there_is_not_found(name: str) -> None:
    assert not is_there(name)
