"""The loopback Discord, held by the real discord.py: what it sends parses, what it forbids it catches."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord_loopback.connection import connected
from discord_loopback.description import answer_faults, schema_faults
from discord_loopback.errors import NoAnswerError, RefusedByClientError
from discord_loopback.messages import Snapshot, Upload, would_mention
from discord_loopback.people import MANAGE_GUILD
from discord_loopback.server import LoopbackDiscord


async def until(holds: Callable[[], Any]) -> None:
    """Wait until ``holds()`` is true."""
    while not holds():  # noqa: ASYNC110 - conditions of any kind
        await asyncio.sleep(0.002)


PNG = bytes.fromhex("89504e470d0a1a0a") + b"picture"


class Counter(ui.DynamicItem[ui.Button[ui.View]], template=r"count:(?P<n>\d+)"):
    """A button that lives in its custom_id alone."""

    def __init__(self, n: int) -> None:
        super().__init__(ui.Button(label="Once more", custom_id=f"count:{n}"))
        self.n = n

    @classmethod
    async def from_custom_id(cls, _interaction: Any, _item: Any, match: Any) -> Counter:
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        view = ui.View(timeout=None)
        view.add_item(Counter(self.n + 1))
        await interaction.response.edit_message(content=f"pressed {self.n + 1}", view=view)


class Colours(ui.View):
    @ui.select(
        custom_id="colours", options=[discord.SelectOption(label=c, value=c.lower()) for c in ("Red", "Blue")]
    )
    async def chosen(self, interaction: discord.Interaction[Any], select: ui.Select[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"chose {select.values[0]}", view=None)


class Name(ui.Modal, title="Your name"):
    name: Any = ui.Label(text="Name", component=ui.TextInput(custom_id="name", min_length=2))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"hello {self.name.component.value}", ephemeral=True)


class AskName(ui.View):
    @ui.button(label="Ask me", custom_id="ask")
    async def ask(self, interaction: discord.Interaction[Any], _button: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Name())


class SmallBot(discord.AutoShardedClient):
    """A bot with one of everything; `point_at` shows how a client is sent to another address."""

    def __init__(self, server: LoopbackDiscord, **options: Any) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0.05,
            **options,
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[str] = []
        self.may_answer = asyncio.Event()
        self.commands_to_add: list[Any] = [find, upload, layout, boom, double, slow, ask, menu, leave, person]
        Route.BASE = server.api_base
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 s before every IDENTIFY but the first; nobody limits us here."""

    async def setup_hook(self) -> None:
        for command in self.commands_to_add:
            self.tree.add_command(command)
        self.tree.add_command(admin)
        self.add_dynamic_items(Counter)
        await self.tree.sync()


@app_commands.command(description="Search")
@app_commands.choices(lens=[app_commands.Choice(name="Technical", value="technical")])
async def find(
    interaction: discord.Interaction[SmallBot],
    query: app_commands.Range[str, 1, 200],
    lens: str | None = None,
    many: app_commands.Range[int, 1, 5] = 3,
    balanced: bool = False,
) -> None:
    await interaction.response.defer(ephemeral=True)
    interaction.client.heard.append(query)
    view = ui.View(timeout=None)
    view.add_item(Counter(0))
    embed = discord.Embed(title=query, description=f"{lens} {many} {balanced}")
    await interaction.edit_original_response(embed=embed, view=view)
    await interaction.followup.send(f"{interaction.locale} {interaction.guild_locale}", ephemeral=True)


@find.autocomplete("query")
async def complete(_interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed}!", value=typed)]


