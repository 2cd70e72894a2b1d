"""With an address of the pages set, every face links each quote to its sentence, and the link leads back to it."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
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
from bot.discord.ui.limits import DETAILS
from bot.discord.ui.parts import attribution
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from bot.render import json_models
from index.search.excerpts import excerpt_of
from index.text.receipts import PageLink

from .conftest import SITE, SamplePages, service_of

QUESTION = "tutors in the valley schools"
ANSWERED = "rasmus-oyelaran-on-molecules-nobody-ordered"
EPISODE = "josefina-arrate-on-tutors-in-the-valley-schools"
CATALOGUE = MessageCatalogue.load()


@pytest.fixture
async def service(sample_pages: SamplePages) -> AsyncIterator[LocalLibraryService]:
    made = service_of(sample_pages.state, SITE)
    yield made
    await made.close()


def texts_of(answer: Any) -> str:
    texts = [str(part.content) for part in answer.walk_children() if type(part).__name__ == "TextDisplay"]
    return "\n".join(texts)


def terminal() -> tuple[Session, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, width=4000, force_terminal=False)
    return Session(Settings(), CATALOGUE, console, console), written


async def test_a_passage_links_to_its_sentence_everywhere(service: LocalLibraryService) -> None:
    found = await service.find(QUESTION, n_passages=3)
    language = Language(CATALOGUE, "en-GB", service.axis)
    said = texts_of(found_answer(language, FindResult(FindQuestion(QUESTION), "k" * 12, found), 0))
    session, written = terminal()
    print_found(session, found, service.axis)
    for passage, printed in zip(found.passages, json_models.found(found)["passages"], strict=True):
        read = passage.quote.read
        assert read is not None
        assert read.startswith(f"{SITE}/episodes/{passage.episode.slug}.html?r=")
        assert printed["read"] == read
        assert read in written.getvalue()
        assert f"[read](<{read}>)" in said
        back = await service.quoted_at(PageLink.read(read))
        assert back.verdict is not None
        assert back.verdict.kind == "as quoted"
        assert back.excerpt is not None
        assert back.excerpt.text == passage.quote.text


async def test_both_sides_of_a_pick_link_to_their_sentences(service: LocalLibraryService) -> None:
    answer = await service.counterbalance(ANSWERED, n_picks=3)
    language = Language(CATALOGUE, "de", service.axis)
    said = texts_of(counterbalance_answer(language, answer, is_public=False))
    session, written = terminal()
    print_counterbalance(session, answer, service.axis)
    pairs = 0
    for opposed, printed in zip(answer.picks, json_models.counterbalance(answer)["picks"], strict=True):
        if opposed.here is None or opposed.there is None:
            continue
        pairs += 1
        for side, episode, record in (
            ("here", answer.episode, opposed.here),
            ("there", opposed.episode, opposed.there),
        ):
            read = excerpt_of(episode, record).read
            assert read is not None
            assert printed[side]["read"] == read
            assert read in written.getvalue()
            assert f"[lesen](<{read}>)" in said
    assert pairs


async def test_where_there_is_no_recording_the_page_is_the_link(service: LocalLibraryService) -> None:
    card = await service.episode(EPISODE)
    about = card.episode.about.model_copy(update={"url": None, "video_id": None})
    excerpt = excerpt_of(replace(card.episode, about=about), card.slices[2])
    language = Language(CATALOGUE, "en-GB", service.axis)
    told = attribution(language, excerpt, DETAILS[0])
    assert excerpt.link is None
    assert told.startswith(f"[{language.say('passage.clock', second=excerpt.start_s)}](<{excerpt.read}>)")
    assert "[read]" not in told
    untimed = replace(excerpt, start_s=None)
    assert f"[read](<{excerpt.read}>)" in attribution(language, untimed, DETAILS[0])


async def test_without_an_address_nothing_links_to_pages(sample_pages: SamplePages) -> None:
    service = service_of(sample_pages.state, None)
    found = await service.find(QUESTION, n_passages=2)
    assert [passage.quote.read for passage in found.passages] == [None, None]
    language = Language(CATALOGUE, "en-GB", service.axis)
    said = texts_of(found_answer(language, FindResult(FindQuestion(QUESTION), "k" * 12, found), 0))
    assert not re.search(r"\[read\]|\?r=", said)
    await service.close()


async def test_a_sentence_named_by_its_anchor_is_found(service: LocalLibraryService) -> None:
    found = await service.quoted_at(PageLink.read(f"{EPISODE}#s3-2"))
    assert found.verdict is None
    assert found.excerpt is not None
    assert found.excerpt.text == "You get a novelty effect with anything that has a screen."
    assert (await service.quoted_at(PageLink.read(f"{EPISODE}#s999-1"))).excerpt is None


@pytest.mark.parametrize("address", ["https://library.example/", " https://library.example/pages "])
def test_an_address_has_no_slash_at_its_end(address: str) -> None:
    assert str(Settings(site=address).site).startswith("https://library.example")
    assert not str(Settings(site=address).site).endswith(("/", " "))


@pytest.mark.parametrize(
    "address", ["library.example", "ftp://x.example", "https://x.example/?a=b", 'https://x"y']
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address of pages"):
        Settings(site=address)
