"""What people type finds, quotes and marks what it names, at its second. The files are written for these tests."""

import json
import shutil
from pathlib import Path

import pytest

from index.search.answers import Passage
from index.search.filters import EVERYTHING, Filters

from ..conftest import House

CASES = Path(__file__).parent / "cases"


async def asked(
    house: House, file: str, question: str, filters: Filters = EVERYTHING, **more: object
) -> tuple[Passage, ...]:
    """The passages that answer ``question`` where ``file`` is the only episode, of which ``more`` is known."""
    folder = house.library / "episode"
    folder.mkdir(parents=True)
    shutil.copy(CASES / file, folder / file)
    about = {"title": "An episode", "video_id": "abcdefghijk", "transcripts": [{"file": file}], **more}
    (folder / "episode.json").write_text(json.dumps(about), encoding="utf-8")
    report = await house.build()
    assert not report.failures
    return (await (await house.open()).find(question, filters=filters)).passages


@pytest.mark.parametrize(
    ("file", "question", "second", "quote", "marked"),
    [
        ("policy.vtt", "U.S.", 60, "In the U.S. the ports are run by cities, she added.", ["U.S."]),
        ("policy.vtt", "what about the US?", 60, "In the U.S. the ports", ["U.S."]),
        ("policy.vtt", "in the U.S.", 60, "In the U.S. the ports", ["U.S."]),
        ("policy.vtt", "AI", 20, "Then the speaker turned to A.I. and what", ["A.I."]),
        ("policy.vtt", "A.I.", 20, "Then the speaker turned to A.I. and what", ["A.I."]),
        ("accents.vtt", "Gödel", 20, "Later the proof by Gödel was read aloud", ["Gödel"]),
        ("accents.vtt", "Godel", 20, "Later the proof by Gödel was read aloud", ["Gödel"]),
        ("accents.vtt", "Schrödinger", 60, "Then Schrödinger was quoted twice", ["Schrödinger"]),
        ("languages-of-code.vtt", "C++", 40, "After lunch C++ was shown", ["C++"]),
        ("languages-of-code.vtt", "C#", 60, "Then came C# which", ["C#"]),
        ("languages-of-code.vtt", "C", 20, "We looked at C first", ["C"]),
        ("languages-of-code.vtt", ".NET", 100, "Finally .NET was explained", [".NET"]),
        ("contraction.vtt", "why dont machines plan", 61, "Machines don't plan", ["Machines", "plan"]),
        ("chinese.vtt", "机器推论", 20, "然后有人提到把机器推论洗成权威事实，这很危险。", ["机器推论"]),
        ("chinese.vtt", "蜡烛", 40, "有人带来了蛋糕，上面有九支蜡烛。", ["蜡烛"]),
        ("chinese.vtt", "火", None, "", []),
        ("persian.srt", "می‌شود", 1, "", None),
        ("persian.srt", "میشود", 1, "", None),
    ],
)
async def test_it_is_found_quoted_and_marked(
    house: House, file: str, question: str, second: float | None, quote: str, marked: list[str] | None
) -> None:
    passages = await asked(house, file, question)
    if second is None:
        assert passages == ()
        return
    first = passages[0]
    assert first.quote_text.startswith(quote)
    assert first.quote.start_s == second
    assert first.link == f"https://youtu.be/abcdefghijk?t={max(0, int(second) - 2)}"
    marks = [first.quote_text[start:end] for start, end in first.quote.marks]
    assert marked is None or marks == marked
    assert marks


@pytest.mark.parametrize(
    "question", ["s", "S", "’s", "'s 's", "ś", "ｓ", "\uff9e", '"s s s s s s s s s s s s s x"']
)
async def test_a_letter_that_nobody_says_is_not_found_in_possessives_and_abbreviations(
    house: House, question: str
) -> None:
    assert await asked(house, "possessives.vtt", question) == ()


@pytest.mark.parametrize("question", ["c", "C", "’c", "c's", "ċ", "ｃ", "c c"])
async def test_a_letter_that_somebody_says_is_found_however_it_is_typed(house: House, question: str) -> None:
    (passage,) = await asked(house, "languages-of-code.vtt", question)
    assert passage.quote_text.startswith("We looked at C first")
    assert [passage.quote_text[start:end] for start, end in passage.quote.marks] == ["C"], (
        "neither C++ nor C#"
    )


@pytest.mark.parametrize(
    ("typed", "speaker"),
    [
        ("ann", "Ann Lee"),
        ("LEE", "Ann Lee"),
        ("lee ann", "Ann Lee"),
        ("joan", "Joanna Roe"),
        ("hannah b", "Hannah Bo"),
        ("davidia", "Davidia Okoro"),
    ],
)
async def test_a_name_lets_through_whom_it_means_and_nobody_who_has_it_inside_a_word(
    house: House, typed: str, speaker: str
) -> None:
    passages = await asked(house, "harbour-talk.vtt", "ferry", Filters(speaker=typed))
    assert {passage.quote.speaker for passage in passages} == {speaker}


@pytest.mark.parametrize("typed", ["oanna", "anna", "vid", "", "…"])
async def test_a_piece_of_a_word_means_nobody(house: House, typed: str) -> None:
    assert await asked(house, "harbour-talk.vtt", "ferry", Filters(speaker=typed)) == ()


@pytest.mark.parametrize(("typed", "n_found"), [("ann", 0), ("joanna", 1), ("roe", 1), ("joan", 1), ("", 0)])
async def test_a_guest_of_a_transcript_without_names_is_meant_by_the_same_rule(
    house: House, typed: str, n_found: int
) -> None:
    found = await asked(house, "policy.vtt", "ports", Filters(speaker=typed), guests=["Joanna Roe"])
    assert len(found) == n_found
