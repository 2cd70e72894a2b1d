"""Count modules, lines and names of the code at one or more commits, as a table in Markdown.

Run it as ``python bench/tree.py d4ce755 HEAD``.
"""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

PACKAGES = ("counterpoint", "bot", "index", "scoring")


def main(commits: Sequence[str]) -> None:
    """Print a row for each figure, a column for each commit."""
    columns = [figures_at(commit) for commit in commits]
    print("| |", " | ".join(commits), "|")
    print("|---|" + "---:|" * len(commits))
    for name in columns[0]:
        print(f"| {name} |", " | ".join(column[name] for column in columns), "|")


def figures_at(commit: str) -> Mapping[str, str]:
    """Return the figures of a commit, as they are shown, by their names."""
    code = {path: text for path, text in files_at(commit) if path.parts[0] in PACKAGES}
    tests = {path: text for path, text in files_at(commit) if path.parts[0] == "tests"}
    n_lines = {path: text.count("\n") for path, text in code.items()}
    longest = max(n_lines, key=lambda path: n_lines[path])
    folders = Counter(path.parent for path in code)
    fullest = max(folders, key=lambda folder: folders[folder])
    return {
        "modules": f"{len(code):,}",
        "lines": f"{sum(n_lines.values()):,}",
        "lines a module, mean": f"{sum(n_lines.values()) / len(code):.0f}",
        "modules under 100 lines": _share(sum(n < 100 for n in n_lines.values()), len(code)),
        "modules over 400 lines": _share(sum(n > 400 for n in n_lines.values()), len(code)),
        "longest module": f"{longest}: {n_lines[longest]}",
        "packages": f"{len(folders):,}",
        "modules directly in `index/`": f"{folders[PurePosixPath('index')]:,}",
        "fullest folder": f"{fullest}: {folders[fullest]}",
        "`one` as a variable, code": f"{sum(n_named('one', text) for text in code.values()):,}",
        "`one` as a variable, tests": f"{sum(n_named('one', text) for text in tests.values()):,}",
        "lines of tests": f"{sum(text.count(chr(10)) for text in tests.values()):,}",
        "lines of ARCHITECTURE.md": f"{_git('show', f'{commit}:ARCHITECTURE.md').count(chr(10)):,}",
    }


def files_at(commit: str) -> Iterator[tuple[PurePosixPath, str]]:
    """Return the Python files of a commit with their texts."""
    for name in _git("ls-tree", "-r", "--name-only", commit).splitlines():
        if name.endswith(".py"):
            yield PurePosixPath(name), _git("show", f"{commit}:{name}")


def n_named(name: str, text: str) -> int:
    """Return how often ``name`` is given to a variable or an argument."""
    return sum(
        (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name)
        or (isinstance(node, ast.arg) and node.arg == name)
        for node in ast.walk(ast.parse(text))
    )


def _share(n: int, n_all: int) -> str:
    return f"{n} ({n / n_all:.0%})"


def _git(*words: str) -> str:
    return subprocess.run(("git", *words), capture_output=True, check=True, text=True).stdout


if __name__ == "__main__":
    main(sys.argv[1:] or ["HEAD"])
