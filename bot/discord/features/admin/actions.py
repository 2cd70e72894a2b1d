"""What is done for a moderator; each gives the answer that is shown."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord

from bot.app.community import ServerSettings
from bot.discord.answers import EVERY_SOURCE, source_meant
from bot.discord.features.admin import rendering
from bot.discord.features.admin import status as standing
from bot.discord.features.admin.errors import AttachmentUnreadable, NothingToAdd
from bot.discord.features.admin.moderators import moderation
from bot.discord.features.admin.staging import Candidate
from bot.discord.interaction import Interaction
from bot.discord.language import Speech
from bot.discord.markup import shown
from bot.discord.rendering.parts import Answer
from index.errors import FileTooLarge
from index.library.ingest import remove as remove_folder
from index.library.ingest import write as write_plan
from index.transcripts.formats.decoding import LARGEST_FILE_BYTES
from scoring.errors import CodedError

if TYPE_CHECKING:
    from bot.discord.features.admin.context import AdminContext

EDITED_EVERY_S = 2.5
"""Between two edits of a message that shows progress; Discord allows five edits in five seconds."""

_ATTACHMENT_WITHIN_S = 60.0
_JOBS_SHOWN = 5

_log = logging.getLogger(__name__)


async def understand(
    desk: AdminContext,
    speech: Speech,
    file: discord.Attachment | None,
    link: str | None,
    *,
    title: str | None,
    source: str | None,
) -> Answer:
    """Read a transcript that is attached or linked, stage it, and show what adding it would do.

    Raises:
        NothingToAdd: none or both are given; AttachmentUnreadable, FileTooLarge, TranscriptRejected, WishInvalid,
            SourceError: it cannot be had, or is none.
    """
    if (file is None) == (link is None):
        raise NothingToAdd(n_given=0 if file is None else 2)
    if file is not None:
        candidate = Candidate(await _read(file), file.filename, title, source)
    else:
        fetched = await desk.fetcher.fetch(link or "")
        candidate = Candidate(fetched.data, fetched.name, title, source, fetched.info)
    plan = await asyncio.to_thread(candidate.plan, desk.library)
    key = await desk.staging.put(candidate) if plan.action != "same" else "none"
    return rendering.planned(speech, plan, key)


async def write(desk: AdminContext, speech: Speech, key: str) -> Answer:
    """Add what is staged under ``key`` to the library as it is now."""
    candidate = await desk.staging.get(key)
    plan = await asyncio.to_thread(candidate.plan, desk.library)
    await asyncio.to_thread(write_plan, plan, desk.library, desk.state)
    await desk.staging.drop(key)
    return rendering.told(
        speech, f"admin.written.{plan.action}", colour=rendering.GREEN, offers_reindex=plan.action != "same",
        title=plan.about.title, slug=plan.slug,
    )  # fmt: skip


async def drop(desk: AdminContext, speech: Speech, key: str) -> Answer:
    """Forget what is staged under ``key``."""
    await desk.staging.drop(key)
    return rendering.told(speech, "admin.dropped")


async def ask_to_remove(desk: AdminContext, speech: Speech, name: str) -> Answer:
    """Show the episode that ``name`` means, and ask."""
    card = await desk.context.door.ask(lambda: desk.context.answerer.episode(name))
    return rendering.asked_to_remove(speech, card.episode)


async def remove(desk: AdminContext, speech: Speech, slug: str) -> Answer:
    """Take the episode ``slug`` out of the library; its folder is kept aside."""
    await asyncio.to_thread(remove_folder, slug, desk.library, desk.state)
    return rendering.told(speech, "admin.remove.done", colour=rendering.GREEN, offers_reindex=True, slug=slug)


async def keep(speech: Speech, slug: str) -> Answer:
    """Leave the episode ``slug`` where it is."""
    return rendering.told(speech, "admin.remove.kept", slug=slug)


async def reindex(desk: AdminContext, speech: Speech, interaction: Interaction, *, is_full: bool) -> None:
    """Reindex in the background, and edit the answer as it gets on. The job outlives the answer's 15 minutes.

    Raises:
        JobRunning: one is under way.
    """
    running = await desk.jobs.reindex(full=is_full, asked_by=interaction.user.id)
    can_show = await _shown(interaction, rendering.progressing(speech, None, is_full=is_full))
    async for step in running.steps(every_s=EDITED_EVERY_S):
        if can_show:
            can_show = await _shown(interaction, rendering.progressing(speech, step, is_full=is_full))
    try:
        report = await running.report()
        seconds = (datetime.now(UTC) - running.started_at).total_seconds()
        answer = rendering.reported(speech, report, seconds=seconds)
    except CodedError as error:
        answer = rendering.failed(speech, interaction.client.reporter.sentence(error, speech.locale))
    if can_show:
        await _shown(interaction, answer)


async def status(desk: AdminContext, speech: Speech, interaction: Interaction) -> Answer:
    """How the bot stands."""
    context, client = desk.context, interaction.client
    facts = None
    try:
        facts = await context.answerer.facts()
        reason = context.answerer.problem
    except CodedError as error:
        reason = error
    problem = client.reporter.sentence(reason, speech.locale) if reason is not None else None
    state = standing.State(
        facts=facts,
        problem=problem,
        moderation=await moderation(interaction, context.keeping),
        server=interaction.guild_id,
        jobs=await context.keeping.last_jobs(_JOBS_SHOWN),
        votes=await context.keeping.votes.totals(),
        n_asking=context.door.inside,
        latency_s=client.latency if math.isfinite(client.latency) else None,
        started_at=desk.started_at,
        n_late=client.reporter.n_late,
        n_unexpected=client.reporter.n_unexpected,
        last_unexpected=client.reporter.last_unexpected,
    )
    return standing.status(speech, state)


async def set_moderating(
    desk: AdminContext, speech: Speech, interaction: Interaction, *, is_open: bool
) -> Answer | None:
    """Open this server for moderation, or close it."""
    if interaction.guild is None:
        return None
    await desk.context.keeping.set_moderating(interaction.guild.id, is_open=is_open)
    _log.info("server %s is %s for moderation", interaction.guild.id, "open" if is_open else "closed")
    if is_open:
        return rendering.told(speech, "admin.moderation.opened", colour=rendering.GREEN)
    return rendering.told(speech, "admin.moderation.closed")


async def settings(
    desk: AdminContext, speech: Speech, interaction: Interaction, *, source: str | None = None
) -> Answer | None:
    """Show the server's settings, after setting its ``source`` if one is named.

    Raises:
        SourceUnknown: the library has none of that name.
    """
    guild = interaction.guild
    if guild is None:
        return None
    keeping, chosen = desk.context.keeping, await desk.context.keeping.server(guild.id)
    if source is not None:
        meant = await source_meant(desk.context.answerer, source, None)
        chosen = ServerSettings(meant, chosen.moderator_roles, chosen.public_channels)
        await keeping.set_server(guild.id, chosen)
    try:
        episodes = await desk.context.answerer.episodes()
    except CodedError:
        episodes = []  # settings can be made before anything is indexed
    counted = Counter(one.about.source for one in episodes if one.about.source)
    return standing.settings(speech, chosen, [name for name, _ in counted.most_common()], guild)


async def set_roles(
    desk: AdminContext, speech: Speech, interaction: Interaction, roles: list[int]
) -> Answer | None:
    """Let these roles moderate; everybody's role never does."""
    if interaction.guild is not None:
        chosen = await desk.context.keeping.server(interaction.guild.id)
        kept = frozenset(roles) - {interaction.guild.id}
        await desk.context.keeping.set_server(
            interaction.guild.id, ServerSettings(chosen.default_source, kept, chosen.public_channels)
        )
    return await settings(desk, speech, interaction)


