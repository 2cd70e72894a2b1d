"""The last stage of a build: a judge reads pairs once, what it calls good is shown, and it can fail no build."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from chat_service import (
    KEY,
    MODEL,
    ChatService,
    Messages,
    answers,
    chat_service,
    check,
    claims_in,
    passages_in,
    verdict,
)
from small_library import Quiet, likeness_gate
from waiting import LONG_S

from index.build.judge_stage import JudgeOptions, _Asking
from index.build.progress import BuildReport
from index.errors import EditionDamaged
from index.judge import ChatJudge
from index.judge.errors import JudgeUnreadable
from index.search.crux_pairs import Crux, CruxTable
from index.search.excerpts import excerpt_of
from index.search.judged_cruxes import JudgedCruxes
from index.search.related import counterbalance
from index.search.searcher import Searcher
from index.storage import queries, segments
from index.storage.edition import editions_folder, open_edition, verify
from index.storage.judged_pairs import JUDGED_FILE, JudgedPairs, JudgeVerdict, pair_key, text_digest

from ..conftest import House, WordEncoder

GATES_QUESTION = "Do tutors help children to read?"
FEAR = "Tutors in our schools teach children to read, a catastrophe, an existential risk, and the danger is grave. "
HOPE = "Tutors in our schools teach children to read, a breakthrough, a huge opportunity, the benefits are enormous. "
JUDGES_QUESTION = "Should tutors teach children in our schools?"


@pytest.fixture
def service() -> Iterator[ChatService]:
    with chat_service() as played:
        played.says = lambda _: verdict(question=JUDGES_QUESTION)
        yield played


@pytest.fixture
def judged(house: House, service: ChatService) -> House:
    """A library of two episodes that answer each other, and a judge of it."""
    house.put("fear", FEAR * 10, guests=["Ada Lin"])
    house.put("hope", HOPE * 10, guests=["Bo Ek"])
    house.judge_options = judging_by(service)
    return house


def judging_by(
    service: ChatService,
    *,
    model: str = MODEL,
    most: int = 1_000,
    url: str | None = None,
    questions: Mapping[str, str] | None = None,
) -> JudgeOptions:
    judge = ChatJudge(url or service.url, model, key=KEY, limit_s=LONG_S, pause_s=0.001)
    gate = likeness_gate(WordEncoder(), [GATES_QUESTION])
    return JudgeOptions(judge, lambda _: gate, most, questions or {})


async def cruxes_by_slug(house: House) -> dict[str, list[Crux]]:
    searcher = await house.open()
    unsure = np.array(await queries.unsure_slices(searcher.edition.connection), np.int64)
    gate = likeness_gate(WordEncoder(), [GATES_QUESTION])
    table = CruxTable.of(searcher.tables, gate, unsure, len(searcher.axis.bands))
    pairs = searcher.edition.judged
    assert pairs is not None
    source = await JudgedCruxes.of(table, pairs)
    return {episode.slug: await source.cruxes_of(episode) for episode in searcher.edition.episodes.values()}


def others(searcher: Searcher, cruxes: list[Crux]) -> set[str]:
    return {searcher.edition.episodes[crux.there.episode_id].slug for crux in cruxes}


def counts(report: BuildReport) -> tuple[int, int, int]:
    assert report.judged is not None
    return report.judged.asked, report.judged.good, report.judged.left


async def test_what_the_judge_calls_good_is_a_crux_both_ways_in_its_words(
    judged: House, service: ChatService
) -> None:
    report = await judged.build()
    asked, good, left = counts(report)
    assert asked == good == len(service.asked) > 0
    assert left == 0
    assert report.is_new
    assert report.judged is not None
    assert report.judged.problem is None
    found = await cruxes_by_slug(judged)
    for slug in ("fear", "hope"):
        (crux,) = found[slug]
        assert (crux.question, crux.judge) == (JUDGES_QUESTION, MODEL)
        assert crux.here.reading.position * crux.there.reading.position < 0
    assert found["fear"][0].here.id == found["hope"][0].there.id


async def test_the_answer_says_who_judged(judged: House) -> None:
    await judged.build()
    searcher = await judged.open()
    gate = likeness_gate(WordEncoder(), [GATES_QUESTION])
    unsure = np.array(await queries.unsure_slices(searcher.edition.connection), np.int64)
    table = CruxTable.of(searcher.tables, gate, unsure, len(searcher.axis.bands))
    (fear, _) = sorted(searcher.edition.episodes.values(), key=lambda episode: episode.slug)
    assert searcher.edition.judged is not None
    by_judge = await counterbalance(
        searcher.tables, fear, await JudgedCruxes.of(table, searcher.edition.judged)
    )
    assert (by_judge.outcome, by_judge.judge) == ("crux", MODEL)
    by_gate = await counterbalance(searcher.tables, fear, table)
    assert (by_gate.outcome, by_gate.judge) == ("crux", None)


async def test_what_it_rejects_is_not_shown_however_probable(judged: House, service: ChatService) -> None:
    service.says = lambda _: verdict(good=False)
    asked, good, _ = counts(await judged.build())
    assert asked > 0
    assert good == 0
    assert await cruxes_by_slug(judged) == {"fear": [], "hope": []}


async def test_a_pair_is_asked_about_once(judged: House, service: ChatService) -> None:
    first = await judged.build()
    n_asked = len(service.asked)
    again = await judged.build()
    assert len(service.asked) == n_asked
    assert counts(again) == (0, 0, 0)
    assert not again.is_new
    assert again.facts == first.facts
    await judged.build(full=True)
    assert len(service.asked) == n_asked, "nor after everything was built anew"
    assert (await cruxes_by_slug(judged))["fear"] != []


async def test_changed_words_and_another_model_are_asked_about_again(
    judged: House, service: ChatService
) -> None:
    await judged.build()
    n_asked = len(service.asked)
    judged.put("hope", HOPE * 9 + "It is a gift to all of them. ", guests=["Bo Ek"])
    assert counts(await judged.build())[0] > 0
    assert len(service.asked) > n_asked
    n_requests = len(service.models)
    judged.judge_options = judging_by(service, model="reader-2")
    assert counts(await judged.build())[0] > 0
    assert set(service.models[n_requests:]) == {"reader-2"}
    assert {crux.judge for cruxes in (await cruxes_by_slug(judged)).values() for crux in cruxes} == {
        "reader-2"
    }
    n_asked = len(service.asked)
    judged.judge_options = judging_by(service)
    await judged.build()
    assert len(service.asked) == n_asked, "the first model's word was kept"


async def test_an_added_episode_brings_its_cruxes_both_ways_and_nothing_old_is_asked_again(
    judged: House, service: ChatService
) -> None:
    await judged.build()
    before = [passages_in(messages) for messages in service.asked]
    judged.put("delight", HOPE * 5 + "I am glad of it. ", guests=["Cy Dee"])
    await judged.build()
    after = [passages_in(messages) for messages in service.asked[len(before) :]]
    assert after
    assert not {frozenset(pair) for pair in before} & {frozenset(pair) for pair in after}
    found = await cruxes_by_slug(judged)
    searcher = await judged.open()
    assert others(searcher, found["delight"]) == {"fear"}
    assert "delight" in others(searcher, found["fear"])


def put_more(house: House) -> None:
    """Add episodes of both sides, so that there are more pairs than are asked about at once."""
    for number in range(3):
        rest = f"This is story {number} of a school. "
        house.put(f"fear-{number}", FEAR * (4 + number) + rest, guests=[f"Guest{number} Lin"])
        house.put(f"hope-{number}", HOPE * (4 + number) + rest, guests=[f"Host{number} Ek"])


async def test_the_limit_is_kept_and_the_next_build_asks_on(judged: House, service: ChatService) -> None:
    put_more(judged)
    n_pairs, n_good, left = counts(await judged.build())
    assert n_pairs == n_good > 4
    assert left == 0
    judged.judge_options = judging_by(service, model="reader-2", most=1)
    assert counts(await judged.build()) == (1, 1, n_pairs - 1)
    judged.judge_options = judging_by(service, model="reader-2")
    assert counts(await judged.build()) == (n_pairs - 1, n_pairs - 1, 0)


async def test_a_judge_that_refuses_is_not_asked_about_every_pair(
    judged: House, service: ChatService
) -> None:
    put_more(judged)
    for _ in range(200):
        service.plan(401)
    _, _, left = counts(await judged.build())
    assert len(service.asked) <= 4 < left


async def test_the_most_probable_pairs_are_asked_about_first(judged: House, service: ChatService) -> None:
    put_more(judged)
    judged.judge_options = judging_by(service, most=1)
    await judged.build()
    (judged_first,) = (await judged.open()).edition.judged.pairs  # type: ignore[union-attr]
    judged.judge_options = judging_by(service)
    await judged.build()
    found = [crux for cruxes in (await cruxes_by_slug(judged)).values() for crux in cruxes]
    best = max(found, key=lambda crux: crux.probability)
    texts = [record.piece.text for crux in found if crux.probability >= best.probability - 1e-6
             for record in (crux.here, crux.there)]  # fmt: skip
    assert {*judged_first} <= {text_digest(text) for text in texts}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b"{}", "judge_refused"),
        (500, b"{}", "judge_busy"),
        (200, b"garbage", "judge_unreadable"),
        (200, b'{"choices": [{"message": {"content": "{\\"good\\": tr"}}]}', "judge_unreadable"),
    ],
)
async def test_a_judge_that_fails_fails_no_build_and_the_next_asks_for_the_rest(
    judged: House, service: ChatService, status: int, body: bytes, code: str
) -> None:
    for _ in range(200):
        service.plan(status, body, Retry_After="0")
    report = await judged.build()
    asked, _, left = counts(report)
    assert asked == 0
    assert left > 0
    assert report.is_new
    assert report.judged is not None
    assert report.judged.problem is not None
    assert report.judged.problem.code == code
    assert await cruxes_by_slug(judged) == {"fear": [], "hope": []}, "and what is not judged is not shown"
    service.planned.clear()
    report = await judged.build()
    assert counts(report) == (left, left, 0)
    assert report.is_new
    assert report.unchanged == 2
    assert (await cruxes_by_slug(judged))["fear"] != []


async def test_nobody_at_the_address_fails_no_build(judged: House, service: ChatService) -> None:
    judged.judge_options = judging_by(service, url="http://127.0.0.1:9/v1")
    report = await judged.build()
    assert report.judged is not None
    assert report.judged.problem is not None
    assert report.judged.problem.code == "judge_unreachable"
    assert report.facts is not None


async def test_where_an_answer_cannot_be_kept_nobody_asks_on(service: ChatService) -> None:
    """The build ends there: an answer that came later would be written without its lock."""

    async def ask(request: int) -> None:
        if request == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        await asyncio.Event().wait()

    asking = _Asking(ChatJudge(service.url, MODEL), Quiet())
    with pytest.raises(OSError, match="No space left"):
        await asking.all(range(4), ask)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_one_answer_that_is_no_verdict_stops_nothing(judged: House, service: ChatService) -> None:
    service.plan(200, b"garbage")
    report = await judged.build()
    asked, _, left = counts(report)
    assert (asked, left) == (len(service.asked) - 1, 1)


async def test_a_library_without_a_gate_asks_nobody_and_says_so(judged: House, service: ChatService) -> None:
    assert judged.judge_options is not None
    judged.judge_options = JudgeOptions(judged.judge_options.judge, lambda _: None, 1_000)
    report = await judged.build()
    assert service.asked == []
    assert report.judged is not None
    assert report.judged.problem is not None
    assert report.judged.problem.code == "judge_without_gate"


async def test_without_the_judge_the_edition_forgets_its_word(judged: House) -> None:
    await judged.build()
    judged.judge_options = None
    report = await judged.build()
    assert report.is_new
    assert report.judged is None
    assert (await judged.open()).edition.judged is None
    assert not (await judged.build()).is_new


async def test_the_sentences_that_the_judge_names_are_quoted(judged: House, service: ChatService) -> None:
    def with_claims(messages: Messages) -> str:
        ends = [{"first": text.split(": ")[-1][:30], "last": text[-30:]} for text in passages_in(messages)]
        return verdict(question="Will boats drift?", a=ends[0], b={"first": "Never said", "last": "at all"})

    service.says = with_claims
    await judged.build()
    found = await cruxes_by_slug(judged)
    (crux,) = found["fear"]
    assert crux.question == GATES_QUESTION, "a question of other words is not shown"
    searcher = await judged.open()
    named, not_named = sorted((crux.here, crux.there), key=lambda record: record.claim is None)
    assert named.claim is not None
    assert not_named.claim is None
    said = excerpt_of(searcher.edition.episodes[named.episode_id], named, most=10_000)
    assert (said.start, said.end) == named.claim
    short = excerpt_of(searcher.edition.episodes[named.episode_id], named, most=150)
    assert short.start == said.start
    assert short.end <= said.end


async def test_verdicts_survive_a_half_written_line(judged: House, service: ChatService) -> None:
    await judged.build()
    n_asked = len(service.asked)
    (kept,) = (judged.state / "judged").iterdir()
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    assert counts(await judged.build(full=True))[0] == 1
    assert len(service.asked) == n_asked + 1
    assert counts(await judged.build(full=True))[0] == 0


async def test_the_cache_holds_no_words_of_the_library_and_no_key(judged: House) -> None:
    await judged.build()
    (kept,) = (judged.state / "judged").iterdir()
    text = kept.read_text(encoding="utf-8")
    assert KEY not in text
    assert "existential" not in text
    assert {*json.loads(text.splitlines()[0])} == {
        "model", "brief", "pair", "same_question", "opposed", "good", "question", "spans",
    }  # fmt: skip


async def test_a_verdict_shows_nothing_where_the_passages_may_not_meet_now(
    house: House,
) -> None:
    house.put("fear", FEAR * 10, guests=["Ada Lin"])
    house.put("dread", FEAR * 9 + "It is near. ", guests=["Bo Ek"])
    house.put("hope", HOPE * 10, guests=["Ada Lin"])
    house.put("delight", HOPE * 9 + "It is near. ", guests=["Cy Dee"])
    await house.build()
    searcher = await house.open()
    unsure = np.array(await queries.unsure_slices(searcher.edition.connection), np.int64)
    gate = likeness_gate(WordEncoder(), [GATES_QUESTION])
    table = CruxTable.of(searcher.tables, gate, unsure, len(searcher.axis.bands))
    by_slug = {episode.slug: episode for episode in searcher.edition.episodes.values()}
    fear, dread, hope, delight = [
        (await searcher.edition.slices.of_episode(by_slug[slug].id))[0].piece.text
        for slug in ("fear", "dread", "hope", "delight")
    ]

    async def shown(first: str, second: str) -> list[Crux]:
        good = {pair_key(first, second): JudgeVerdict(True, True, True)}
        source = await JudgedCruxes.of(table, JudgedPairs(MODEL, 1, good))
        return await source.cruxes_of(by_slug["fear"])

    assert len(await shown(fear, delight)) == 1
    assert len(await shown(fear, dread)) == 1, "positions are a reader's, the word is the judge's"
    assert await shown(fear, hope) == [], "one person"
    assert await shown(fear, "Words that stand nowhere.") == []


QUESTIONS = {"tutors": "Do tutors help children?", "exams": "Should exams go?"}


def reading(messages: Messages) -> str:
    """A judge that finds in hopeful words that tutors help, in fearful ones that they do not, and all pairs good."""
    claims = claims_in(messages)
    if not claims:
        return verdict(question=JUDGES_QUESTION)
    return answers(
        *((number, "tutors", "breakthrough" in claim, 2) for number, claim in enumerate(claims, start=1))
    )


async def test_claims_are_read_once_and_only_those_that_answer_differently_are_paired(
    house: House, service: ChatService
) -> None:
    house.put("fear", FEAR * 10, guests=["Ada Lin"])
    house.put("dread", FEAR * 9 + "It is near. ", guests=["Bo Ek"])
    house.put("hope", HOPE * 10, guests=["Cy Dee"])
    house.judge_options = judging_by(service, questions=QUESTIONS)
    service.says = reading
    report = await house.build()
    assert report.judged is not None
    assert report.judged.read > 2
    assert report.judged.left == 0
    pairs = [passages_in(messages) for messages in service.asked if not claims_in(messages)]
    assert len(pairs) == report.judged.asked == report.judged.good > 0
    assert all(("breakthrough" in one) != ("breakthrough" in other) for one, other in pairs)
    found = await cruxes_by_slug(house)
    searcher = await house.open()
    assert others(searcher, found["fear"]) == others(searcher, found["dread"]) == {"hope"}
    n_asked = len(service.asked)
    again = await house.build(full=True)
    assert len(service.asked) == n_asked, "nothing is asked twice"
    assert again.judged is not None
    assert (again.judged.read, again.judged.asked, again.judged.left) == (0, 0, 0)


async def test_claims_on_one_side_that_answer_differently_are_paired_where_a_judge_says_so(
    house: House, service: ChatService
) -> None:
    house.put("fear", FEAR * 10, guests=["Ada Lin"])
    house.put("dread", FEAR * 9 + "It is near. ", guests=["Bo Ek"])
    house.judge_options = judging_by(service, questions=QUESTIONS)
    service.says = lambda messages: (
        answers(
            *(
                (number, "tutors", "near" in claim, 1 + ("near" in claim))
                for number, claim in enumerate(claims_in(messages), 1)
            )
        )
        if claims_in(messages)
        else verdict()
    )
    await house.build()
    found = await cruxes_by_slug(house)
    assert others(await house.open(), found["fear"]) == {"dread"}


async def test_a_good_pair_whose_quotes_do_not_hold_is_not_shown(judged: House, service: ChatService) -> None:
    service.checks = lambda _: check(upheld=False)
    report = await judged.build()
    asked, good, left = counts(report)
    assert asked == len(service.checked) > 0
    assert (good, left) == (0, 0)
    assert await cruxes_by_slug(judged) == {"fear": [], "hope": []}


async def test_a_pair_that_was_not_good_is_not_checked(judged: House, service: ChatService) -> None:
    service.says = lambda _: verdict(good=False)
    await judged.build()
    assert service.asked
    assert service.checked == []


async def test_other_questions_are_asked_of_every_claim_anew(house: House, service: ChatService) -> None:
    house.put("fear", FEAR * 10, guests=["Ada Lin"])
    house.put("hope", HOPE * 10, guests=["Cy Dee"])
    service.says = reading
    house.judge_options = judging_by(service, questions=QUESTIONS)
    first = await house.build()
    house.judge_options = judging_by(service, questions={**QUESTIONS, "books": "Are books enough?"})
    second = await house.build()
    assert first.judged is not None
    assert second.judged is not None
    assert second.judged.read == first.judged.read > 0
    assert second.judged.asked == 0, "the pairs were judged already"


async def test_the_limit_holds_for_claims_too_and_what_is_left_is_told(
    house: House, service: ChatService
) -> None:
    put_more(house)
    service.says = reading
    house.judge_options = judging_by(service, questions=QUESTIONS, most=1)
    report = await house.build()
    assert report.judged is not None
    assert (report.judged.read, report.judged.asked) == (1, 0)
    n_left = report.judged.left
    assert n_left > 1
    house.judge_options = judging_by(service, questions=QUESTIONS)
    report = await house.build()
    assert report.judged is not None
    assert report.judged.read == n_left
    assert report.judged.left == 0


async def test_a_judge_that_cannot_read_claims_is_given_up_and_not_asked_about_pairs(
    house: House, service: ChatService
) -> None:
    put_more(house)
    service.says = lambda _: "I would rather not."
    house.judge_options = judging_by(service, questions=QUESTIONS)
    report = await house.build()
    assert report.judged is not None
    assert report.judged.problem is not None
    assert report.judged.problem.code == JudgeUnreadable.code
    assert report.judged.read == report.judged.asked == 0
    assert all(claims_in(messages) for messages in service.asked)


async def test_a_damaged_file_of_judged_pairs_is_told_of(judged: House) -> None:
    report = await judged.build()
    assert report.facts is not None
    path = editions_folder(judged.state) / report.facts.edition / JUDGED_FILE
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EditionDamaged):
        await open_edition(judged.state, falls_back=False)
    healed = await judged.build()
    assert healed.is_new
    assert (await cruxes_by_slug(judged))["fear"] != []


async def test_an_edition_published_anew_is_whole_and_shares_its_large_files(judged: House) -> None:
    await judged.build()
    before, after = sorted(editions_folder(judged.state).glob("2*"))
    for file in ("windows.faiss", "columns.npz", "postings.npy"):
        assert (before / file).samefile(after / file)
    for edition in (before, after):
        verify(judged.state, edition.name)


async def test_what_is_written_beside_a_large_library_is_judged_alike(
    judged: House, service: ChatService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await judged.build()
    monkeypatch.setattr(segments, "SCANNED_WHOLE", -1)
    monkeypatch.setattr(segments, "_LARGEST_SHARE", 10.0)
    judged.put("delight", HOPE * 5 + "I am glad of it. ", guests=["Cy Dee"])
    report = await judged.build()
    assert report.facts is not None
    assert report.facts.beside is not None
    assert counts(report)[1] > 0
    verify(judged.state, report.facts.edition)
    found = await cruxes_by_slug(judged)
    assert "delight" in others(await judged.open(), found["fear"])
    judged.put("boats", "Boats drift along canals and nobody minds it. " * 20)
    report = await judged.build()
    assert report.facts is not None
    verify(judged.state, report.facts.edition)
    assert report.unchanged == 3
    judged.judge_options = None
    report = await judged.build()
    assert report.facts is not None
    assert report.is_new
    verify(judged.state, report.facts.edition)
    assert (await judged.open()).edition.judged is None
