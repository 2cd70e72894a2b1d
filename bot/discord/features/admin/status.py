"""What moderators see of how the bot stands, and of what their server has set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.app.community import Job, ServerSettings
from bot.app.job_progress import error_of
from bot.app.moderation import Moderation
from bot.discord.answers import EVERY_SOURCE
from bot.discord.features.admin.custom_ids import setting_id
from bot.discord.features.admin.rendering import GREEN, GREY, RED
from bot.discord.language import Speech
from bot.discord.limits import CHOICE_MOST, CHOICES_MOST, Detail, cut, fitted, size
from bot.discord.markup import escaped, folded, shown
from bot.discord.rendering.parts import Answer, panel
from bot.discord.votes import verdict_label
from index.storage.records import EditionFacts
from scoring.vote_agreement import Verdict

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
class State:
    """How the bot stands.

    Attributes:
        facts: of the edition that answers, or None where nothing is indexed.
        problem: why there are no facts, or why an older edition answers than the newest, as a sentence; or None.
        moderation: the servers that ``/admin`` is taken from.
        server: id of the one that this is shown in.
        jobs: the newest of the log.
        votes: by verdict, on all axes together.
        n_asking: questions that are being answered or wait.
        latency_s: between a heartbeat and its answer; None before the first.
        started_at: when the bot began.
        n_late: acknowledgements that came too late.
        n_unexpected: errors that have no sentence.
        last_unexpected: reference and kind of the newest.
    """

    facts: EditionFacts | None
    problem: str | None
    moderation: Moderation
    server: int | None
    jobs: Sequence[Job]
    votes: Mapping[Verdict, int]
    n_asking: int
    latency_s: float | None
    started_at: datetime
    n_late: int
    n_unexpected: int
    last_unexpected: tuple[str, str] | None


def status(speech: Speech, state: State) -> Answer:
    """The whole status."""
    facts = state.facts
    has_trouble = facts is None or state.problem is not None or state.n_unexpected > 0

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                RED if has_trouble else GREEN,
                f"## {speech.say('admin.status.heading')}",
                _edition(speech, facts) if facts is not None else None,
                _problem(speech, state),
                _running(speech, state),
                _moderation(speech, state.moderation, state.server),
                _jobs(speech, state.jobs, detail),
                _votes(speech, state.votes),
            )
        )

    return fitted(build)


def _problem(speech: Speech, state: State) -> str | None:
    if state.problem is None or state.facts is None:
        return state.problem
    return f"{speech.say('admin.status.older')}\n{state.problem}"


def settings(speech: Speech, chosen: ServerSettings, sources: Sequence[str], guild: discord.Guild) -> Answer:
    """What the server has set, with menus to change it.

    Args:
        speech: the manager's language.
        chosen: the settings as they are.
        sources: that the library has, those with most episodes first.
        guild: the server; roles and channels that it no longer has are left out.
    """
    roles = [one for number in chosen.moderator_roles if (one := guild.get_role(number)) is not None]
    channels = [
        place for number in chosen.public_channels if (place := guild.get_channel(number)) is not None
    ]
    role_menu: ui.RoleSelect[Any] = ui.RoleSelect(
        custom_id=setting_id("roles"),
        placeholder=cut(speech.say("admin.settings.choose_roles"), CHOICE_MOST),
        min_values=0,
        max_values=_MOST_CHOSEN,
        default_values=sorted(roles, reverse=True)[:_MOST_CHOSEN],
    )
    channel_menu: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=setting_id("channels"),
        placeholder=cut(speech.say("admin.settings.choose_channels"), CHOICE_MOST),
        channel_types=_CHANNEL_KINDS,
        min_values=0,
        max_values=_MOST_CHOSEN,
        default_values=sorted(channels, key=lambda one: one.id)[:_MOST_CHOSEN],
    )

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                GREY,
                f"## {speech.say('admin.settings.heading')}",
                speech.say("admin.settings.source"),
                ui.ActionRow(_source_menu(speech, chosen.default_source, sources, detail)),
                speech.say("admin.settings.roles"),
                ui.ActionRow(role_menu),
                speech.say("admin.settings.channels"),
                ui.ActionRow(channel_menu),
            )
        )

    return fitted(build)


def _source_menu(
    speech: Speech, current: str | None, sources: Sequence[str], detail: Detail
) -> ui.Select[Any]:
    offered = [one for one in sources if size(one) <= CHOICE_MOST and one != current]
    if current is not None and size(current) <= CHOICE_MOST:
        offered.insert(0, current)
    every = cut(speech.say("find.every_source"), CHOICE_MOST)
    options = [discord.SelectOption(label=every, value=EVERY_SOURCE, default=current is None)]
    options += [
        discord.SelectOption(label=cut(folded(one), detail.name), value=one, default=one == current)
        for one in offered[: CHOICES_MOST - 1]
        if folded(one)
    ]
    return ui.Select(custom_id=setting_id("source"), options=options)


def _edition(speech: Speech, facts: EditionFacts) -> str:
    built_at = discord.utils.format_dt(datetime.fromisoformat(facts.built_at), "R")
    return speech.say(
        "admin.status.edition", edition=facts.edition, built=built_at, episodes=facts.n_episodes,
        slices=facts.n_slices, windows=facts.n_windows, words=facts.n_words, model=shown(facts.model, 80),
        axis=shown(facts.axis, 40), slicing=facts.slicing_version, scoring=escaped(facts.scoring_version),
    )  # fmt: skip


def _running(speech: Speech, state: State) -> str:
    latency = "–" if state.latency_s is None else f"{1000 * state.latency_s:.0f} ms"
    lines = [
        speech.say(
            "admin.status.running", since=discord.utils.format_dt(state.started_at, "R"), latency=latency,
            asking=state.n_asking, late=state.n_late,
        )
    ]  # fmt: skip
    if state.last_unexpected is not None:
        reference, kind = state.last_unexpected
        lines.append(
            speech.say("admin.status.errors", n=state.n_unexpected, reference=reference, kind=shown(kind, 40))
        )
    return "\n".join(lines)


def _moderation(speech: Speech, moderation: Moderation, server: int | None) -> str:
    n_servers = len(moderation.servers)
    if moderation.is_set:
        return speech.say("admin.moderation.set", n=n_servers)
    if not n_servers:
        return speech.say("admin.moderation.nowhere")
    is_open_here = server in moderation.servers
    return speech.say("admin.moderation.here" if is_open_here else "admin.moderation.not_here", n=n_servers)


def _jobs(speech: Speech, jobs: Sequence[Job], detail: Detail) -> str:
    if not jobs:
        return speech.say("admin.status.no_jobs")
    lines = [speech.say("admin.status.jobs")]
    for job in jobs[: detail.items]:
        when = discord.utils.format_dt(job.started_at, "R")
        name = speech.say(f"admin.job.{job.kind}")
        lines.append(f"- {_OUTCOME_SIGNS[job.outcome]} {name} {when} · {_outcome(speech, job, detail)}")
    return "\n".join(lines)


def _votes(speech: Speech, counts: Mapping[Verdict, int]) -> str | None:
    if not any(counts.values()):
        return None
    told = " · ".join(f"{verdict_label(speech, name)} {n}" for name, n in counts.items())
    return speech.say("admin.votes.status", votes=told)


def _outcome(speech: Speech, job: Job, detail: Detail) -> str:
    if job.outcome == "failed":
        error = error_of(str(job.detail.get("code", "")), dict(job.detail.get("fields", {})))
        return speech.catalogue.error(error, speech.locale, shown=lambda text: shown(text, detail.name))
    said = speech.say(f"admin.job.{job.outcome}")
    if job.outcome != "done":
        return said
    counts = " ".join(
        f"{sign}{job.detail.get(name, 0)}"
        for sign, name in (("+", "added"), ("~", "changed"), ("−", "removed"))
    )
    left_out = len(job.detail.get("left_out", ()))
    return f"{said} {counts}" + (f" · {speech.count('admin.reindex.left_out', left_out)}" if left_out else "")
