"""What a judge is asked in a build, written down for a reader, and what the reader said, played back: a measurement.

    PYTHONPATH=. python bench/llm_judge.py claims CLAIMS.txt [--library ...] [--state ...]
    PYTHONPATH=. python bench/llm_judge.py pairs PAIRS.txt --answers ANSWERS.jsonl [...]
    PYTHONPATH=. python bench/llm_judge.py quotes QUOTES.txt --answers ANSWERS.jsonl --verdicts VERDICTS.jsonl [...]
    PYTHONPATH=. python bench/llm_judge.py play --answers ANSWERS.jsonl --verdicts VERDICTS.jsonl --checks CHECKS.jsonl

``claims`` writes the requests by which claims are read for what they answer, the first with the prompt. A reader writes
for each a line into ANSWERS.jsonl: what it answers, with its number as ``request``. ``pairs`` writes the pairs that
would then be judged, and the reader for each a line into VERDICTS.jsonl, with its number as ``pair``; ``quotes`` the
quotes of those that it called good, with the same numbers, and the reader a line each into CHECKS.jsonl. ``play`` gives
all back as a judge at an address, for ``counterpoint index`` to ask. All these files hold words of the library: keep
them out of the repository.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from aiohttp import web

from bot.app.container import make_axis, make_gate
from bot.app.settings import Settings
from index.judge import (
    PASSAGES_A_REQUEST,
    answers_from,
    messages_about,
    messages_about_answers,
    messages_about_quotes,
    verdict_from,
)
from index.search.crux_pairs import CruxTable
from index.search.judged_cruxes import CandidatePair, claims_to_read, pairs_to_read
from index.search.search_tables import SearchTables
from index.storage import queries
from index.storage.edition import open_edition
from index.storage.judged_pairs import ClaimAnswer, JudgeVerdict, text_digest
from index.storage.records import SliceRecord
from scoring.contested_questions import read_contested_questions

CHARS_A_TOKEN = 4.3
"""Of English, about."""
PORT = 8199

_PASSAGE = re.compile(r"<(\S+) (\w+)>\n(.*?)\n</\1 \2>", re.DOTALL)


@asynccontextmanager
async def claims_of(settings: Settings) -> AsyncIterator[CruxTable]:
    """Open the edition and yield its claims."""
    edition = await open_edition(settings.state_folder)
    try:
        gate = make_gate(settings, edition.facts.fingerprint)
        if gate is None:
            raise SystemExit("There is no gate for this model and axis.")
        unsure = np.array(await queries.unsure_slices(edition.connection), np.int64)
        yield CruxTable.of(SearchTables.of(edition), gate, unsure, len(make_axis(settings).bands))
    finally:
        await edition.close()


def requests_of(claims: list[SliceRecord]) -> list[list[SliceRecord]]:
    """Return the claims of each request."""
    return [claims[start : start + PASSAGES_A_REQUEST] for start in range(0, len(claims), PASSAGES_A_REQUEST)]


async def answers_of(
    settings: Settings, table: CruxTable, lines: list[str]
) -> dict[str, tuple[ClaimAnswer, ...]]:
    """Return what a reader said of each claim, by the digest of its text; ``lines`` are of ANSWERS.jsonl."""
    questions = read_contested_questions(settings.axis_folder)
    requests = requests_of(await claims_to_read(table, ()))
    found = {}
    for line in lines:
        batch = requests[json.loads(line)["request"]]
        for record, answers in zip(batch, answers_from(line, len(batch), questions), strict=True):
            found[text_digest(record.piece.text)] = answers
    return found


async def pairs_of(settings: Settings, answer_lines: list[str]) -> list[CandidatePair]:
    """Return the pairs that would be judged after the reader's answers."""
    async with claims_of(settings) as table:
        answers = await answers_of(settings, table, answer_lines)
        return [pair async for pair in pairs_to_read(table, lambda text: answers.get(text, ()))]


def told(requests: dict[int, list[dict[str, str]]]) -> str:
    """Return numbered requests as text, the first prompt once, and print how many tokens they are."""
    n_chars = sum(len(message["content"]) for messages in requests.values() for message in messages)
    print(f"{len(requests)} requests, {n_chars / CHARS_A_TOKEN / max(1, len(requests)):.0f} tokens each")
    bodies = [f"=== {number} ===\n{messages[1]['content']}\n" for number, messages in requests.items()]
    brief = next((messages[0]["content"] for messages in requests.values()), "")
    return "\n".join([brief, *bodies])


async def claims_as_asked(settings: Settings) -> str:
    """Return the requests about claims as text, and print how many there are."""
    questions = read_contested_questions(settings.axis_folder)
    async with claims_of(settings) as table:
        claims = await claims_to_read(table, ())
    print(f"{len(claims)} claims of {len({claim.episode_id for claim in claims})} episodes")
    asked = [
        messages_about_answers([claim.piece for claim in batch], questions) for batch in requests_of(claims)
    ]
    return told(dict(enumerate(asked)))


