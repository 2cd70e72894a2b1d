"""The library in Python: typed answers, from any thread, closed in the end, and no effect on its process."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from indexed_sample import ROOT, IndexedSample
from pydantic import ValidationError

import counterpoint
from counterpoint import (
    ArgumentsInvalid,
    AsyncLibrary,
    EditionMissing,
    EpisodeAmbiguous,
    EpisodeUnknown,
    Library,
    NothingToRead,
    QuestionRefused,
    sentence,
)

TUTORS = "josefina-arrate-on-tutors-in-the-valley-schools"


@pytest.fixture(scope="module")
def library(indexed_sample: IndexedSample) -> Library:
    with Library.open(indexed_sample.library, indexed_sample.state) as library:
        yield library


def test_the_public_names_are_these() -> None:
    assert counterpoint.__all__ == sorted(counterpoint.__all__)
    assert {"Library", "AsyncLibrary", "Found", "CounterpointError", "sentence"} <= set(counterpoint.__all__)
    for name in counterpoint.__all__:
        assert getattr(counterpoint, name)


def test_threads_and_coroutines_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, str]:
        return {
            name: str(inspect.signature(method))
            for name, method in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert methods(Library) == methods(AsyncLibrary)


def test_answers_are_typed_and_agree_with_each_other(library: Library) -> None:
    found = library.find("can an AI tutor replace homework", n_passages=2)
    assert isinstance(found, counterpoint.Found)
    passage = found.passages[0]
    words = library.read(passage.episode, at_s=passage.quote_start_s, around=1)
    assert isinstance(words, counterpoint.Words)
    assert passage.quote in " ".join(turn.text for spoken in words.slices for turn in spoken.turns)
    again = library.read(passage.episode, slice_number=words.at, around=1)
    assert again == words
    card = library.episode(passage.episode)
    assert isinstance(card, counterpoint.Episode)
    assert card.n_slices == words.n_slices
    balance = library.counterbalance("tutors in the valley schools", n_picks=1)
    assert isinstance(balance, counterpoint.Counterbalance)
    assert balance.episode == TUTORS
    assert library.related(TUTORS, limit=2).related
    assert {TUTORS} <= {each.episode for each in library.episodes().episodes}
    placed = {each.episode for subject in library.spectrum().subjects for each in subject.episodes}
    assert placed == {each.episode for each in library.episodes().episodes}
    with pytest.raises(ValidationError):
        found.query = "another"


def test_what_cannot_be_answered_is_an_error_of_its_own_kind(library: Library) -> None:
    with pytest.raises(EpisodeUnknown) as unknown:
        library.episode("zzz qqq")
    assert "zzz qqq" in sentence(unknown.value)
    assert sentence(unknown.value, "de") != sentence(unknown.value)
    with pytest.raises(EpisodeAmbiguous) as ambiguous:
        library.episode("on")
    assert ambiguous.value.candidates
    with pytest.raises(ArgumentsInvalid):
        library.find("dam", n_passages=0)
    with pytest.raises(QuestionRefused):
        library.find("dam", source="nobody's")
    with pytest.raises(NothingToRead):
        library.read(TUTORS, at_s=99_999)


def test_many_threads_ask_at_once_and_get_what_each_gets_alone(library: Library) -> None:
    questions = ["who pays", "homework", "medicine", "open weights"] * 4
    alone = {question: library.find(question) for question in set(questions)}
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(library.find, questions)) == [alone[question] for question in questions]


async def test_coroutines_ask_at_once(indexed_sample: IndexedSample, library: Library) -> None:
    async with AsyncLibrary(indexed_sample.library, indexed_sample.state) as asked:
        pays, homework = await asyncio.gather(asked.find("who pays"), asked.find("homework"))
        with pytest.raises(RuntimeError, match="another event loop"):
            await asyncio.to_thread(asyncio.run, asked.find("homework"))
    assert [pays, homework] == await asyncio.to_thread(
        lambda: [library.find("who pays"), library.find("homework")]
    )
    with pytest.raises(RuntimeError, match="closed"):
        await asked.find("homework")


def test_a_closed_library_says_so_and_leaves_no_thread(indexed_sample: IndexedSample) -> None:
    before = {thread.name for thread in threading.enumerate()}
    opened = Library.open(indexed_sample.library, indexed_sample.state)
    opened.close()
    opened.close()
    with pytest.raises(RuntimeError, match="closed"):
        opened.find("homework")
    left = {thread.name for thread in threading.enumerate()} - before
    assert left <= {"counterpoint-end"}, "which only waits for the end of the main thread"


def test_a_library_that_is_not_indexed_cannot_be_opened(tmp_path: Path) -> None:
    n_threads = threading.active_count()
    with pytest.raises(EditionMissing):
        Library.open(tmp_path)
    assert threading.active_count() <= n_threads + 1


def run(program: str, sample: IndexedSample) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(sample.library), str(sample.state)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_program_that_forgets_to_close_ends_all_the_same_and_nothing_else_of_it_is_changed(
    indexed_sample: IndexedSample,
) -> None:
    program = """
import sys, numpy
from threadpoolctl import threadpool_info
def state():
    blas = [pool["num_threads"] for pool in threadpool_info() if "numpy" in pool["filepath"]]
    return sys.getswitchinterval(), blas
before = state()
from counterpoint import Library
library = Library.open(*sys.argv[1:])
print(library.find("homework").is_match, state() == before)
"""
    ran = run(program, indexed_sample)
    assert (ran.returncode, ran.stdout.split(), ran.stderr) == (0, ["True", "True"], "")


def test_a_forked_child_is_told_to_open_its_own(indexed_sample: IndexedSample) -> None:
    program = """
import os, sys
from counterpoint import Library
library = Library.open(*sys.argv[1:])
child = os.fork()
if child == 0:
    try:
        library.find("homework")
    except RuntimeError as error:
        os._exit(7 if "forked" in str(error) else 1)
    os._exit(2)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), library.find("homework").is_match)
library.close()
"""
    ran = run(program, indexed_sample)
    assert ran.stdout.split() == ["7", "True"], ran.stderr
