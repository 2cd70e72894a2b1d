"""What is done for a moderator; each function returns the answer that is shown."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import discord

from bot.app.community import CommunityUnavailable, JobMessage
from bot.app.input_validation import resolve_source
from bot.app.jobs import JobInterrupted
from bot.app.limiter import LimiterError
from bot.app.workers.stopped_questions import AnsweringError
from bot.discord.admin_access import AdminRefused, admin_servers
from bot.discord.context import Context, ContextClient, Interaction
from bot.discord.errors import UNREACHABLE
from bot.discord.features.admin.rendering import (
    ask_held_removal_answer,
    ask_removal_answer,
    failed_answer,
    held_answer,
    interrupted_answer,
    notice,
    outcome_of,
    plan_answer,
    progress_answer,
    report_answer,
)
from bot.discord.features.admin.staging import Candidate, Staging
from bot.discord.features.admin.status import BotStatus, settings_answer, status_answer
from bot.discord.pipeline import Request
from bot.discord.ui.limits import MAX_CHOICES
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import Answer
from bot.i18n.language import Language
from bot.render.theme import GREEN
from index.build.changes import Waiting, waiting
from index.errors import EditionMissing, EpisodeUnknown, FileTooLarge
from index.library.episodes import slugs
from index.library.ingest import (
    Duplicates,
    EpisodeInFolder,
    find_in_folder,
    find_unindexed,
    parse_in_process,
    remove_folder,
    write_plan,
)
from index.library.sources import Fetched, in_daemon_thread
from index.library.sources.errors import LinkIsNoVideo, SourceError
from index.search.episode_names import LONGEST_NAME
from index.transcripts.formats.decoding import LARGEST_FILE_BYTES
from index.transcripts.links import is_list_of_videos, is_web_link, video_id_of
from scoring.errors import CodedError, typed_fields

EDITED_EVERY_S = 2.5
"""Between two edits of a message that shows progress; Discord allows five edits in five seconds."""

TURNED_WITHIN_S = 180.0
"""So long the workers may take to open a new edition before a moderator is told that it follows."""

STATUS_WITHIN_S = 3.0
"""So long each part of the status is waited for."""

_EDITABLE_FOR = timedelta(minutes=14)
"""So long after an interaction its answer is edited; Discord allows 15 minutes."""

_ATTACHMENT_WITHIN_S = 60.0
_NEWEST_WITHIN_S = 1.0
_JOBS_SHOWN = 5
_LONGEST_FILE_NAME = 100

T = TypeVar("T")

_log = logging.getLogger(__name__)


class NothingToAdd(AdminRefused):
    """Neither a file nor a link was given. No fields."""

    code = "nothing_to_add"


class TwoToAdd(AdminRefused):
    """A file and a link were given at once. No fields."""

    code = "two_to_add"


@typed_fields
class AttachmentUnreadable(AdminRefused):
    """Discord did not hand the file over."""

    code = "attachment_unreadable"
    file: str


async def understand(
    request: Request,
    file: discord.Attachment | None,
    link: str | None,
    *,
    title: str | None,
    source: str | None,
) -> Answer:
    """Read a transcript that is attached or linked, stage it, and show what adding it would do.

    Of a recording that the library has, this is said even where nothing can be fetched.

    Raises:
        NothingToAdd, TwoToAdd: none or both are given; AttachmentUnreadable, FileTooLarge, TranscriptRejected,
            OverrideInvalid, SourceError: it cannot be had, or is none.
    """
    if file is None and link is None:
        raise NothingToAdd
    if file is not None and link is not None:
        raise TwoToAdd
    context = request.context
    if file is not None:
        parsed = await parse_in_process(await _read(file), file.filename)
    else:
        link = (link or "").strip()
        try:
            fetched = await _fetched(context, link)
        except SourceError as error:
            held = await asyncio.to_thread(_held_recording, context.settings.library, link)
            if held is None:
                raise
            return held_answer(
                request.language, *held, context.reporter.sentence(error, request.language.locale)
            )
        parsed = await parse_in_process(fetched.data, fetched.name, sidecars=fetched.sidecars)
    candidate = Candidate(parsed, title, source)
    plan = await asyncio.to_thread(candidate.plan, context.settings.library)
    key = await _staging(request).put(candidate) if plan.action != "same" else "none"
    return plan_answer(request.language, plan, key)


def _held_recording(library: Path, link: str) -> EpisodeInFolder | None:
    """Return the episode of the recording that ``link`` leads to, in whatever form; None if there is none."""
    duplicates = Duplicates(library)
    slug = duplicates.with_video(video_id_of(link), link)
    about = None if slug is None else duplicates.about(slug)
    return None if slug is None or about is None else (slug, about)


async def _fetched(context: Context, link: str) -> Fetched:
    """Return the text behind a link: of a video, a transcript, or a feed's only episode.

    Raises:
        SourceError: it cannot be had; LinkIsNoVideo: the link leads to several episodes, which are to be followed.
    """
    if video_id_of(link) is not None or not is_web_link(link) or is_list_of_videos(link):
        return await context.fetcher.fetch(link)
    listed = await in_daemon_thread(lambda: context.sources.episodes_at(link))
    if len(listed) != 1:
        raise LinkIsNoVideo(received=link)
    return await in_daemon_thread(lambda: context.sources.fetch("feed", link, listed[0]))


async def write(request: Request, key: str) -> Answer:
    """Add what is staged under ``key`` to the library as it is now."""
    settings, staging = request.context.settings, _staging(request)
    candidate = await staging.get(key)
    plan = await asyncio.to_thread(candidate.plan, settings.library)
    await asyncio.to_thread(write_plan, plan, settings.library, settings.state_folder)
    await staging.drop(key)
    return notice(
        request.language,
        f"admin.written.{outcome_of(plan)}",
        colour=GREEN,
        offers_reindex=plan.action != "same",
        title=plan.about.title,
        slug=plan.slug,
    )


async def drop(request: Request, key: str) -> Answer:
    """Forget what is staged under ``key``."""
    await _staging(request).drop(key)
    return notice(request.language, "admin.dropped")


async def changed_since_indexing(context: Context, typed: str) -> tuple[list[EpisodeInFolder], set[str]]:
    """Return the episodes that ``typed`` may become and that no index has yet, and the slugs of those gone since.

    Raises:
        LibraryMissing: there is no such folder.
    """
    library = context.settings.library
    try:
        indexed = {episode.slug for episode in await context.answerer.episodes()}
    except (EditionMissing, AnsweringError):
        indexed = set()  # nothing is indexed, or nothing answers: whatever the folder has can be removed
    added = await asyncio.to_thread(find_unindexed, library, typed, indexed=indexed, limit=MAX_CHOICES)
    return added, indexed.difference(await asyncio.to_thread(slugs, library))


async def ask_to_remove(request: Request, name: str, *, exactly: bool = False) -> Answer:
    """Show the episode that ``name`` means, and ask. It need not be indexed yet, nor need anything be answering.

    A menu names an episode ``exactly``, by its slug.

    Raises:
        EpisodeAmbiguous: several are meant. CodedError: none is found in the library, so what answering said is told.
    """
    context, name = request.context, name[:LONGEST_NAME].strip()
    try:
        episode = await context.limiter.ask(lambda: context.answerer.resolve(name, exactly=exactly))
    except (EpisodeUnknown, EditionMissing, AnsweringError, LimiterError) as error:
        held = await asyncio.to_thread(find_in_folder, context.settings.library, name)
        if held is None or (exactly and held[0] != name):
            raise
        is_indexed = not isinstance(error, EpisodeUnknown | EditionMissing)
        return ask_held_removal_answer(request.language, *held, is_indexed=is_indexed)
    if episode.slug not in await asyncio.to_thread(slugs, context.settings.library):
        return notice(
            request.language,
            "admin.remove.gone",
            offers_reindex=True,
            title=episode.about.title,
            slug=episode.slug,
        )
    return ask_removal_answer(request.language, episode)


async def remove(request: Request, slug: str) -> Answer:
    """Take the episode ``slug`` out of the library; its folder is kept aside."""
    context, settings = request.context, request.context.settings
    await asyncio.to_thread(remove_folder, slug, settings.library, settings.state_folder)
    if await _may_be_indexed(context, slug):
        return notice(request.language, "admin.remove.done", colour=GREEN, offers_reindex=True, slug=slug)
    return notice(request.language, "admin.remove.never_indexed", colour=GREEN, slug=slug)


async def _may_be_indexed(context: Context, slug: str) -> bool:
    """Return False if no index has the episode and none that is being built or opened can have it."""
    if context.jobs.running is not None:
        return True
    try:
        is_newest = await context.answerer.turn_to_newest(within_s=_NEWEST_WITHIN_S)
        return not is_newest or any(episode.slug == slug for episode in await context.answerer.episodes())
    except EditionMissing:
        return False
    except AnsweringError:
        return True


async def keep(request: Request, slug: str) -> Answer:
    """Leave the episode ``slug`` where it is."""
    return notice(request.language, "admin.remove.kept", slug=slug)


async def reindex(request: Request, interaction: Interaction, *, is_full: bool) -> None:
    """Reindex in the background, and edit the answer as it gets on. The job outlives the answer's 15 minutes.

    Raises:
        JobRunning: one is under way.
    """
    language, context = request.language, request.context
    running = await context.jobs.reindex(full=is_full, asked_by=request.person)
    can_show = await _edit(interaction, progress_answer(language, None, is_full=is_full))
    await _remember(request, interaction, running.number)
    async for step in running.steps(every_s=EDITED_EVERY_S):
        if can_show and datetime.now(UTC) - interaction.created_at > _EDITABLE_FOR:
            await _edit(interaction, notice(language, "admin.reindex.goes_on"))
            can_show = False
        elif can_show:
            can_show = await _edit(interaction, progress_answer(language, step, is_full=is_full))
    try:
        report = await running.report()
        seconds = (datetime.now(UTC) - running.started_at).total_seconds()
        is_answering = not report.is_new or await context.answerer.turn_to_newest(within_s=TURNED_WITHIN_S)
        refused = context.answerer.problem
        answer = report_answer(
            language,
            report,
            seconds=seconds,
            is_answering=is_answering,
            problem=None if refused is None else context.reporter.sentence(refused, language.locale),
        )
    except JobInterrupted as error:
        answer = interrupted_answer(language, context.reporter.sentence(error, language.locale))
    except CodedError as error:
        answer = failed_answer(language, context.reporter.sentence(error, language.locale))
    if can_show:
        await _edit(interaction, answer)
    await _forget(context, running.number)


async def stop(request: Request, interaction: Interaction, number: str) -> Answer:
    """Stop the job with this number in the log of jobs, and show the status without it.

    Raises:
        JobNotRunning: it has ended already.
    """
    await request.context.jobs.stop(int(number) if number.isdecimal() else 0)
    _log.info("job %s was stopped by a moderator", number)
    return await status(request, interaction)


async def close_messages(client: ContextClient) -> None:
    """Let messages that show a job of a program that was killed say what became of it, where they can be edited."""
    context = client.context
    try:
        left = await context.community.job_log.unclosed_messages()
    except CommunityUnavailable as error:
        _log.warning("messages of earlier jobs stay as they are: %s", error.problem)
        return
    for job, message in left:
        language = Language(context.catalogue, message.locale, context.answerer.axis)
        if job.outcome == "interrupted":
            sentence = context.reporter.sentence(JobInterrupted(kind=job.kind), message.locale)
            answer = interrupted_answer(language, sentence)
        else:
            answer = notice(language, "admin.reindex.ended")
        webhook = discord.Webhook.partial(client.application_id or 0, message.token, client=client)
        try:
            await webhook.edit_message(message.message_id, view=answer)
        except (discord.HTTPException, *UNREACHABLE) as refused:
            _log.info("the message of job %d stays as it is: %r", job.id, refused)
        await _forget(context, job.id)


async def status(request: Request, interaction: Interaction) -> Answer:
    """Show how the bot is. What does not answer within ``STATUS_WITHIN_S`` is told so; nothing is waited for longer."""
    context, latency_s = request.context, interaction.client.latency
    facts, pending, servers, jobs, votes = await asyncio.gather(
        _part(request, "index", context.answerer.facts),
        _part(request, "library", lambda: _waiting(context)),
        _part(request, "moderation", lambda: admin_servers(interaction)),
        _part(request, "jobs", lambda: context.community.job_log.last(_JOBS_SHOWN)),
        _part(request, "votes", context.community.votes.totals),
    )
    reason = context.answerer.problem
    problem = None if reason is None else context.reporter.sentence(reason, request.language.locale)
    return status_answer(
        request.language,
        BotStatus(
            facts=facts,
            pending=pending,
            problem=problem,
            admin_servers=servers,
            server=request.server,
            jobs=jobs,
            running_job=None if context.jobs.running is None else context.jobs.running.number,
            votes=votes,
            is_opening=context.answerer.is_opening,
            n_asking=context.limiter.inside,
            latency_s=latency_s if math.isfinite(latency_s) else None,
            started_at=context.started_at,
            n_late=context.reporter.n_late,
            n_answered=context.metrics.stage_seconds.count("answer"),
            half_within_s=context.metrics.stage_seconds.within(0.5, "answer"),
            most_within_s=context.metrics.stage_seconds.within(0.9, "answer"),
            n_unexpected=context.reporter.n_unexpected,
            last_unexpected=context.reporter.last_unexpected,
        ),
    )


async def set_moderating(request: Request, interaction: Interaction, *, is_open: bool) -> Answer | None:
    """Open this server for moderation, or close it."""
    if interaction.guild is None:
        return None
    await request.context.community.set_moderating(interaction.guild.id, is_open=is_open)
    _log.info("server %s is %s for moderation", interaction.guild.id, "open" if is_open else "closed")
    if is_open:
        return notice(request.language, "admin.moderation.opened", colour=GREEN)
    return notice(request.language, "admin.moderation.closed")


async def settings(request: Request, interaction: Interaction, *, source: str | None = None) -> Answer | None:
    """Show the server's settings, after setting its ``source`` if one is named; ``*`` limits to none.

    Raises:
        SourceUnknown: the library has none of that name.
    """
    guild, context = interaction.guild, request.context
    if guild is None:
        return None
    if source is not None:
        wanted = await resolve_source(context.answerer, source, None)
        await context.community.set_server(guild.id, default_source=wanted)
    chosen = await context.community.server(guild.id)
    try:
        episodes = await context.limiter.ask(context.answerer.episodes)
    except CodedError:
        episodes = []  # settings can be made before anything is indexed
    counted = Counter(episode.about.source for episode in episodes if episode.about.source)
    sources = [name for name, _ in counted.most_common()]
    return settings_answer(request.language, chosen, sources, guild)


async def set_roles(request: Request, interaction: Interaction, roles: list[int]) -> Answer | None:
    """Let these roles moderate; everybody's role never does."""
    if interaction.guild is not None:
        kept = frozenset(roles) - {interaction.guild.id}
        await request.context.community.set_server(interaction.guild.id, moderator_roles=kept)
    return await settings(request, interaction)


