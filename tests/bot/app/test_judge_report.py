"""What a judge did in a build reaches the terminal, its JSON, the bot and Discord; so does why it did not answer."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

from bot.app.build_report import IndexReport
from bot.app.job_progress import Step, read_line
from bot.app.settings import DATA, Settings
from bot.cli.indexing import print_report
from bot.cli.session import Session
from bot.discord.features.admin.rendering import progress_answer, report_answer
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from index.build.progress import BuildReport, Failure, JudgeReport
from index.errors import EpisodeFileInvalid
from index.judge.errors import (
    JudgeBusy,
    JudgeError,
    JudgeRefused,
    JudgeTookTooLong,
    JudgeUnreachable,
    JudgeUnreadable,
    JudgeWithoutGate,
)
from scoring.axis import load_axis

ADDRESS = "https://api.example/v1/chat/completions"
CATALOGUE = MessageCatalogue.load()
FAULTS: tuple[JudgeError | None, ...] = (
    None,
    JudgeUnreachable(address=ADDRESS),
    JudgeTookTooLong(address=ADDRESS, limit_s=120.0),
    JudgeBusy(address=ADDRESS, status=429),
    JudgeRefused(address=ADDRESS, status=401),
    JudgeUnreadable(address=ADDRESS, model="reader-1"),
    JudgeWithoutGate(address=ADDRESS),
)


def texts_of(answer: Any) -> str:
    texts = [str(part.content) for part in answer.walk_children() if type(part).__name__ == "TextDisplay"]
    return re.sub(r"\\(?=[^\w\s])", "", "\n".join(texts))


@pytest.mark.parametrize("problem", FAULTS, ids=lambda error: getattr(error, "code", "none"))
def test_every_face_says_what_the_judge_did_and_why_it_stopped(problem: JudgeError | None) -> None:
    built = BuildReport(judged=JudgeReport("reader-1", 90, 31, 2, 120, problem))
    report = IndexReport.of(built, CATALOGUE.error)
    sentence = "" if problem is None else CATALOGUE.error(problem)
    assert report.judged is not None
    assert report.judged.problem == sentence
    read = read_line(json.dumps({"report": report.to_json()}).encode())
    assert read == report, "as the bot reads it from the process that built"
    assert report.judged.error is None if problem is None else report.judged.error.code == problem.code
    written = io.StringIO()
    console = Console(file=written, width=4000, force_terminal=False)
    print_report(Session(Settings(_env_file=None), CATALOGUE, console, console), report)
    language = Language(CATALOGUE, "en-GB", load_axis(DATA / "axes" / "risk-opportunity"))
    discord = texts_of(report_answer(language, report, seconds=3.0))
    line = "Judge reader-1: 90 claims and 31 pairs of claims read, 2 pairs good, 120 claims and pairs still to read."
    for said in (written.getvalue(), discord):
        words = " ".join(said.split())  # the terminal breaks lines
        assert line in words
        assert sentence in words


def test_every_face_says_that_no_episode_could_be_read() -> None:
    failure = Failure("rivers", EpisodeFileInvalid(file="episode.json", line=1, problem="no_valid_JSON"))
    report = IndexReport.of(BuildReport(failures=[failure]), CATALOGUE.error)
    report = report.model_copy(update={"edition": "20260101-000000-000000"})
    assert report.is_kept
    written = io.StringIO()
    console = Console(file=written, width=4000, force_terminal=False)
    print_report(Session(Settings(_env_file=None), CATALOGUE, console, console), report)
    assert "No episode could be read" in written.getvalue()
    assert "Kept edition 20260101-000000-000000" in written.getvalue()
    for locale, said in (("en", "No episode could be read"), ("de", "Keine Folge ließ sich lesen")):
        language = Language(CATALOGUE, locale, load_axis(DATA / "axes" / "risk-opportunity"))
        assert said in texts_of(report_answer(language, report, seconds=3.0))
    for other in ({"unchanged": 3}, {"is_new": True}, {"added": ("a",)}, {"failures": ()}):
        assert not report.model_copy(update=other).is_kept


def test_without_a_judge_nothing_is_said_of_one() -> None:
    report = IndexReport.of(BuildReport(), CATALOGUE.error)
    assert report.judged is None
    assert IndexReport.model_validate({}).judged is None, "as an older version reports"
    language = Language(CATALOGUE, "de", load_axis(DATA / "axes" / "risk-opportunity"))
    assert "Richter" not in texts_of(report_answer(language, report, seconds=3.0))


def test_asking_the_judge_is_a_stage_of_its_own() -> None:
    language = Language(CATALOGUE, "en-GB", load_axis(DATA / "axes" / "risk-opportunity"))
    assert "asking the language model" in texts_of(
        progress_answer(language, Step("judge", 3, 10), is_full=False)
    )
