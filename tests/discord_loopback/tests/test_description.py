"""The trimmed copy of Discord's description holds all that the loopback serves, and is what its script writes."""

import ast
import json
from pathlib import Path

import pytest
from discord_loopback.description import answer_faults
from discord_loopback.trim_description import ANSWERS, TRIMMED, served_operations, trimmed, written

PACKAGE = Path(__file__).resolve().parents[1]
WHOLE = PACKAGE.parents[1] / ".." / "shared" / "discord" / "openapi.json"


def test_every_served_operation_and_every_schema_of_an_answer_is_in_the_copy() -> None:
    part = json.loads(TRIMMED.read_text(encoding="utf-8"))
    known = {(method, path) for path, operations in part["paths"].items() for method in operations}
    assert set(served_operations()) == known
    for name in ANSWERS:
        assert answer_faults(name, {}), name


@pytest.mark.skipif(not WHOLE.is_file(), reason="Discord's whole description (shared/discord) is not here.")
def test_the_copy_is_what_the_script_makes_of_the_whole_description() -> None:
    whole = json.loads(WHOLE.read_text(encoding="utf-8"))
    assert TRIMMED.read_text(encoding="utf-8") == written(trimmed(whole))


def test_nothing_of_the_product_is_imported() -> None:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {name.split(".")[0] for name in names} & {"bot", "index", "scoring", "data"}, file
