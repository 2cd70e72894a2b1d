"""Invented transcripts, and a library to put them into."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from index.library.ingest import Duplicates, Overrides, Plan, parse_file, plan_episode, write_plan

TODAY = date(2026, 11, 22)
WORDS = (
    "the river has risen again this spring and the mill wheel stood still for a week while everybody "
    "village carried sand and bread along the dam which the old miller had mended in the year of the great frost"
).split()


def webvtt(words: list[str] = WORDS, *, speaker: str | None = None) -> str:
    rows = ["WEBVTT", "Kind: captions", "Language: en", ""]
    for at in range(0, len(words), 6):
        start_s = at // 2
        voice = f"<v {speaker}>" if speaker else ""
        rows += [
            f"00:{start_s // 60:02}:{start_s % 60:02}.000 --> 00:{(start_s + 3) // 60:02}:{(start_s + 3) % 60:02}.000"
        ]
        rows += [voice + " ".join(words[at : at + 6]), ""]
    return "\n".join(rows)


ON_MILLS = (
    "The river has risen again, and the mill wheel stood still for a week while everybody in the lower village "
    "carried sand and bread along the dam, which the old miller had mended in the year of the great frost."
)
ON_SAND = (
    "Nobody digs here any more since two boats sank beside the bridge, so we buy what we need for our roads from a "
    "cousin upstream who keeps three horses, no books, and a dog that bites whoever comes to count."
)
ON_FROST = (
    "My first winter was so cold that birds fell out of trees, yet children skated to school and came home late, "
    "red as apples, with tales about wolves which none but their grandmother ever believed or told again."
)


def published(
    *,
    title: str = "3 - Ada Lind on Rivers",
    head: str = "",
    intro: str = "",
    host: str = "Bo Berg",
    guest: str = "Ada Lind",
    said: str = ON_MILLS,
) -> str:
    return (
        f"---\ntitle: {title}\n{head}---\n\n{intro}\n\n"
        f"**{host}:** What has the river done this spring? And is the dam safe?\n\n"
        f"**{guest}:** {said}\n\n"
        f"**{host}:** Who paid for it?\n\n"
        f"**{guest}:** Nobody has paid for it yet, and nobody will before the summer is over, I believe.\n"
    )


def planned(
    path: Path, overrides: Overrides, library: Path | Duplicates, *, today: date | None = None
) -> Plan:
    """What adding the file at ``path`` would do."""
    return plan_episode(parse_file(path), overrides, library, today=today)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def put(inbox: Path) -> Callable[..., Path]:
    """Writes a file into the inbox."""

    def put(name: str, text: str | None = None) -> Path:
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(webvtt() if text is None else text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def add(library: Path, state: Path) -> Callable[..., Plan]:
    """Plans a file and carries the plan out."""

    def add(path: Path, **overrides: object) -> Plan:
        plan = planned(path, Overrides(**overrides), library, today=TODAY)  # type: ignore[arg-type]
        write_plan(plan, library, state)
        return plan

    return add
