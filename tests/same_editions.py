"""Whether two editions of one library hold the same, row for row and array for array."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

_OF_THE_RUN = ("edition", "built_at", "checksums")
"""Facts that say when an edition was made."""


def published(state: Path) -> Path:
    """Return the folder of the published edition."""
    return state / "editions" / (state / "editions" / "CURRENT").read_text(encoding="utf-8").strip()


def differences(one: Path, other: Path) -> list[str]:
    """Return what differs between the published editions of two state folders, apart from when they were made."""
    first, second = published(one), published(other)
    files = sorted(str(path.relative_to(first)) for path in first.rglob("*") if path.is_file())
    if files != sorted(str(path.relative_to(second)) for path in second.rglob("*") if path.is_file()):
        return ["files"]
    found = []
    for file in files:
        if file.endswith("index.db"):
            mine, others = _rows(first / file), _rows(second / file)
            found += [f"{file}: {table}" for table in mine if mine[table] != others.get(table)]
        elif file == "manifest.json":
            mine, others = _facts(first / file), _facts(second / file)
            found += [f"{file}: {name}" for name in mine if mine[name] != others.get(name)]
        elif (first / file).read_bytes() != (second / file).read_bytes():
            found.append(file)
    return found


def _rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        found = {
            name: connection.execute(
                f"SELECT {_columns(connection, name)} FROM {name} ORDER BY 1, 2"
            ).fetchall()
            for (name,) in tables.fetchall()
        }
    # A folder that was changed a moment ago has no stamp yet.
    found.pop("restamped", None)
    found["meta"] = [row for row in found.get("meta", []) if row[0] != "edition"]
    return found


def _columns(connection: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    return ", ".join([*(name for name in names if name != "stamp"), "1"])


def _facts(manifest: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return {name: value for name, value in told.items() if name not in _OF_THE_RUN}


if __name__ == "__main__":
    print("\n".join(differences(Path(sys.argv[1]), Path(sys.argv[2]))) or "the same")
