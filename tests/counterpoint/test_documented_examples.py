"""The examples of docs/python.md run on the sample library, without a warning, and print something."""

import os
import re
import subprocess
import sys
from pathlib import Path

from indexed_sample import ROOT, IndexedSample

EXAMPLES = re.findall(
    r"^```python\n(.*?)^```",
    (ROOT / "docs" / "python.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
BETWEEN = "-- the next example --"
RUN_ALL = f"""
import pathlib, sys
for file in sys.argv[1:]:
    exec(compile(pathlib.Path(file).read_text(encoding="utf-8"), file, "exec"), {{"__name__": "__main__"}})
    print("{BETWEEN}")
"""


def test_the_examples_run(indexed_sample: IndexedSample, tmp_path: Path) -> None:
    assert len(EXAMPLES) >= 6
    (tmp_path / "library").symlink_to(indexed_sample.library)
    files = [tmp_path / f"example{number}.py" for number in range(len(EXAMPLES))]
    for file, example in zip(files, EXAMPLES, strict=True):
        file.write_text(example, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERPOINT_")}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_ALL, *files],
        cwd=tmp_path,
        env=environment
        | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "COUNTERPOINT_STATE": str(indexed_sample.state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    printed = ran.stdout.split(BETWEEN)
    assert [bool(said.strip()) for said in printed] == [True] * len(EXAMPLES) + [False]
