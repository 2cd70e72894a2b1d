"""What a judge has said, kept in the state folder so that nothing is asked twice.

STATE/judged/verdicts.jsonl   a line a verdict: model, version of the prompt, digests of both texts, verdict
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import IO

from index.files import inherit_access, make_folder
from index.storage.judged_pairs import JudgedPairs, JudgeVerdict, PairKey, verdict_of

FOLDER, FILE = "judged", "verdicts.jsonl"


class VerdictCache:
    """The verdicts of one model by one version of the prompt. Only the holder of the build lock writes.

    Args:
        state: the state folder.
        model: name of the model.
        prompt_version: version of the prompt.
    """

    def __init__(self, state: Path, model: str, prompt_version: int) -> None:
        self._path = state / FOLDER / FILE
        self._model, self._prompt_version = model, prompt_version
        self._verdicts = self._read()
        self._handle: IO[bytes] | None = None

    def __contains__(self, key: PairKey) -> bool:
        return key in self._verdicts

    def add(self, key: PairKey, verdict: JudgeVerdict) -> None:
        """Keep a verdict; a program that dies afterwards has not lost it.

        Raises:
            OSError: it cannot be written.
        """
        self._verdicts[key] = verdict
        if self._handle is None:
            make_folder(self._path.parent)
            has_end = not self._path.is_file() or self._path.read_bytes()[-1:] in (b"", b"\n")
            self._handle = self._path.open("ab")
            if not has_end:  # after a crash amid a line
                self._handle.write(b"\n")
            inherit_access(self._path)
        row = {"model": self._model, "brief": self._prompt_version, "pair": key, **asdict(verdict)}
        self._handle.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        self._handle.flush()

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def good(self) -> JudgedPairs:
        """Return all pairs that were called good."""
        pairs = {key: verdict for key, verdict in self._verdicts.items() if verdict.good}
        return JudgedPairs(self._model, self._prompt_version, pairs)

    def _read(self) -> dict[PairKey, JudgeVerdict]:
        """Return the verdicts in the file; a line that cannot be read is as if it were not there."""
        found: dict[PairKey, JudgeVerdict] = {}
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return found
        for line in lines:
            try:
                row = json.loads(line)
                if (row.pop("model"), row.pop("brief")) == (self._model, self._prompt_version):
                    first, second = row.pop("pair")
                    found[str(first), str(second)] = verdict_of(row)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
        return found
