"""Pictures beside answers, jumps into recordings, and readings, over real sockets on the sample library."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from discord_loopback.driver import Person
from discord_loopback.messages import Message, walk
from discord_loopback.reply import Reply
from discord_loopback.server import LoopbackDiscord
from PIL import Image

from bot.discord.client import CounterpointClient
from bot.discord.context import Context
from bot.i18n.language import Language
from bot.render.png.picture_texts import whole_in_words
from scoring.reading import telling_drivers

GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"
TUTORS = "josefina-arrate-on-tutors-in-the-valley-schools"
GALLERY = 12
MANY = '"the machine"'
EDIT = "PATCH /webhooks/*"


def picture_in(reply: Reply | Message) -> tuple[str, str, bytes]:
    """Name, alternative text and bytes of the one picture of a message, which its gallery shows with the same text."""
    message = reply.message if isinstance(reply, Reply) else reply
    (file,) = message.attachments
    (gallery,) = (component for component in walk(message.components) if component["type"] == GALLERY)
    (item,) = gallery["items"]
    assert item["media"]["url"].endswith(file.filename)
    assert file.description == item["description"]
    assert file.description
    assert Image.open(io.BytesIO(file.data)).width == 1600
    return file.filename, file.description, file.data


@pytest.mark.parametrize(
    ("command", "options", "name", "tells"),
    [
        ("episode", {"episode": GUNNAR}, "card.png", r"The arc of \d+ slices (starts|stays) .+; median"),
        ("counterbalance", {"episode": GUNNAR}, "balance.png", r"mirror point is .+ 1: .+ topic match"),
        (
            "find",
            {"query": MANY},
            "found.png",
            r"on “.+” on the axis: \d+ risk-forward.+ \(whole .+\): 1 at ",
        ),
        ("find", {"query": MANY, "balanced": True}, "found.png", r"on the axis: \d risk-forward"),
        ("spectrum", {}, "map.png", r"Map of 14 episodes by headline and shelf\. .+ opportunity-forward"),
    ],
)
async def test_a_picture_comes_with_words_that_say_its_shape(
    ada: Person, command: str, options: dict[str, Any], name: str, tells: str
) -> None:
    reply = await ada.slash(command, options)
    got, alt, _ = picture_in(reply)
    assert got == name
    assert re.search(tells, alt)
    assert len(alt) <= 1024


async def test_turning_a_page_replaces_the_picture(ada: Person) -> None:
    reply = await ada.slash("find", query=MANY)
    _, first_alt, first = picture_in(reply)
    await ada.press(reply, label=next(label for label in reply.labels if label.startswith("Page 2")))
    _, second_alt, second = picture_in(reply)
    assert (first_alt == second_alt, first == second) == (False, False)
    await ada.press(reply, label="◂ Back")
    assert picture_in(reply)[1:] == (first_alt, first)


async def test_an_answer_without_passages_takes_the_picture_away(ada: Person) -> None:
    reply = await ada.slash("find", query="models", source="Shift Change")
    picture_in(reply)
    await ada.press(reply, label="Other side")
    assert "Nothing was found on the other side of this" in reply.text
    assert not reply.attachments
    await ada.press(reply, label="Back to this side")
    picture_in(reply)


async def test_a_shared_answer_brings_its_picture_along(ada: Person, guild: Any) -> None:
    una = guild.add_member("Una")
    for command, options in (("episode", {"episode": GUNNAR}), ("spectrum", {}), ("find", {"query": MANY})):
        mine = await ada.slash(command, options)
        shared = await ada.press(mine, label="Share")
        assert not shared.ephemeral
        assert picture_in(shared) == picture_in(mine)
        assert picture_in(await una.press(shared, label="Just me")) == picture_in(mine)


async def test_numbers_in_the_picture_stand_beside_the_passages(ada: Person) -> None:
    reply = await ada.slash("find", query=MANY)
    _, alt, _ = picture_in(reply)
    ranks = re.findall(r"[:;] (\d+) (?:at|in slice) ", alt)
    assert len(ranks) >= 5
    for rank in ranks:
        assert f"**{rank}**" in reply.text


async def test_what_the_find_strip_shows_of_whole_episodes_stands_in_words_too(
    ada: Person, context: Context
) -> None:
    reply = await ada.slash("find", query=MANY)
    language = Language(context.catalogue, "en", context.answerer.axis)
    named = {
        episode.about.title: episode
        for episode in await context.answerer.episodes()
        if episode.about.title in reply.text
    }
    assert named
    _, alt, _ = picture_in(reply)
    for title, episode in named.items():
        assert title[:20] in alt
        assert whole_in_words(episode, language, 0) in alt
        assert whole_in_words(episode, language) in reply.text


async def test_a_picture_is_drawn_once_and_again_for_another_language(
    ada: Person, guild: Any, bot: CounterpointClient
) -> None:
    for _ in range(3):
        await ada.slash("episode", episode=GUNNAR)
    assert bot.context.pictures.n_drawn == 1
    german = guild.add_member("Gerd", locale="de")
    _, alt, _ = picture_in(await german.slash("episode", episode=GUNNAR))
    assert re.search(r"Karte von Gunnar .+ Der Verlauf \(\d+ Abschnitte\) (beginnt|bleibt)", alt)
    assert bot.context.pictures.n_drawn == 2


async def test_buttons_lead_to_the_markers_and_turns_at_their_seconds(ada: Person, context: Context) -> None:
    reply = await ada.slash("episode", episode=GUNNAR)
    links = {
        button["label"]: button["url"]
        for button in reply.buttons
        if "url" in button and "#t=" in button["url"]
    }
    card = await context.answerer.episode(GUNNAR)
    assert 3 <= len(links) <= 5
    bands = context.answerer.axis.bands
    slices = [card.slices[ordinal] for ordinal in card.episode.profile.markers]
    low = "▼ risk-forward" if slices[0].reading.band == bands[0] else "▼ lowest"
    high = "▲ opportunity-forward" if slices[2].reading.band == bands[-1] else "▲ highest"
    for name, record in zip((low, "● median", high), slices, strict=True):
        second = record.piece.start_s
        (label,) = (link for link in links if link.startswith(name))
        assert label.endswith(f"{int(second or 0) // 60}:{int(second or 0) % 60:02}")
        assert links[label] == card.episode.link_at(second)
    assert any(label.startswith(("↗ turn", "↘ turn")) for label in links)
    assert "Sharpest turns: " in reply.text


async def test_a_select_shows_a_slice_with_its_reading_and_why(ada: Person, context: Context) -> None:
    card = await ada.slash("episode", episode=GUNNAR)
    (select,) = card.message.selects
    assert 2 <= len(select["options"]) <= 25
    slices, bands = (await context.answerer.episode(GUNNAR)).slices, context.answerer.axis.bands
    wings = (bands[0], bands[-1])
    chosen = next(
        option for option in select["options"] if telling_drivers(slices[int(option["value"])].reading, wings)
    )
    reply = await ada.select(card, select["custom_id"], [chosen["value"]])
    assert reply.ephemeral
    record = slices[int(chosen["value"])]
    assert f"slice {record.piece.ordinal + 1} of " in reply.text
    assert "### Why here?" in reply.text
    assert re.search(r"`◂.{15}▸ [+−]?\d+` ", reply.text)
    assert re.search(r"\[\d+:\d\d\]\(<https://recordings\.example/[a-z-]+#t=\d+>\)", reply.text)
    for driver in telling_drivers(record.reading, wings):
        if driver.kind == "phrase":
            assert f"“{driver.text}”" in reply.text
    assert "Open recording" in reply.labels


async def test_a_reading_moves_in_place_to_its_neighbours(ada: Person) -> None:
    card = await ada.slash("episode", episode=GUNNAR)
    reply = await ada.select(card, None, [card.message.selects[0]["options"][0]["value"]])
    assert "slice 1 of " in reply.text
    assert "◂ Earlier" not in reply.labels
    await ada.press(reply, label="Later ▸")
    assert "slice 2 of " in reply.text
    moved = await ada.select(reply, None, ["4"])
    assert moved.updated
    assert "slice 5 of " in reply.text


async def test_selects_work_after_a_restart(
    loopback: LoopbackDiscord,
    guild: Any,
    start: Callable[..., AbstractAsyncContextManager[CounterpointClient]],
) -> None:
    ada = guild.add_member("Ada")
    async with start():
        card = await ada.slash("episode", episode=GUNNAR)
        look = await ada.slash("spectrum")
    async with start():
        reading = await ada.select(card, None, ["1"])
        assert "slice 2 of " in reading.text
        assert not (await ada.press(look, label="Share")).ephemeral


async def test_a_slice_that_is_gone_is_told(ada: Person, bot: CounterpointClient) -> None:
    card = await ada.slash("episode", episode=GUNNAR)
    for component in walk(card.message.components):
        if component["type"] == 3:
            component["options"][0]["value"] = "999"
    assert "Slice 1000 of that episode is no longer there" in (await ada.select(card, None, ["999"])).text


async def test_spectrum_says_who_is_missing_and_where_to_begin(ada: Person) -> None:
    reply = await ada.slash("spectrum")
    assert "### Missing voices" in reply.text
    assert re.search(
        r"of \d+ episodes none is (risk|opportunity)-forward as a whole; wanted, a conversation at about",
        reply.text,
    )
    assert re.search(r"(Nearest voice: |Add the transcript of )\[", reply.text)
    assert "Card" in reply.labels


async def test_spectrum_keeps_to_a_source_and_a_topic(ada: Person) -> None:
    offered = await ada.autocomplete("spectrum", {"source": "bench"}, focused="source")
    assert [option["value"] for option in offered] == ["The Long Bench"]
    reply = await ada.slash("spectrum", source="the long bench", topic="models")
    assert "only The Long Bench · “models”" in reply.text
    assert "I know no source" in (await ada.slash("spectrum", source="The Short Bench")).text
    nothing = await ada.slash("spectrum", topic="zeppelins over Reykjavík")
    assert "No episode here speaks of that at any length" in nothing.text
    assert "None of them says it in these words" in nothing.text
    assert "source" not in nothing.text, "none was named, so there is none to leave out"
    assert nothing.text.count("at any length") + nothing.text.count("at length") == 1
    assert not nothing.attachments
    within = await ada.slash("spectrum", topic="zeppelins over Reykjavík", source="the long bench")
    assert "Without `source`" in within.text


async def test_spectrum_names_who_only_mentions_a_topic(ada: Person) -> None:
    reply = await ada.slash("spectrum", topic="dentist")
    assert "No episode here speaks of that at any length" in reply.text
    assert "These mention it (`/find` shows where):\n- [" in reply.text


async def test_spectrum_says_that_a_source_is_the_servers(ada: Person, guild: Any, context: Context) -> None:
    await context.community.set_server(guild.id, default_source="The Long Bench")
    usual = "only The Long Bench, this server's usual source (`source: Every source` takes all)"
    for topic in ("models", "zeppelins over Reykjavík"):
        reply = await ada.slash("spectrum", topic=topic)
        assert reply.text.count(usual) == 1
        assert "Without `source`" not in reply.text
    named = await ada.slash("spectrum", topic="models", source="the long bench")
    assert "usual" not in named.text
    shared = await ada.press(await ada.slash("spectrum", topic="models"), label="Share")
    assert usual in shared.text


async def test_what_refuses_components_gets_embeds_with_the_picture_and_the_buttons(
    ada: Person, loopback: LoopbackDiscord
) -> None:
    loopback.fail_next(EDIT, status=400, code=50035)
    reply = await ada.slash("episode", episode=GUNNAR)
    assert not reply.message.now.is_components_v2
    assert reply.embeds[0]["image"]["url"].endswith("card.png")
    (file,) = reply.attachments
    assert file.description
    told = "\n".join(embed.get("description", "") for embed in reply.embeds)
    for part in ("Gunnar Eziokwu", "Where it stands", "Arc, early to late", "Sharpest turns"):
        assert part in told
    assert {"Counterbalance", "Related", "Share"} <= set(reply.labels)
    assert "slice 3 of " in (await ada.select(reply, None, ["2"])).text
    picture_in(await ada.press(reply, label="Counterbalance"))


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("find", {"query": MANY}),
        ("counterbalance", {"episode": TUTORS}),
        ("related", {"episode": GUNNAR}),
        ("spectrum", {}),
    ],
)
@pytest.mark.parametrize(("locale", "card"), [(None, "Card"), ("de", "Karte")])
async def test_in_embeds_each_button_of_a_card_says_whose_it_is(
    ada: Person, guild: Any, loopback: LoopbackDiscord, context: Context,
    command: str, options: dict[str, Any], locale: str | None, card: str,
) -> None:  # fmt: skip
    asker = ada if locale is None else guild.add_member("Gerd", locale=locale)
    titles = {episode.slug: episode.about.title for episode in await context.answerer.episodes()}
    loopback.fail_next(EDIT, status=400, code=50035)
    reply = await asker.slash(command, options)
    assert not reply.message.now.is_components_v2
    cards = [
        button for button in reply.buttons if re.fullmatch(r"e:[^:]+:card:open", button.get("custom_id", ""))
    ]
    assert len(cards) >= (1 if command == "spectrum" else 2)
    for button in cards:
        assert button["label"] == f"{card}: {titles[button['custom_id'].split(':')[1]]}"
    assert len({card["label"] for card in cards}) == len(cards)


async def test_where_a_button_stands_beside_its_episode_it_is_short(ada: Person) -> None:
    reply = await ada.slash("find", query=MANY)
    assert reply.message.now.is_components_v2
    assert reply.labels.count("Card") >= 2


@pytest.mark.parametrize("status", [403, 413])
async def test_where_the_file_is_refused_the_words_go_alone(
    ada: Person, loopback: LoopbackDiscord, status: int
) -> None:
    loopback.fail_next(EDIT, status=status, code=50013 if status == 403 else 40005)
    reply = await ada.slash("episode", episode=GUNNAR)
    assert reply.message.now.is_components_v2
    assert not reply.attachments
    assert "Where it stands" in reply.text


async def test_a_page_whose_picture_is_refused_keeps_no_picture_of_another_page(
    ada: Person, loopback: LoopbackDiscord
) -> None:
    reply = await ada.slash("find", query=MANY)
    loopback.fail_next(EDIT, status=400, code=50035)
    await ada.press(reply, label=next(label for label in reply.labels if label.startswith("Page 2")))
    assert not reply.attachments
    assert "◂ Back" in reply.labels