async def pairs_as_asked(settings: Settings, answer_lines: list[str]) -> str:
    """Return the requests about pairs as text, and print how many there are."""
    pairs = await pairs_of(settings, answer_lines)
    episodes = {record.episode_id for pair in pairs for record in (pair.first, pair.second)}
    print(f"{len(pairs)} pairs of {len(episodes)} episodes")
    asked = [messages_about(pair.first.piece, pair.second.piece) for pair in pairs]
    return told(dict(enumerate(asked)))


async def quotes_as_asked(settings: Settings, answer_lines: list[str], verdict_lines: list[str]) -> str:
    """Return the requests about the quotes of good pairs as text, numbered as the pairs, and print how many."""
    pairs = await pairs_of(settings, answer_lines)
    good = {number: one for number, one in verdicts_of(pairs, verdict_lines).items() if one.good}
    asked = {
        number: messages_about_quotes(pairs[number].first.piece, pairs[number].second.piece, one)
        for number, one in good.items()
    }
    return told(asked)


def verdicts_of(pairs: list[CandidatePair], verdict_lines: list[str]) -> dict[int, JudgeVerdict]:
    """Return a reader's verdicts by the number of the pair; ``verdict_lines`` are of VERDICTS.jsonl."""
    numbers = [json.loads(line)["pair"] for line in verdict_lines]
    return {
        number: verdict_from(line, pairs[number].first.piece, pairs[number].second.piece)
        for number, line in zip(numbers, verdict_lines, strict=True)
    }


async def play(
    settings: Settings, answer_lines: list[str], verdict_lines: list[str], check_lines: list[str]
) -> None:
    """Answer as a judge with what a reader said, until it is stopped."""
    async with claims_of(settings) as table:
        answers = await answers_of(settings, table, answer_lines)
        claims = {
            as_asked(record): text_digest(record.piece.text) for record in await claims_to_read(table, ())
        }
    pairs = await pairs_of(settings, answer_lines)
    found = verdicts_of(pairs, verdict_lines)
    verdicts = {}
    for line in verdict_lines:
        pair = pairs[json.loads(line)["pair"]]
        verdicts[as_asked(pair.first), as_asked(pair.second)] = line

    checks = {}
    for line in check_lines:
        number = json.loads(line)["pair"]
        asked = messages_about_quotes(pairs[number].first.piece, pairs[number].second.piece, found[number])
        first, second = _PASSAGE.finditer(asked[1]["content"])
        checks[first[3], second[3]] = line

    async def chat(request: web.Request) -> web.Response:
        task = (await request.json())["messages"][1]["content"]
        passages = [match[3] for match in _PASSAGE.finditer(task)]
        if task.endswith("Judge this pair. Answer with the JSON object alone."):
            said = verdicts.get((passages[0], passages[1]))
        elif task.endswith("Check these quotes. Answer with the JSON object alone."):
            said = checks.get((passages[0], passages[1]))
        else:
            rows = [
                {
                    "passage": number,
                    "question": answer.question,
                    "answer": "yes" if answer.is_yes else "no",
                    "strength": answer.strength,
                }
                for number, passage in enumerate(passages, start=1)
                for answer in answers.get(claims.get(passage, ""), ())
            ]
            said = json.dumps({"answers": rows})
        if said is None:
            return web.json_response({"error": "not read"}, status=404)
        return web.json_response({"choices": [{"message": {"role": "assistant", "content": said}}]})

    application = web.Application()
    application.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    print(f"COUNTERPOINT_JUDGE=http://127.0.0.1:{PORT}/v1 COUNTERPOINT_JUDGE_MODEL=reader")
    sys.stdout.flush()
    await asyncio.Event().wait()


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file."""
    return path.read_text(encoding="utf-8").splitlines()


def as_asked(record: SliceRecord) -> str:
    """Return a passage as a request has it."""
    asked = messages_about_answers([record.piece], {})[1]["content"]
    match = _PASSAGE.search(asked)
    return match[3] if match else ""


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("claims", "pairs", "quotes", "play"))
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--verdicts", type=Path)
    parser.add_argument("--checks", type=Path)
    parser.add_argument("--library", type=Path, default=Path("library"))
    parser.add_argument("--state", type=Path)
    given = parser.parse_args()
    chosen = Settings.read(library=given.library, state=given.state)
    if given.what == "claims" and given.out:
        given.out.write_text(asyncio.run(claims_as_asked(chosen)), encoding="utf-8")
    elif given.what == "pairs" and given.out and given.answers:
        pairs_text = asyncio.run(pairs_as_asked(chosen, lines_of(given.answers)))
        given.out.write_text(pairs_text, encoding="utf-8")
    elif given.what == "quotes" and given.out and given.answers and given.verdicts:
        quotes_text = asyncio.run(quotes_as_asked(chosen, lines_of(given.answers), lines_of(given.verdicts)))
        given.out.write_text(quotes_text, encoding="utf-8")
    elif given.what == "play" and given.answers and given.verdicts and given.checks:
        asyncio.run(play(chosen, lines_of(given.answers), lines_of(given.verdicts), lines_of(given.checks)))
    else:
        parser.error("a file to write, or the reader's files, are missing")
