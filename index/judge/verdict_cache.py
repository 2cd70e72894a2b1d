"""What a judge has said, kept in the state folder so that nothing is asked twice.

STATE/judged/verdicts.jsonl   a line a verdict: model, version of the prompt, digests of both texts, verdict
STATE/judged/answers.jsonl    a line a passage: model, version of the prompt, digests of the questions and of the
                              text, what it answers
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter

from index.files import inherit_access, make_folder
from index.storage.judged_pairs import ClaimAnswer, JudgedPairs, JudgeVerdict, PairKey, verdict_of

FOLDER, FILE, ANSWERS_FILE = "judged", "verdicts.jsonl", "answers.jsonl"

_ANSWERS: TypeAdapter[tuple[ClaimAnswer, ...]] = TypeAdapter(tuple[ClaimAnswer, ...])


class _LineFile:
    """A file of JSON objects, one a line, that grows. Only the holder of the build lock writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: IO[bytes] | None = None

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the objects in the file; a line that cannot be read is as if it were not there."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row

    def append(self, row: Mapping[str, object]) -> None:
        """Write an object; a program that dies afterwards has not lost it. Raises OSError."""
        if self._handle is None:
            make_folder(self._path.parent)
            has_end = not self._path.is_file() or self._path.read_bytes()[-1:] in (b"", b"\n")
            self._handle = self._path.open("ab")
            if not has_end:  # after a crash amid a line
                self._handle.write(b"\n")
            inherit_access(self._path)
        self._handle.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        self._handle.flush()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class VerdictCache:
    """The verdicts of one model by one version of the prompt.

    Args:
        state: the state folder.
        model: name of the model.
        prompt_version: version of the prompt.
    """

    def __init__(self, state: Path, model: str, prompt_version: int) -> None:
        self._file = _LineFile(state / FOLDER / FILE)
        self._model, self._prompt_version = model, prompt_version
        self._verdicts = self._read()

    def __contains__(self, key: PairKey) -> bool:
        return key in self._verdicts

    def add(self, key: PairKey, verdict: JudgeVerdict) -> None:
        """Keep a verdict; a program that dies afterwards has not lost it.

        Raises:
            OSError: it cannot be written.
        """
        self._verdicts[key] = verdict
        self._file.append(
            {"model": self._model, "brief": self._prompt_version, "pair": key, **asdict(verdict)}
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def good(self) -> JudgedPairs:
        """Return all pairs that were called good."""
        pairs = {key: verdict for key, verdict in self._verdicts.items() if verdict.good}
        return JudgedPairs(self._model, self._prompt_version, pairs)

    def _read(self) -> dict[PairKey, JudgeVerdict]:
        found: dict[PairKey, JudgeVerdict] = {}
        for row in self._file.rows():
            try:
                if (row.pop("model"), row.pop("brief")) == (self._model, self._prompt_version):
                    first, second = row.pop("pair")
                    found[str(first), str(second)] = verdict_of(row)
            except (ValueError, KeyError, TypeError):
                continue
        return found


class AnswerCache:
    """Which contested questions passages answer, by one model, one version of the prompt and one list of questions.

    Args:
        state: the state folder.
        model: name of the model.
        prompt_version: version of the prompt.
        questions: name to question.
    """

    def __init__(self, state: Path, model: str, prompt_version: int, questions: Mapping[str, str]) -> None:
        self._file = _LineFile(state / FOLDER / ANSWERS_FILE)
        digest = hashlib.sha256(json.dumps(dict(questions)).encode()).hexdigest()[:16]
        self._head: dict[str, object] = {"model": model, "brief": prompt_version, "questions": digest}
        self._answers = self._read()

    def __contains__(self, text: object) -> bool:
        """Return True if the passage whose ``text_digest`` this is has been read."""
        return text in self._answers

    def of(self, text: str) -> tuple[ClaimAnswer, ...]:
        """Return what the passage whose ``text_digest`` this is answers; nothing where it was not read."""
        return self._answers.get(text, ())

    def add(self, text: str, answers: tuple[ClaimAnswer, ...]) -> None:
        """Keep what a passage answers, by its ``text_digest``.

        Raises:
            OSError: it cannot be written.
        """
        self._answers[text] = answers
        self._file.append({**self._head, "text": text, "answers": [asdict(answer) for answer in answers]})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self) -> dict[str, tuple[ClaimAnswer, ...]]:
        found: dict[str, tuple[ClaimAnswer, ...]] = {}
        for row in self._file.rows():
            try:
                if all(row[key] == value for key, value in self._head.items()):
                    found[str(row["text"])] = _ANSWERS.validate_python(row["answers"])
            except (ValueError, KeyError):
                continue
        return found
