"""Whatever a client sends, the person gets a reply, and nothing that it means is done."""

from __future__ import annotations

from typing import Any

import pytest
from discord_loopback.driver import Person
from discord_loopback.people import MANAGE_GUILD
from discord_loopback.reply import Reply
from discord_loopback.world import PATIENCE_S

from bot.discord.client import CounterpointClient
from bot.discord.context import Context
from bot.discord.errors import Reporter
from bot.i18n.message_catalogue import MessageCatalogue

SLUG = "tove-kassabian-on-short-clocks"


AMBIGUOUS = "Contrary Weather"

GONE = "tove-kassabian"
"""No slug, as of an episode that was removed; taken for words it means another one."""


async def forge(person: Person, reply: Reply, values: list[str]) -> Reply:
    """Answer the select of a message with values that it does not offer."""
    shown = person._seen(reply)
    return await person._component(shown, shown.selects[0], {"values": values}, "answer", PATIENCE_S)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (["all of them"], "choice_unknown"),
        (["-1"], "choice_unknown"),
        (["²"], "choice_unknown"),
        ([], "choice_unknown"),
        (["99999999999999999999"], "slice_unknown"),
    ],
)
async def test_a_forged_slice_gets_a_reply(
    guild: Any, bot: CounterpointClient, values: list[str], code: str
) -> None:
    ada = guild.add_member("Ada")
    card = await ada.slash("episode", episode=SLUG)
    assert f"`{code}`" in (await forge(ada, card, values)).text
    reading = await ada.select(card, None, ["3"])
    assert f"`{code}`" in (await forge(ada, reading, values)).followups[0].text
    assert bot.context.reporter.n_unexpected == 0


@pytest.mark.parametrize("command", ["episode", "counterbalance"])
async def test_a_forged_episode_gets_a_reply(guild: Any, bot: CounterpointClient, command: str) -> None:
    ada = guild.add_member("Ada")
    offered = await ada.slash(command, episode=AMBIGUOUS)
    assert "`episode_unknown`" in (await forge(ada, offered, ["../../etc/passwd"])).text
    assert "`choice_unknown`" in (await forge(ada, offered, [])).text
    assert bot.context.reporter.n_unexpected == 0


@pytest.mark.parametrize(
    "custom_id",
    [*(f"e:{GONE}:{view}:{verb}" for view in ("card", "picks", "kin") for verb in ("open", "share")),
     f"r:{GONE}:2:turn", f"q:{GONE}:2:aaaaa:open", f"p:{GONE}:aaaaa:open", f"n:answer:{GONE}:2"],
)  # fmt: skip
async def test_a_button_about_an_episode_that_is_gone_opens_no_other(
    guild: Any, bot: CounterpointClient, custom_id: str
) -> None:
    ada = guild.add_member("Ada")
    shown = await ada.slash("episode", episode=GONE)
    assert "Tove Kassabian" in shown.text, "typed, it means the episode"
    button = next(button for button in ada._seen(shown).buttons if "custom_id" in button)
    button["custom_id"] = custom_id
    reply = await ada.press(shown, custom_id=custom_id)
    assert "`episode_unknown`" in reply.text + "".join(more.text for more in reply.followups)


@pytest.mark.parametrize("command", ["episode", "counterbalance", "related", "admin remove"])
async def test_a_menu_of_an_episode_that_is_gone_opens_no_other(
    guild: Any, bot: CounterpointClient, command: str
) -> None:
    await bot.context.community.set_moderating(guild.id, is_open=True)
    ada = guild.add_member("Ada", permissions=MANAGE_GUILD)
    offered = await ada.slash(command, episode=AMBIGUOUS)
    assert "`episode_unknown`" in (await forge(ada, offered, [GONE])).text


async def test_a_place_in_an_episode_that_is_gone_opens_no_other(guild: Any, bot: CounterpointClient) -> None:
    ada = guild.add_member("Ada")
    card = await ada.slash("episode", episode=SLUG)
    assert "`episode_unknown`" in (await forge(ada, card, [f"{GONE}:2"])).text


async def test_a_key_of_another_kind_opens_nothing(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """The key of a staged file is in a moderator's button; no question is read from what it stores."""
    ada = guild.add_member("Ada")
    found = await ada.slash("find", query="people and machines at work")
    staged = await context.community.keep("staged", {"digest": "x", "query": "secret", "name": "secret.vtt"})
    button = next(button for button in ada._seen(found).buttons if button["label"] == "Other side")
    button["custom_id"] = f"f:{staged}:0:flip"
    assert "`question_forgotten`" in (await ada.press(found, label="Other side")).followups[0].text


async def test_telling_of_an_error_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        """An interaction of which nothing works."""

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    await Reporter(MessageCatalogue.load()).tell(Broken(), ValueError("x"))  # type: ignore[arg-type]
    assert "could not tell" in caplog.text


async def test_a_value_that_names_its_episode_opens_that_one(guild: Any, bot: CounterpointClient) -> None:
    ada = guild.add_member("Ada")
    card = await ada.slash("episode", episode="tutors in the valley schools")
    opened = await forge(ada, card, ["gunnar-eziokwu-on-what-cannot-be-recalled:2"])
    assert "what cannot be recalled" in opened.text