async def set_channels(
    desk: AdminContext, speech: Speech, interaction: Interaction, channels: list[int]
) -> Answer | None:
    """Show answers to everybody in these channels."""
    if interaction.guild is not None:
        chosen = await desk.context.keeping.server(interaction.guild.id)
        await desk.context.keeping.set_server(
            interaction.guild.id,
            ServerSettings(chosen.default_source, chosen.moderator_roles, frozenset(channels)),
        )
    return await settings(desk, speech, interaction)


async def set_source(
    desk: AdminContext, speech: Speech, interaction: Interaction, chosen: str
) -> Answer | None:
    """Limit questions that name no source to this one, or to none with ``*``."""
    return await settings(desk, speech, interaction, source=chosen or EVERY_SOURCE)


async def _read(file: discord.Attachment) -> bytes:
    if file.size > LARGEST_FILE_BYTES:
        raise FileTooLarge(
            file=shown(file.filename, 100), line=None, size=file.size, limit=LARGEST_FILE_BYTES
        )
    try:
        async with asyncio.timeout(_ATTACHMENT_WITHIN_S):
            return await file.read()
    except (discord.HTTPException, TimeoutError, OSError) as error:
        raise AttachmentUnreadable(file=file.filename) from error


async def _shown(interaction: Interaction, view: Answer) -> bool:
    """Show ``view`` in place of the answer; False where it can no longer be: it was dismissed, or is too old."""
    try:
        await interaction.edit_original_response(view=view)
    except discord.HTTPException as refused:
        _log.info("progress is no longer shown: %s", refused.code)
        return refused.status >= 500 or refused.status == 429
    return True