async def set_channels(request: Request, interaction: Interaction, channels: list[int]) -> Answer | None:
    """Show answers to everybody in these channels."""
    if interaction.guild is not None:
        shown = frozenset(channels)
        await request.context.community.set_server(interaction.guild.id, public_channels=shown)
    return await settings(request, interaction)


async def _waiting(context: Context) -> Waiting | None:
    """Return what of the library waits for an index; None where nothing is indexed, or nothing answers."""
    try:
        facts, digests = await context.answerer.facts(), await context.answerer.digests()
    except (EditionMissing, AnsweringError):
        return None
    built_s = datetime.fromisoformat(facts.built_at).timestamp()
    return await asyncio.to_thread(waiting, context.settings.library, digests, built_s=built_s)


async def _part(request: Request, name: str, ask: Callable[[], Awaitable[T]]) -> T | str:
    """Return what ``ask`` returns, or the sentence why there is none."""
    language = request.language
    try:
        async with asyncio.timeout(STATUS_WITHIN_S):
            return await ask()
    except TimeoutError:
        if name == "index" and request.context.answerer.is_opening:
            return language.say("admin.status.opening")
        return language.say("admin.status.silent", part=language.say(f"admin.status.part.{name}"))
    except CodedError as error:
        return request.context.reporter.sentence(error, language.locale)