admin = app_commands.Group(
    name="admin",
    description="Run it",
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@admin.command(description="Set")
async def settings(
    interaction: discord.Interaction[Any],
    role: discord.Role,
    channel: discord.TextChannel,
    who: discord.Member,
) -> None:
    seen = f"{role.name} {channel.name} {who.display_name} {interaction.permissions.manage_guild}"
    await interaction.response.send_message(seen, ephemeral=True)


@app_commands.command(description="Upload")
async def upload(interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
    data = await file.read()
    await interaction.response.send_message(f"{file.filename} {len(data)}")


class Card(ui.LayoutView):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        gallery: ui.MediaGallery[Any] = ui.MediaGallery(
            discord.MediaGalleryItem("attachment://arc.png", description="An arc")
        )
        row: ui.ActionRow[Any] = ui.ActionRow(
            Counter(4), ui.Button(label="Open", url="https://example.org/x")
        )
        section: ui.Section[Any] = ui.Section(
            "**quote** @everyone", accessory=ui.Thumbnail("attachment://arc.png")
        )
        self.add_item(ui.Container(section, ui.Separator(), gallery, row))


@app_commands.command(description="Layout")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def layout(interaction: discord.Interaction[Any], share: bool = False) -> None:
    await interaction.response.defer(ephemeral=not share)
    file = discord.File(io.BytesIO(PNG), "arc.png", description="An arc")
    await interaction.edit_original_response(view=Card(), attachments=[file])


@app_commands.command(description="Modal")
async def person(interaction: discord.Interaction[Any]) -> None:
    await interaction.response.send_message("who?", view=AskName())


@app_commands.command(description="Select")
async def ask(interaction: discord.Interaction[Any]) -> None:
    await interaction.response.send_message("which?", view=Colours())


@app_commands.command(description="Break")
async def boom(_interaction: discord.Interaction[Any]) -> None:
    """Never answers."""


@app_commands.command(description="Twice")
async def double(interaction: discord.Interaction[SmallBot]) -> None:
    await interaction.response.defer()
    interaction.response._response_type = None
    try:
        await interaction.response.defer()
    except discord.HTTPException as refused:
        await interaction.edit_original_response(content=f"{refused.status} {refused.code}")


@app_commands.command(description="Late")
async def slow(interaction: discord.Interaction[SmallBot]) -> None:
    await interaction.client.may_answer.wait()
    try:
        await interaction.response.defer()
    except discord.NotFound as refused:
        interaction.client.heard.append(f"late {refused.code}")


@app_commands.command(description="Long after")
@app_commands.allowed_installs(guilds=True, users=True)
async def leave(interaction: discord.Interaction[SmallBot]) -> None:
    interaction.client.kept = interaction  # type: ignore[attr-defined]
    await interaction.response.defer()


@app_commands.context_menu(name="Find in transcripts")
async def menu(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    await interaction.response.send_message(f"{message.author.name}: {message.content}", ephemeral=True)


@asynccontextmanager
async def running(server: LoopbackDiscord, **options: Any) -> AsyncIterator[SmallBot]:
    """The small bot, connected; stopped at the end."""
    bot = SmallBot(server, **options)
    async with connected(server, bot):
        yield bot


async def test_a_command_with_every_kind_of_option_reaches_the_bot_typed(loopback: LoopbackDiscord) -> None:
    guild = loopback.add_guild(locale="de")
    ada = guild.add_member("Ada", locale="de")
    async with running(loopback):
        reply = await ada.slash("find", query="mesa", lens="Technical", many=5, balanced=True)
        assert (reply.deferred, reply.ephemeral) == (True, True)
        assert reply.text == "mesa\ntechnical 5 True"
        assert reply.labels == ["Once more"]
        assert (await reply.wait_for_followup()).content == "de de"
        assert reply.ack_ms < 3000
        assert not guild.add_member("Bob").sees(reply.message)


async def test_roles_channels_and_members_are_resolved_and_permissions_computed(
    loopback: LoopbackDiscord,
) -> None:
    guild = loopback.add_guild()
    role = guild.add_role("mods", permissions=MANAGE_GUILD)
    mod, member = guild.add_member("Mo", roles=[role]), guild.add_member("Una")
    async with running(loopback):
        options = {"role": role, "channel": guild.channels[0], "who": member}
        assert (await mod.slash("admin settings", options)).text == "mods general Una True"
        with pytest.raises(RefusedByClientError, match="hides"):
            await member.slash("admin settings", options)
        opened = await member.slash("admin settings", options, even_if_hidden=True)
        assert opened.text == "mods general Una False"
        with pytest.raises(RefusedByClientError, match="not offered in private"):
            await mod.slash("admin settings", options, where=mod.private)


async def test_autocomplete_answers_with_choices(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        assert await ada.autocomplete("find", {"query": "jess"}, focused="query") == [
            {"name": "jess!", "value": "jess"}
        ]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "required"),
        ({"query": "x", "colour": "red"}, "no option"),
        ({"query": "x", "lens": "musical"}, "one of"),
        ({"query": "x", "many": 6}, "from 1 to 5"),
        ({"query": "x" * 201}, "1 to 200"),
        ({"query": "x", "balanced": "yes"}, "does not take"),
    ],
)
async def test_the_driver_refuses_what_the_client_would(
    loopback: LoopbackDiscord, options: Any, why: str
) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        with pytest.raises(RefusedByClientError, match=why):
            await ada.slash("find", options)


async def test_a_button_answers_after_the_bot_was_restarted(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        reply = await ada.slash("find", query="x")
    await loopback.wait_for_bot_gone()
    with pytest.raises(NoAnswerError, match="no bot"):
        await ada.press(reply, label="Once more")
    async with running(loopback):
        pressed = await ada.press(reply, label="Once more")
        assert pressed.updated
        assert reply.message.content == "pressed 1"
        assert (await ada.press(reply, custom_id="count:1")).message.content == "pressed 2"
        assert [s.content for s in reply.edits] == ["", "pressed 1", "pressed 2"]


async def test_selects_and_modals(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        asked = await ada.slash("ask")
        await ada.select(asked, "colours", ["Blue"])
        assert asked.message.content == "chose blue"
        who = await ada.slash("person")
        modal = await ada.press(who, label="Ask me")
        with pytest.raises(RefusedByClientError, match="2 to 4000"):
            await ada.submit(modal, {"name": "A"})
        assert (await ada.submit(modal, {"Name": "Ada"})).text == "hello Ada"


async def test_a_message_menu_brings_the_message(loopback: LoopbackDiscord) -> None:
    guild = loopback.add_guild()
    ada, bob = guild.add_member("Ada"), guild.add_member("Bob")
    async with running(loopback):
        reply = await ada.message_menu("Find in transcripts", bob.write("what of mesa?"))
        assert reply.text == "bob: what of mesa?"
        assert reply.ephemeral


async def test_a_file_goes_up_and_comes_down(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        reply = await ada.slash("upload", file=Upload("talk.vtt", b"WEBVTT\n", "text/vtt"))
        assert reply.text == "talk.vtt 7"


async def test_a_layout_with_a_file_is_shown_and_its_button_works(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        reply = await ada.slash("layout", share=True)
        assert not reply.ephemeral
        assert reply.message.now.is_components_v2
        assert reply.attachments[0].data == PNG
        assert reply.attachments[0].description == "An arc"
        assert "@everyone" in reply.text
        assert not would_mention(reply.message)
        with pytest.raises(RefusedByClientError, match="link button"):
            await ada.press(reply, label="Open")


async def test_private_channels_and_user_installs(loopback: LoopbackDiscord) -> None:
    guild = loopback.add_guild()
    stranger = loopback.add_person("Sol")
    ada = guild.add_member("Ada")
    async with running(loopback) as bot:
        assert (await stranger.slash("layout")).ephemeral
        assert (await ada.slash("layout", where=ada.private)).ephemeral
        await ada.slash("leave", user_install=True, until="ack")
        kept: discord.Interaction[Any] = bot.kept  # type: ignore[attr-defined]
        assert kept.is_user_integration()
        await kept.edit_original_response(content="first")
        for n in range(5):
            await kept.followup.send(str(n))
        with pytest.raises(discord.HTTPException) as refused:
            await kept.followup.send("6")
        assert refused.value.code == 40094
    assert [v.code for v in loopback.violations] == ["FOLLOW_UPS_MAX"]
    loopback.violations.clear()


async def test_an_interaction_is_acknowledged_once(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        assert (await ada.slash("double")).text == "400 40060"


async def test_an_acknowledgement_comes_in_time_or_not_at_all(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback) as bot:
        reply = await ada.slash("slow", until="sent")
        loopback.clock.advance(loopback.world.acknowledge_within_s)
        bot.may_answer.set()
        await until(lambda: bot.heard)
        assert bot.heard == ["late 10062"]
        assert reply.live.expired


async def test_who_gets_no_answer_is_told_so(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        with pytest.raises(NoAnswerError, match="an answer"):
            await ada.slash("boom", within_s=0.05)


async def test_a_token_ends_after_fifteen_minutes(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback) as bot:
        await ada.slash("leave", until="ack")
        loopback.clock.advance(15 * 60 + 1)
        with pytest.raises(discord.HTTPException) as refused:
            await bot.kept.edit_original_response(content="late")  # type: ignore[attr-defined]
        assert (refused.value.status, refused.value.code) == (401, 50027)


async def test_nothing_can_be_sent_or_edited_before_the_callback(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback) as bot:
        heard: asyncio.Future[discord.Interaction[Any]] = asyncio.get_running_loop().create_future()
        bot.on_interaction = heard.set_result  # type: ignore[attr-defined]

        @bot.event
        async def on_interaction(interaction: discord.Interaction[Any]) -> None:
            heard.set_result(interaction)

        await ada.slash("boom", until="sent")
        interaction = await heard
        with pytest.raises(discord.NotFound) as early:
            await interaction.edit_original_response(content="x")
        with pytest.raises(discord.NotFound) as sooner:
            await interaction.followup.send("x")
        assert (early.value.code, sooner.value.code) == (10015, 10015)


@pytest.mark.parametrize("how", ["reconnect", "resumable", "closed", "cut", "silent"])
async def test_nothing_is_lost_when_the_gateway_drops(how: str) -> None:
    async with LoopbackDiscord(heartbeat_interval_s=0.1) as server:
        ada = server.add_guild().add_member("Ada")
        async with running(server, heartbeat_timeout=0.4 if how == "silent" else 600.0) as bot:
            await ada.slash("find", query="before")
            match how:
                case "reconnect":
                    await server.gateway.ask_reconnect()
                case "resumable":
                    await server.gateway.invalidate(resumable=True)
                case "closed":
                    await server.gateway.drop(4000)
                case "cut":
                    await server.gateway.drop()
                case _:
                    server.gateway.go_silent()
            replies = await asyncio.gather(*(ada.slash("find", query=f"q{n}") for n in range(5)))
            assert sorted(bot.heard) == ["before", "q0", "q1", "q2", "q3", "q4"]
            assert all(reply.embeds for reply in replies)
            assert server.gateway.resumes >= 1  # a busy machine may miss a heartbeat and resume once more
            assert len(server.gateway.identifies) == 1
        assert not server.violations


async def test_a_session_that_is_gone_is_begun_anew_at_the_given_address(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        await loopback.gateway.invalidate(resumable=False)
        await loopback.world.wait_until(
            lambda: len(loopback.gateway.identifies) == 2, what="a second IDENTIFY"
        )
        assert (await ada.slash("upload", file=Upload("a.txt", b"1"))).text == "a.txt 1"


async def test_a_bot_that_is_refused_at_the_door_comes_back(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        loopback.gateway.refuse_next = 1
        await loopback.gateway.drop()
        await loopback.world.wait_until(
            lambda: len(loopback.gateway.identifies) == 2, what="a second IDENTIFY"
        )
        assert (await ada.slash("find", query="x")).embeds


async def test_what_is_added_while_the_bot_runs_is_announced(loopback: LoopbackDiscord) -> None:
    async with running(loopback) as bot:
        guild = loopback.add_guild("Late")
        channel, role = guild.add_channel("talk"), guild.add_role("mods")
        ada = guild.add_member("Ada")
        assert (await ada.slash("find", query="x", where=channel)).embeds
        known = bot.get_guild(guild.id)
        assert known is not None
        assert known.get_channel(channel.id) is not None
        assert known.get_role(role.id) is not None


async def test_shards_hear_of_their_own_guilds() -> None:
    async with LoopbackDiscord(shards=2) as server:
        people = [server.add_guild(f"G{n}", shard=n).add_member(f"P{n}") for n in (0, 1)]
        async with running(server) as bot:
            assert [asked["shard"] for asked in server.gateway.identifies] == [[0, 2], [1, 2]]
            for person in people:
                assert (await person.slash("find", query="x")).embeds
            assert len(bot.shards) == 2


async def test_a_privileged_intent_is_refused(loopback: LoopbackDiscord) -> None:
    bot = SmallBot(loopback)
    bot._connection._intents = discord.Intents(guilds=True, members=True)
    async with bot:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await bot.start(loopback.token)


async def test_a_wrong_token_is_refused(loopback: LoopbackDiscord) -> None:
    async with SmallBot(loopback) as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.start("wrong")


@pytest.mark.parametrize("is_global", [False, True])
async def test_a_rate_limit_is_waited_for(loopback: LoopbackDiscord, is_global: bool) -> None:
    ada = loopback.add_guild().add_member("Ada")
    loopback.fail_next("PUT /applications/*/commands", status=429, retry_after_s=0.1, is_global=is_global)
    async with running(loopback):
        loopback.fail_next("PATCH /webhooks/*/@original", status=429, retry_after_s=0.1)
        assert (await ada.slash("find", query="x")).embeds
    assert [r.status for r in loopback.requests if r.method == "PUT"] == [429, 200]
    assert [r.status for r in loopback.requests if r.method == "PATCH"] == [429, 200]


async def test_impatience_is_recorded(loopback: LoopbackDiscord) -> None:
    loopback.fail_next("GET /users/@me", status=429, retry_after_s=600)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {loopback.token}"}) as session:
        for status in (429, 200):
            async with session.get(loopback.api_base + "/users/@me") as response:
                assert response.status == status
    assert [v.code for v in loopback.violations] == ["RETRIED_TOO_EARLY"]
    loopback.violations.clear()


async def test_server_errors_and_unknown_interactions_come_when_planned(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        loopback.fail_next("PATCH /webhooks/*/@original", status=502)
        assert (await ada.slash("find", query="x")).embeds
        loopback.fail_next("POST /interactions/*/callback", code=10062)
        with pytest.raises(NoAnswerError):
            await ada.slash("find", query="y", within_s=0.1)
        loopback.fail_next("POST /interactions/*/callback", drop=True)
        with pytest.raises(NoAnswerError):
            await ada.slash("find", query="z", within_s=0.1)


TEXT = {"type": 10, "content": "x"}
LONG = {"type": 10, "content": "é" * 3900}
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"


def buttons(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"type": 2, "style": 1, "label": "b", "custom_id": f"c{n}", **more} for n in range(count)]


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def link(url: str, **more: Any) -> dict[str, Any]:
    return {"components": [row({"type": 2, "style": 5, "label": "l", "url": url, **more})]}


def select(count: int, **more: Any) -> dict[str, Any]:
    options = [{"label": f"o{n}", "value": f"v{n}"} | more for n in range(count)]
    return {"components": [row({"type": 3, "custom_id": "s", "options": options})]}


def v2(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": 1 << 15, "components": list(parts), **more}


BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "content": ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    "empty": ({"content": " "}, "", "MESSAGE_EMPTY"),
    "embed title": ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    "embed description": (
        {"embeds": [{"description": "x" * 4097}]},
        "embeds.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "embed total": ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    "eleven embeds": ({"embeds": [{"title": "x"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    "fields": (
        {"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]},
        "embeds.0.fields",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "empty field": (
        {"embeds": [{"fields": [{"name": "", "value": "v"}]}]},
        "embeds.0.fields.0.name",
        "BASE_TYPE_REQUIRED",
    ),
    "long field": (
        {"embeds": [{"fields": [{"name": "n", "value": "v" * 1025}]}]},
        "embeds.0.fields.0.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "footer": (
        {"embeds": [{"footer": {"text": "x" * 2049}}]},
        "embeds.0.footer.text",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "author": ({"embeds": [{"author": {"name": "x" * 257}}]}, "embeds.0.author.name", "BASE_TYPE_MAX_LENGTH"),
    "forty-one": (
        v2(*[TEXT] * 20, *[{"type": 14}] * 21),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "nested": (
        v2(*[{"type": 17, "components": [TEXT] * 20}] * 2),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "v2 text": (
        v2({"type": 10, "content": "x" * 2001}, {"type": 10, "content": "x" * 2000}),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "v2 with content": (
        v2(TEXT, content="x"),
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "v2 with embeds": (
        v2(TEXT, embeds=[{"title": "x"}]),
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "no flag": ({"components": [TEXT]}, "components.0.type", "UNION_TYPE_CHOICES"),
    "payload": (
        v2(*[row(*buttons(1, custom_id=f"{n:02}{'é' * 98}", label="é" * 80)) for n in range(18)], LONG),
        "components",
        "COMPONENT_PAYLOAD_TOO_LARGE",
    ),
    "six rows": ({"components": [row(b) for b in buttons(6)]}, "components", "BASE_TYPE_BAD_LENGTH"),
    "six buttons": (
        {"components": [row(*buttons(6))]},
        "components.0.components",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "label": (
        {"components": [row(*buttons(1, label="x" * 81))]},
        "components.0.components.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "no label": (
        {"components": [row(*buttons(1, label=""))]},
        "components.0.components.0.label",
        "BUTTON_COMPONENT_REQUIRED_LABEL_OR_EMOJI",
    ),
    "custom_id": (
        {"components": [row(*buttons(1, custom_id="x" * 101))]},
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "same custom_id": (
        {"components": [row(*buttons(2, custom_id="x"))]},
        "components",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "no custom_id": (
        {"components": [row({"type": 2, "style": 1, "label": "x"})]},
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ),
    "url length": (
        link("https://e.org/" + "x" * 500),
        "components.0.components.0.url",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "url scheme": (link("javascript:alert(1)"), "components.0.components.0.url", "URL_TYPE_INVALID_SCHEME"),
    "url and custom_id": (
        link("https://e.org", custom_id="c"),
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "26 options": (select(26), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    "option value": (
        select(1, value="x" * 101),
        "components.0.components.0.options.0.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "option label": (
        select(1, label="x" * 101),
        "components.0.components.0.options.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "same option": (
        select(2, value="same"),
        "components.0.components.0.options",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "gallery without its file": (
        v2({"type": 12, "items": [{"media": {"url": "attachment://no.png"}}]}),
        "components.0.items.0.media.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    "attachment without its file": (
        {"content": "x", "attachments": [{"id": "0"}]},
        "attachments.0.id",
        "ATTACHMENT_NOT_FOUND",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_each_limit_of_a_message_is_caught_with_and_without_the_description(name: str) -> None:
    body, path, code = BROKEN[name]
    for use_description in (True, False):
        async with LoopbackDiscord(use_description=use_description) as server:
            channel = server.add_guild().channels[0]
            status, told = await post(server, "POST", f"/channels/{channel.id}/messages", body)
            assert (status, told["code"]) == (400, 50006 if name == "empty" else 50035)
            found = {(".".join(map(str, v.path)), v.code) for v in server.violations}
            assert path in {place for place, _ in found}
            assert use_description or (path, code) in found
            node = told["errors"]
            for part in path.split(".") if path else []:
                node = node[part]
            assert {error["code"] for error in node["_errors"]} == {c for place, c in found if place == path}
            assert not server.messages


def command(**more: Any) -> dict[str, Any]:
    return {"name": "find", "description": "d", "type": 1, **more}


def option(**more: Any) -> dict[str, Any]:
    return {"type": 3, "name": "o", "description": "d", **more}


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ([command(name="Find")], "STRING_TYPE_REGEX"),
        ([command(name="a b")], "STRING_TYPE_REGEX"),
        ([command(name="x" * 33)], "STRING_TYPE_REGEX"),
        ([command(description="x" * 101)], "BASE_TYPE_BAD_LENGTH"),
        ([command(), command()], "APPLICATION_COMMANDS_DUPLICATE_NAME"),
        ([command(name=f"c{n}") for n in range(101)], "APPLICATION_COMMANDS_MAX"),
        ([{"name": f"M {n}", "type": 3} for n in range(6)], "APPLICATION_COMMANDS_MAX"),
        ([command(options=[option(name=f"o{n}") for n in range(26)])], "BASE_TYPE_MAX_LENGTH"),
        ([command(options=[option(), option()])], "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
        (
            [command(options=[option(), option(name="p", required=True)])],
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        ([command(options=[option(choices=[{"name": "x" * 101, "value": "v"}])])], "BASE_TYPE_BAD_LENGTH"),
        ([command(name_localizations={"xx": "find"})], "ENUM_TYPE_COERCE"),
        (
            [
                command(
                    options=[
                        option(
                            name=f"o{n}", choices=[{"name": "n" * 99, "value": f"{c}" * 90} for c in range(9)]
                        )
                        for n in range(9)
                    ]
                )
            ],
            "APPLICATION_COMMAND_TOO_LARGE",
        ),
    ],
)
async def test_each_limit_of_commands_is_caught(loopback: LoopbackDiscord, commands: Any, code: str) -> None:
    path = f"/applications/{loopback.world.application_id}/commands"
    status, told = await post(loopback, "PUT", path, commands)
    assert (status, told["code"]) == (400, 50035)
    assert code in {v.code for v in loopback.violations}
    assert loopback.commands == []
    loopback.violations.clear()


@pytest.mark.parametrize(
    ("callback", "code"),
    [
        ({"type": 5, "data": {"flags": 1 << 15}}, "MESSAGE_FLAGS_INVALID_FOR_DEFER"),
        ({"type": 7, "data": {"content": "x"}}, "INTERACTION_CALLBACK_TYPE_INVALID"),
        ({"type": 8, "data": {"choices": []}}, "INTERACTION_CALLBACK_TYPE_INVALID"),
        ({"type": 4, "data": {"content": "x" * 2001}}, "BASE_TYPE_MAX_LENGTH"),
        (
            {"type": 9, "data": {"custom_id": "m", "title": "x" * 46, "components": []}},
            "BASE_TYPE_MAX_LENGTH",
        ),
    ],
)
async def test_each_limit_of_a_callback_is_caught(
    loopback: LoopbackDiscord, callback: Any, code: str
) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback):
        reply = await ada.slash("boom", until="sent")
        path = f"/interactions/{reply.live.id}/{reply.live.token}/callback"
        status, told = await post(loopback, "POST", path, callback)
    assert (status, told["code"]) == (400, 50035)
    assert code in {v.code for v in loopback.violations}
    assert reply.live.callback is None
    loopback.violations.clear()


@pytest.mark.parametrize(
    "choices",
    [
        [{"name": "n", "value": "v"}] * 26,
        [{"name": "x" * 101, "value": "v"}],
        [{"name": "n", "value": "x" * 101}],
    ],
)
async def test_each_limit_of_autocomplete_is_caught(loopback: LoopbackDiscord, choices: Any) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback) as bot:
        bot.tree._from_interaction = lambda _interaction: None  # type: ignore[method-assign,assignment]
        typing = asyncio.create_task(ada.autocomplete("find", {"query": "x"}, focused="query", within_s=0.2))
        await until(lambda: loopback.world.interactions)
        (live,) = loopback.world.interactions.values()
        path = f"/interactions/{live.id}/{live.token}/callback"
        assert (await post(loopback, "POST", path, {"type": 8, "data": {"choices": choices}}))[0] == 400
        with pytest.raises(NoAnswerError):
            await typing
    assert loopback.violations
    loopback.violations.clear()


async def test_what_a_defer_fixed_stays_fixed(loopback: LoopbackDiscord) -> None:
    ada = loopback.add_guild().add_member("Ada")
    async with running(loopback) as bot:
        await ada.slash("leave", until="ack")
        with pytest.raises(discord.HTTPException):
            await bot.kept.followup.send("x", ephemeral=True)  # type: ignore[attr-defined]
        reply = await ada.slash("layout", share=True)
        hook = f"/webhooks/{loopback.world.application_id}/{reply.live.token}/messages/@original"
        assert (await post(loopback, "PATCH", hook, {"flags": 0}))[0] == 400
        assert (await post(loopback, "PATCH", hook, {"content": "x"}))[0] == 400
    assert {v.code for v in loopback.violations} == {
        "EPHEMERAL_FIXED_BY_DEFER",
        "MESSAGE_FLAGS_COMPONENTS_V2_FIXED",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    }
    loopback.violations.clear()


async def test_files_too_large_and_alternative_texts_too_long_are_caught(loopback: LoopbackDiscord) -> None:
    channel = loopback.add_guild().channels[0]
    async with running(loopback) as bot:
        there = bot.get_channel(channel.id)
        assert isinstance(there, discord.TextChannel)
        for file in (
            discord.File(io.BytesIO(b"x" * (10 * 1024 * 1024 + 1)), "big.bin"),
            discord.File(io.BytesIO(b"x"), "a.png", description="x" * 1025),
        ):
            with pytest.raises(discord.HTTPException):
                await there.send(file=file)
        await there.send("fine", file=discord.File(io.BytesIO(b"x"), "a.png", description="x" * 1024))
    assert {v.code for v in loopback.violations} == {"FILE_TOO_LARGE", "BASE_TYPE_MAX_LENGTH"}
    assert (await loopback.next_message()).attachments[0].data == b"x"
    loopback.violations.clear()


@pytest.mark.parametrize(
    ("allowed", "everyone", "users", "roles"),
    [
        (None, True, {1}, {2}),
        ({"parse": []}, False, set(), set()),
        ({"parse": ["users"]}, False, {1}, set()),
        ({"parse": ["everyone", "roles"]}, True, set(), {2}),
        ({"parse": [], "users": ["1"], "roles": [3]}, False, {1}, set()),
    ],
)
def test_mentions_follow_what_is_allowed(
    allowed: Any, everyone: bool, users: set[int], roles: set[int]
) -> None:
    shown = Snapshot("@everyone <@1>", ({"title": "<@&2>"},), (), (), 0, allowed)
    found = would_mention(shown)
    assert (found.everyone, set(found.users), set(found.roles)) == (everyone, users, roles)
    assert bool(found) == (everyone or bool(users) or bool(roles))


def test_the_description_itself_judges_bodies() -> None:
    path = "/channels/{channel_id}/messages"
    assert schema_faults("POST", path, {"content": "x", "allowed_mentions": {"parse": []}}) == []
    (fault,) = schema_faults("POST", path, {"allowed_mentions": {"parse": ["all"]}})
    assert fault.path == ("allowed_mentions", "parse", 0)
    (missing,) = schema_faults("POST", path, {"components": [{"type": 17}]})
    assert (missing.path, missing.code) == (("components", 0, "components"), "BASE_TYPE_REQUIRED")
    with pytest.raises(LookupError):
        schema_faults("POST", "/nowhere", {})


async def test_what_the_loopback_says_is_as_the_description_has_it(loopback: LoopbackDiscord) -> None:
    guild = loopback.add_guild()
    ada = guild.add_member("Ada")
    async with running(loopback):
        shown = [(await ada.slash(name)).message for name in ("layout", "ask", "person")]
        shown.append((await ada.slash("find", query="x")).message)
    for message in shown:
        assert answer_faults("MessageResponse", message.payload()) == []
    for command in loopback.commands:
        assert answer_faults("ApplicationCommandResponse", command) == []
    assert answer_faults("UserResponse", ada.user.payload()) == []
    assert answer_faults("GuildChannelResponse", guild.channels[0].payload()) == []
    assert answer_faults("GuildMemberResponse", ada.membership.payload()) == []
    for path, schema in (
        ("/gateway/bot", "GatewayBotResponse"),
        ("/users/@me", "UserPIIResponse"),
        ("/applications/@me", "PrivateApplicationResponse"),
    ):
        assert answer_faults(schema, (await post(loopback, "GET", path, None))[1]) == []


async def test_an_unknown_route_is_a_violation(loopback: LoopbackDiscord) -> None:
    assert (await post(loopback, "POST", "/nowhere", {}))[0] == 404
    assert [v.code for v in loopback.violations] == ["UNKNOWN_ROUTE"]
    loopback.violations.clear()


async def post(server: LoopbackDiscord, method: str, path: str, body: Any) -> tuple[int, Any]:
    """One raw request with the bot's token."""
    headers = {"Authorization": f"Bot {server.token}"}
    url = server.api_base + path
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, url, json=body) as got,
    ):
        return got.status, await got.json()
