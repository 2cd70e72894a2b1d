"""One answer in the terminal, in Discord and as JSON has the same quotes, speakers, seconds and links."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from bot.cli.printed_answers import print_counterbalance, print_found
from bot.cli.session import Session
from bot.discord.features.counterbalance.rendering import counterbalance_answer
from bot.discord.features.find.question import FindQuestion
from bot.discord.features.find.rendering import FindResult, found_answer
from bot.discord.ui.markup import link, safe
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from bot.render import json_models
from index.search.crux_pairs import Crux
from index.search.excerpts import Excerpt, excerpt_of

CATALOGUE = MessageCatalogue.load()
QUESTIONS = (
    "people and machines at work",
    "can an AI tutor replace homework",
    "what cannot be recalled once it is published",
    "what did the inspectors find",
)
SLUGS = ("gunnar-eziokwu-on-what-cannot-be-recalled", "josefina-arrate-on-tutors-in-the-valley-schools")


def terminal() -> tuple[Session, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, width=4000, force_terminal=False)
    return Session(Settings(), CATALOGUE, console, console), written


def texts_of(answer: Any) -> str:
    """What a Discord message says, without its bold and its escapes."""
    texts = [str(part.content) for part in answer.walk_children() if type(part).__name__ == "TextDisplay"]
    return re.sub(r"\\(?=[^\w\s])|\*\*", "", "\n".join(texts))


def check_discord(said: str, excerpt: Excerpt, language: Language) -> None:
    assert excerpt.text in said
    after = said[said.index(excerpt.text) :].split("\n")[1]
    if excerpt.speaker:
        assert safe(excerpt.speaker, 120) in after
    if excerpt.start_s is not None:
        clock = language.say("passage.clock", second=excerpt.start_s)
        assert link(clock, excerpt.link, longest=300) in after


def check_terminal(said: str, excerpt: Excerpt) -> None:
    said, text = " ".join(said.split()), " ".join(excerpt.text.split())  # the terminal breaks lines
    assert text in said
    before, after = said.split(text, 1)
    assert (excerpt.speaker or "") in before[-150:]
    if excerpt.link:
        assert after.split("http", 1)[1].startswith(excerpt.link.removeprefix("http"))


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_found_passage_is_quoted_alike_everywhere(
    answerer: LocalLibraryService, question: str
) -> None:
    found = await answerer.find(question, n_passages=1)
    (passage,) = found.passages
    session, written = terminal()
    print_found(session, found, answerer.axis)
    check_terminal(written.getvalue(), passage.quote)
    language = Language(CATALOGUE, "en-GB", answerer.axis)
    answer = found_answer(language, FindResult(FindQuestion(question), "k" * 12, found), 0)
    check_discord(texts_of(answer), passage.quote, language)
    (printed,) = json_models.found(found)["passages"]
    assert (printed["quote"], printed["speaker"], printed["link"]) == (
        passage.quote.text,
        passage.quote.speaker,
        passage.quote.link,
    )
    assert passage.text[passage.quote.start : passage.quote.end] == passage.quote.text


@pytest.mark.parametrize("judge", [None, "reader-1"])
@pytest.mark.parametrize("slug", SLUGS)
async def test_a_pick_is_quoted_alike_everywhere(
    answerer: LocalLibraryService, slug: str, judge: str | None
) -> None:
    near = await answerer.counterbalance(slug, n_picks=1)
    here, there = [
        (await answerer.episode(episode.slug)).slices[2] for episode in (near.episode, near.picks[0].episode)
    ]
    if judge is not None:
        here, there = (replace(record, claim=[*record.piece.units()][1]) for record in (here, there))
    pick = replace(near.picks[0], crux=Crux("Does a tutor help?", 0.25, here, there, judge))
    answer = replace(near, outcome="crux", picks=(pick,))
    session, written = terminal()
    print_counterbalance(session, answer, answerer.axis)
    language = Language(CATALOGUE, "en-GB", answerer.axis)
    said = texts_of(counterbalance_answer(language, answer, is_public=False))
    printed = json_models.counterbalance(answer)["picks"][0]
    for side, episode, record in (
        ("here", answer.episode, here),
        ("there", pick.episode, there),
    ):
        excerpt = excerpt_of(episode, record)
        check_terminal(written.getvalue(), excerpt)
        check_discord(said, excerpt, language)
        assert (printed[side]["quote"], printed[side]["quote_speaker"]) == (excerpt.text, excerpt.speaker)
        assert printed[side]["quote_link"] == excerpt.link
        if record.claim is not None:
            assert (excerpt.start, excerpt.end) == record.claim
    told = (printed["question"], printed["probability"], printed["judge"])
    assert told == ("Does a tutor help?", 0.25, judge)
    for face in (written.getvalue(), said):
        assert "Both seem to speak to: Does a tutor help?" in face
