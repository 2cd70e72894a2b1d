"""What moderators see of how the bot is, and of what their server has set."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import discord
from discord import ui

from bot.app.admin_servers import AdminServers
from bot.app.community import Job, ServerSettings
from bot.app.input_validation import EVERY_SOURCE
from bot.app.one_line import one_line
from bot.app.prometheus_metrics import SECONDS
from bot.discord.errors import error_text
from bot.discord.features.admin.rendering import stop_row
from bot.discord.ui.limits import MAX_CHOICE, MAX_CHOICES, Detail, cut, fitted, size
from bot.discord.ui.markup import escape, safe
from bot.discord.ui.parts import Answer, panel
from bot.i18n.language import Language
from bot.render.theme import GREEN, GREY, RED
from index.build.changes import Waiting
from index.evaluation.vote_agreement import VoteVerdict
from index.storage.records import EditionFacts
from scoring.errors import error_of

Setting = Literal["source", "roles", "channels"]

SETTING_PATTERN = re.compile(r"a:set:(?P<setting>source|roles|channels)")

_OUTCOME_SIGNS = {"running": "⏳", "done": "✓", "failed": "✗", "interrupted": "⏹"}
_MOST_CHOSEN = 25
_CHANNEL_KINDS = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]


@dataclass(frozen=True, slots=True)
class BotStatus:
    """The state of the bot.

    Attributes:
        facts: of the edition that answers. Here and in the next ones a text says why there is no such part.
        pending: episodes of the library that wait for an index; None where there is none to compare with.
        problem: why an older edition answers than the newest, as a sentence; or None.
        admin_servers: the servers that ``/admin`` is taken from.
        server: id of the server that this is shown in.
        jobs: the newest of the log.
        running_job: number of the one that runs in this program; None where none does.
        votes: by verdict, on all axes together.
        is_opening: True until the first edition is open; ``facts`` say so then, which is no trouble.
        n_asking: questions that are worked on or wait.
        latency_s: between a heartbeat and its answer; None before the first.
        started_at: when the bot began.
        n_late: acknowledgements that came too late.
        n_answered: answers since the bot began.
        half_within_s, most_within_s: seconds within which half of them, and nine of ten, were ready; None before the
            first, infinite where they took longer than is measured.
        n_unexpected: errors that have no sentence.
        last_unexpected: reference and kind of the newest.
    """

    facts: EditionFacts | str
    pending: Waiting | str | None
    problem: str | None
    admin_servers: AdminServers | str
    server: int | None
    jobs: Sequence[Job] | str
    running_job: int | None
    votes: Mapping[VoteVerdict, int] | str
    is_opening: bool
    n_asking: int
    latency_s: float | None
    started_at: datetime
    n_late: int
    n_answered: int
    half_within_s: float | None
    most_within_s: float | None
    n_unexpected: int
    last_unexpected: tuple[str, str] | None


def setting_id(setting: Setting) -> str:
    """Return the custom_id of the menu for a setting."""
    return f"a:set:{setting}"


def setting_of(match: re.Match[str]) -> Setting:
    """Return the setting of the menu that ``SETTING_PATTERN`` matched."""
    return cast(Setting, match["setting"])


def status_answer(language: Language, status: BotStatus) -> Answer:
    """Return the whole status."""
    facts, servers, jobs, votes = status.facts, status.admin_servers, status.jobs, status.votes
    silent = [part for part in (facts, jobs, votes) if isinstance(part, str)]
    is_silent = len(silent) > (status.is_opening and isinstance(facts, str))
    has_trouble = is_silent or status.problem is not None or status.n_unexpected > 0

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                RED if has_trouble else GREY if status.is_opening else GREEN,
                f"## {language.say('admin.status.heading')}",
                facts if isinstance(facts, str) else _edition(language, facts),
                None if isinstance(facts, str) else _pending(language, status.pending),
                _problem(language, status),
                _running(language, status),
                servers if isinstance(servers, str) else _admin_servers(language, servers, status.server),
                jobs if isinstance(jobs, str) else _jobs(language, jobs, detail),
                None if status.running_job is None else stop_row(language, status.running_job),
                votes if isinstance(votes, str) else _votes(language, votes),
            )
        )

    return fitted(build)


def settings_answer(
    language: Language, chosen: ServerSettings, sources: Sequence[str], guild: discord.Guild
) -> Answer:
    """Return what the server has set, with menus to change it.

    Args:
        language: of the manager.
        chosen: the settings as they are.
        sources: that the library has, those with most episodes first.
        guild: the server; roles and channels that it no longer has are left out.
    """
    roles = [role for number in chosen.moderator_roles if (role := guild.get_role(number)) is not None]
    channels = [
        place for number in chosen.public_channels if (place := guild.get_channel(number)) is not None
    ]
    role_menu: ui.RoleSelect[Any] = ui.RoleSelect(
        custom_id=setting_id("roles"),
        placeholder=cut(language.say("admin.settings.choose_roles"), MAX_CHOICE),
        min_values=0,
        max_values=_MOST_CHOSEN,
        default_values=sorted(roles, reverse=True)[:_MOST_CHOSEN],
    )
    channel_menu: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=setting_id("channels"),
        placeholder=cut(language.say("admin.settings.choose_channels"), MAX_CHOICE),
        channel_types=_CHANNEL_KINDS,
        min_values=0,
        max_values=_MOST_CHOSEN,
        default_values=sorted(channels, key=lambda channel: channel.id)[:_MOST_CHOSEN],
    )

    def build(detail: Detail) -> Answer:
        limit = chosen.default_source
        current = language.say("find.every_source") if limit is None else safe(limit, detail.name)
        return Answer(
            panel(
                GREY,
                f"## {language.say('admin.settings.heading')}",
                language.say("admin.settings.source", source=f"**{current}**"),
                ui.ActionRow(_source_menu(language, chosen.default_source, sources, detail)),
                language.say("admin.settings.roles"),
                ui.ActionRow(role_menu),
                language.say("admin.settings.channels"),
                ui.ActionRow(channel_menu),
            )
        )

    return fitted(build)


def _source_menu(
    language: Language, current: str | None, sources: Sequence[str], detail: Detail
) -> ui.Select[Any]:
    offered = [source for source in sources if size(source) <= MAX_CHOICE and source != current]
    if current is not None and size(current) <= MAX_CHOICE:
        offered.insert(0, current)
    every = cut(language.say("find.every_source"), MAX_CHOICE)
    options = [discord.SelectOption(label=every, value=EVERY_SOURCE, default=current is None)]
    options += [
        discord.SelectOption(
            label=cut(one_line(source), detail.name), value=source, default=source == current
        )
        for source in offered[: MAX_CHOICES - 1]
        if one_line(source)
    ]
    return ui.Select(custom_id=setting_id("source"), options=options)


def _edition(language: Language, facts: EditionFacts) -> str:
    return language.say(
        "admin.status.edition",
        edition=facts.edition,
        built=discord.utils.format_dt(datetime.fromisoformat(facts.built_at), "R"),
        episodes=facts.n_episodes,
        slices=facts.n_slices,
        windows=facts.n_windows,
        words=facts.n_words,
        model=safe(facts.model, 80),
        axis=safe(facts.axis, 40),
        slicing=facts.slicing_version,
        scoring=escape(facts.scoring_version),
    )


def _pending(language: Language, pending: Waiting | str | None) -> str | None:
    if pending is None or isinstance(pending, str):
        return pending
    if not pending:
        return f"-# {language.say('admin.status.in_step')}"
    counts = language.say(
        "admin.job.counts", added=pending.added, changed=pending.changed, removed=pending.removed
    )
    return language.say("admin.status.waiting", counts=counts)


def _problem(language: Language, status: BotStatus) -> str | None:
    if status.problem is None or isinstance(status.facts, str):
        return None
    return f"{language.say('admin.status.older')}\n{status.problem}"


def _running(language: Language, status: BotStatus) -> str:
    latency = "–" if status.latency_s is None else f"{1000 * status.latency_s:.0f} ms"
    lines = [
        language.say(
            "admin.status.running",
            since=discord.utils.format_dt(status.started_at),
            latency=latency,
            asking=status.n_asking,
            late=status.n_late,
        )
    ]
    if status.n_answered > 1 and status.half_within_s is not None and status.most_within_s is not None:
        lines.append(
            language.say(
                "admin.status.speed",
                n=status.n_answered,
                half=_within(language, status.half_within_s),
                most=_within(language, status.most_within_s),
            )
        )
    if status.last_unexpected is None:
        lines.append(f"-# {language.say('admin.status.no_errors')}")
    else:
        reference, kind = status.last_unexpected
        lines.append(
            language.say(
                "admin.status.errors", n=status.n_unexpected, reference=reference, kind=safe(kind, 40)
            )
        )
    return "\n".join(lines)


def _within(language: Language, seconds: float) -> str:
    if math.isinf(seconds):
        return language.say("admin.status.longer", longest=f"{SECONDS[-1]:g}")
    return language.say("admin.status.within", seconds=f"{seconds:g}")


def _admin_servers(language: Language, servers: AdminServers, server: int | None) -> str:
    n_servers = len(servers.ids)
    if servers.is_set:
        return language.say("admin.moderation.set", n=n_servers)
    if not n_servers:
        return language.say("admin.moderation.nowhere")
    is_open_here = server in servers.ids
    return language.say("admin.moderation.here" if is_open_here else "admin.moderation.not_here", n=n_servers)


def _jobs(language: Language, jobs: Sequence[Job], detail: Detail) -> str:
    if not jobs:
        return language.say("admin.status.no_jobs")
    lines = [language.say("admin.status.jobs")]
    for job in jobs[: detail.items]:
        when = discord.utils.format_dt(job.started_at, "R")
        name = language.say(f"admin.job.{job.kind}")
        lines.append(f"- {_OUTCOME_SIGNS[job.outcome]} {name} {when} · {_outcome(language, job, detail)}")
    return "\n".join(lines)


def _votes(language: Language, counts: Mapping[VoteVerdict, int]) -> str | None:
    if not any(counts.values()):
        return None
    by_verdict = " · ".join(f"{language.verdict(verdict)} {n}" for verdict, n in counts.items())
    return language.say("admin.votes.status", votes=by_verdict)


def _outcome(language: Language, job: Job, detail: Detail) -> str:
    if "code" in job.detail:
        error = error_of(str(job.detail.get("code", "")), dict(job.detail.get("fields", {})))
        return error_text(language, error, detail.name)
    words = language.say(f"admin.job.{job.outcome}")
    if job.outcome != "done":
        return words
    told = {name: job.detail.get(name, 0) for name in ("added", "changed", "removed")}
    counts = language.say("admin.job.counts", **told)
    n_left_out = len(job.detail.get("left_out", ()))
    left_out = f" · {language.count('admin.reindex.left_out', n_left_out)}" if n_left_out else ""
    return f"{words}: {counts}{left_out}"
