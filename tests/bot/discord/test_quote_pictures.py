"""Pictures of quotes by a button, over real sockets on the sample library."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from discord_loopback.driver import Person
from discord_loopback.reply import Reply
from discord_loopback.server import LoopbackDiscord
from PIL import Image

from bot.app.quotes import Quoted, quote_of, quote_within, quoted_in
from bot.app.service import LocalLibraryService
from bot.discord.client import CounterpointClient
from index.search.crux_pairs import Crux
from index.search.excerpts import excerpt_between, excerpt_of
from index.search.related import Counterbalance
from index.text.sentences import clause_starts
from index.text.slicing import joined

GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"
MANY = '"the machine"'
EDIT = "PATCH /webhooks/*"

Start = Callable[..., AbstractAsyncContextManager[CounterpointClient]]


async def reading(person: Person, ordinal: int = 3) -> Reply:
    card = await person.slash("episode", episode=GUNNAR)
    return await person.select(card, None, [str(ordinal)])


async def crossed(answerer: LocalLibraryService) -> Counterbalance:
    """The picks for an episode as if the first answered it."""
    near = await answerer.counterbalance(GUNNAR)
    here, there = [(await answerer.episode(slug)).slices[2] for slug in (GUNNAR, near.picks[0].episode.slug)]
    pick = dataclasses.replace(near.picks[0], crux=Crux("Does a tutor help?", 0.4, here, there))
    return dataclasses.replace(near, outcome="crux", picks=(pick, *near.picks[1:]))


def drawn(reply: Reply) -> str:
    """The alternative text of the picture of quotes in a message."""
    (file,) = reply.attachments
    assert file.filename == "quote.png"
    assert Image.open(io.BytesIO(file.data)).width == 1600
    return file.description or ""


async def test_a_reading_has_a_picture_of_its_quote(ada: Person, bot: CounterpointClient) -> None:
    shown = await reading(ada)
    picture = await ada.press(shown, label="Quote picture")
    card = await bot.context.answerer.episode(GUNNAR)
    quoted = quote_of(card.episode, card.slices[3])
    assert picture.ephemeral
    assert f"“{quoted.excerpt.text}”" in drawn(picture)
    assert quoted.excerpt.link is not None
    assert quoted.excerpt.link in picture.text
    assert quoted.excerpt.text not in picture.text  # the picture has the words
    assert {"Card", "Share"} <= set(picture.labels)


async def test_a_picture_of_a_quote_is_shared_in_the_servers_language(guild: Any, ada: Person) -> None:
    gerd = guild.add_member("Gerd", locale="de")
    picture = await gerd.press(await reading(gerd), label="Zitat als Bild")
    assert (
        "Risikobetont" in drawn(picture)
        or "chancen" in drawn(picture).lower()
        or "gemischt" in drawn(picture)
    )
    shared = await gerd.press(picture, label="Teilen")
    assert not shared.ephemeral
    assert drawn(await ada.press(shared, label="Just me")) == drawn(shared)


@pytest.mark.parametrize("is_balanced", [False, True])
async def test_a_quote_that_was_found_is_drawn_word_for_word(
    ada: Person, bot: CounterpointClient, is_balanced: bool
) -> None:
    reply = await ada.slash("find", {"query": MANY, "balanced": is_balanced})
    (select,) = [each for each in reply.message.selects if each["custom_id"] == "q:pick"]
    assert len(select["options"]) >= 3
    for option in select["options"]:
        picture = await ada.select(reply, "q:pick", [option["value"]])
        slug, ordinal, key = option["value"].split(":")
        card = await bot.context.answerer.episode(slug)
        quoted = quoted_in(card, int(ordinal), key)
        assert quoted is not None
        assert quoted.record.piece.ordinal == int(ordinal)
        told, text = reply.text.replace("**", "").replace("\\", ""), quoted.excerpt.text
        assert any(text[at : at + 60] in told for at in range(max(1, len(text) - 60))), (
            "all of it or its core"
        )
        assert quoted.excerpt.text[:60] in drawn(picture)
    assert option["label"].split(" · ")[0].isdigit()


async def test_the_pair_of_a_pick_is_drawn_with_its_question(
    ada: Person, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answerer: Any = bot.context.answerer
    met = await crossed(answerer)

    async def counterbalance(*_: object, **__: object) -> Counterbalance:
        return met

    monkeypatch.setattr(answerer, "counterbalance", counterbalance)
    picks = await ada.slash("counterbalance", episode=GUNNAR)
    crux = met.picks[0].crux
    assert crux is not None
    waits = f"n:answer:{met.picks[0].episode.slug}:{crux.there.piece.ordinal}"
    custom_ids = [str(button.get("custom_id")) for button in picks.message.buttons]
    assert [custom_id for custom_id in custom_ids if custom_id.startswith("n:answer")] == [waits]
    picture = await ada.press(picks, label="Picture of both")
    alt = drawn(picture)
    for episode, record in ((met.episode, crux.here), (met.picks[0].episode, crux.there)):
        assert quote_of(episode, record).excerpt.text[:80] in alt
        assert episode.about.title[:20] in picture.text
    assert "Both seem to speak to: Does a tutor help?" in picture.text
    assert not (await ada.press(picture, label="Share")).ephemeral
    near = dataclasses.replace(met, picks=met.picks[1:])
    met = near
    gone = await ada.press(picture, label="Share")
    assert "do not answer each other any more" in gone.text
    assert not gone.attachments


async def test_a_quote_button_works_after_a_restart(
    loopback: LoopbackDiscord, guild: Any, start: Start
) -> None:
    ada = guild.add_member("Ada")
    async with start():
        shown = await reading(ada)
        found = await ada.slash("find", query=MANY)
    async with start():
        drawn(await ada.press(shown, label="Quote picture"))
        (select,) = [each for each in found.message.selects if each["custom_id"] == "q:pick"]
        drawn(await ada.select(found, "q:pick", [select["options"][0]["value"]]))


@pytest.mark.parametrize(
    ("custom_id", "says"),
    [
        (f"q:{GUNNAR}:3:AAAAA:open", "not in the library any more as they were quoted"),
        (f"q:{GUNNAR}:99999:AAAAA:share", "not in the library any more as they were quoted"),
        ("q:nobody-at-all:3:AAAAA:open", "no episode"),
        (f"p:{GUNNAR}:AAAAA:open", "do not answer each other any more"),
    ],
)
async def test_words_that_are_gone_are_told_and_not_drawn(ada: Person, custom_id: str, says: str) -> None:
    shown = await reading(ada)
    for button in shown.message.buttons:
        if button["label"] == "Quote picture":
            button["custom_id"] = custom_id
    told = await ada.press(shown, custom_id=custom_id)
    assert says in told.text
    assert not told.attachments


async def test_where_the_picture_is_refused_the_words_stand_in_its_place(
    ada: Person, bot: CounterpointClient, loopback: LoopbackDiscord
) -> None:
    shown = await reading(ada)
    loopback.fail_next(EDIT, status=413, code=40005)
    picture = await ada.press(shown, label="Quote picture")
    assert not picture.attachments
    card = await bot.context.answerer.episode(GUNNAR)
    assert quote_of(card.episode, card.slices[3]).excerpt.text[:60] in picture.text.replace("**", "")


async def test_words_in_another_slice_are_found_and_others_are_not(answerer: LocalLibraryService) -> None:
    card = await answerer.episode(GUNNAR)
    wanted = quote_of(card.episode, card.slices[5])
    for ordinal in (5, 0, 400):
        assert quoted_in(card, ordinal, wanted.key) == wanted
    found = await answerer.find(MANY, n_passages=8)
    for passage in found.passages:
        quoted = Quoted.of_passage(passage)
        again = quoted_in(await answerer.episode(passage.episode.slug), 0, quoted.key)
        assert again is not None
        assert again.excerpt.text == passage.quote.text
    other = dataclasses.replace(card, slices=card.slices[:5] + card.slices[6:])
    assert quoted_in(other, 5, wanted.key) is None


async def test_words_that_reach_into_the_next_slice_or_end_amid_a_sentence_are_found(
    answerer: LocalLibraryService,
) -> None:
    card = await answerer.episode(GUNNAR)
    first, second = card.slices[3], card.slices[4]
    whole = joined(first.piece, second.piece)
    start = list(first.piece.units())[-1][0]
    end = next(stop for stop in whole.unit_ends if stop > len(first.piece.text))
    clause = next(at for at in clause_starts(whole.text) if at > start + 1)
    starts, text = clause_starts(first.piece.text), first.piece.text
    spaces = (at for at in range(60, 400) if text[at] == " " and text[at - 1].isalnum())
    amid = next(at for at in spaces if at + 1 not in starts and at not in first.piece.unit_ends)
    for begins, ends in (
        (start, end),
        (clause, end),
        (0, clause - 1 if clause < 400 else first.piece.unit_ends[0]),
        (0, amid),
    ):
        said = excerpt_between(card.episode, dataclasses.replace(first, piece=whole), begins, ends)
        wanted = Quoted(card.episode, first, said)
        assert quoted_in(card, first.piece.ordinal, wanted.key) == wanted


async def test_the_picture_of_a_passage_quotes_what_the_passage_shows(bot: CounterpointClient) -> None:
    n_outside = 0
    for episode in (await bot.context.answerer.episodes())[:6]:
        card = await bot.context.answerer.episode(episode.slug)
        for record in card.slices:
            shown = excerpt_of(card.episode, record, most=900)
            quoted = quote_within(card.episode, record, shown)
            n_outside += quote_of(card.episode, record).excerpt.text not in shown.text
            assert quoted.excerpt.text in shown.text
            found = quoted_in(card, record.piece.ordinal, quoted.key)
            assert found is not None
            assert found.excerpt.text == quoted.excerpt.text
    assert n_outside, "of some slice the words that pull most lie outside"