async def _remember(request: Request, interaction: Interaction, job: int) -> None:
    """Store which message shows the job, so that a later program can close it. Not worth failing for."""
    try:
        shown = await interaction.original_response()
        message = JobMessage(interaction.token, shown.id, str(request.language.locale))
        await request.context.community.job_log.show_message(job, message)
    except (discord.HTTPException, *UNREACHABLE, CommunityUnavailable) as error:
        _log.info("the message of job %d could not be stored: %r", job, error)


async def _forget(context: Context, job: int) -> None:
    try:
        await context.community.job_log.close_message(job)
    except CommunityUnavailable as error:
        _log.warning("the message of job %d is still stored: %s", job, error.problem)


def _staging(request: Request) -> Staging:
    return Staging(request.context.settings.state_folder / "staged", request.context.community)


async def _read(file: discord.Attachment) -> bytes:
    if file.size > LARGEST_FILE_BYTES:
        name = safe(file.filename, _LONGEST_FILE_NAME)
        raise FileTooLarge(file=name, line=None, size=file.size, limit=LARGEST_FILE_BYTES)
    try:
        async with asyncio.timeout(_ATTACHMENT_WITHIN_S):
            return await file.read()
    except (discord.HTTPException, TimeoutError, OSError) as error:
        raise AttachmentUnreadable(file=file.filename) from error


async def _edit(interaction: Interaction, answer: Answer) -> bool:
    """Show ``answer`` in place of the last one; False where that is no longer possible: it was dismissed, or is old."""
    try:
        await interaction.edit_original_response(view=answer)
    except discord.HTTPException as refused:
        _log.info("progress is no longer shown: %s", refused.code)
        return refused.status >= 500 or refused.status == 429
    except UNREACHABLE as error:
        _log.info("progress is not shown just now: %r", error)
    return True
