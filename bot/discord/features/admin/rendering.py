"""What moderators see of adding, removing and reindexing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, cast

import discord
from discord import ui

from bot.app.build_report import EpisodeFailure, IndexReport, Judged
from bot.app.job_progress import Step
from bot.discord.errors import error_text
from bot.discord.ui.limits import MAX_LABEL, Detail, cut, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import Answer, Row, byline, day, panel, title
from bot.i18n.language import Language
from bot.i18n.message_catalogue import clock, whole_percent
from bot.render.text import skipped_blocks, speakers_read
from bot.render.theme import CYAN, GREEN, GREY, RED, Colour
from index.library.episodes import LONGEST_SLUG, EpisodeFile
from index.library.ingest import Action, Facts, Plan
from index.storage.records import EpisodeRecord

STAGES = ("compare", "read", "embed", "write")
"""Of a build, in their order."""

JUDGE, STORE = "judge", "store"
"""The further stages of a build that asks a judge, or publishes in a store."""

AdminVerb = Literal["write", "drop", "remove", "keep", "reindex", "stop"]

_BAR_CELLS = 16
_LEAST_SLUG = 8
_BLOCKS_NAMED = 3
_COLOURS: Mapping[Action, Colour] = {"new": GREEN, "joins": GREEN, "updates": CYAN, "same": GREY}


@dataclass(frozen=True, slots=True)
class AdminAction:
    """A moderator's action, as a button says it.

    Attributes:
        verb: ``write`` or ``drop`` what is staged, ``remove`` or ``keep`` an episode, ``reindex``, ``stop`` a job.
        about: key of what is staged, slug of the episode, ``now``, or number of the job.
    """

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        rf"a:(?P<verb>write|drop|remove|keep|reindex|stop):(?P<about>[A-Za-z0-9._-]{{1,{LONGEST_SLUG}}})"
    )

    verb: AdminVerb
    about: str

    def __str__(self) -> str:
        return f"a:{self.verb}:{self.about}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        return cls(cast(AdminVerb, match["verb"]), match["about"])


def plan_answer(language: Language, plan: Plan, key: str) -> Answer:
    """Return what was understood of a transcript, and what adding it would do; nothing is written yet.

    Args:
        language: of the moderator.
        plan: of the file.
        key: under which the file is staged.
    """
    buttons = None
    if plan.action != "same":
        buttons = ui.ActionRow[Any](
            _button(language, "admin.button.write", AdminAction("write", key), discord.ButtonStyle.success),
            _button(language, "admin.button.drop", AdminAction("drop", key)),
        )

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                _COLOURS[plan.action],
                f"## {safe(plan.about.title, detail.name)}",
                _about_line(language, plan, detail),
                _facts_line(language, plan, detail),
                *_notes(language, plan, detail),
                f"-# {language.say(f'admin.wants.{plan.wants}')}" if plan.wants else None,
                *_wanting(language, plan),
                language.say(f"admin.plan.{outcome_of(plan)}", slug=plan.slug),
                buttons,
            )
        )

    return fitted(build)


def outcome_of(plan: Plan) -> str:
    """Return what a plan does, as a part of a key: its action, or ``joins_behind`` for a text that does not answer."""
    return plan.action if plan.is_answered_from or plan.action != "joins" else "joins_behind"


def notice(
    language: Language, key: str, *, colour: Colour = GREY, offers_reindex: bool = False, **fields: str
) -> Answer:
    """Return one sentence in a frame, with a button to reindex if it is offered.

    ``fields`` are not escaped yet. A ``slug`` stands as code, in which an escape would be seen, and holds no backtick.
    """
    row = _reindex_row(language) if offers_reindex else None

    def build(detail: Detail) -> Answer:
        harmless = {
            name: text if name == "slug" else safe(text, detail.name) for name, text in fields.items()
        }
        return Answer(panel(colour, language.say(key, **harmless), row))

    return fitted(build)


def held_answer(language: Language, slug: str, about: EpisodeFile, sentence: str) -> Answer:
    """Return that an episode is in the library already; ``sentence`` is escaped and says why nothing was fetched."""

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                GREY,
                f"## {safe(about.title, detail.name)}",
                language.say("admin.plan.held", slug=_slug(slug, detail)),
                sentence,
            )
        )

    return fitted(build)


def ask_removal_answer(language: Language, episode: EpisodeRecord) -> Answer:
    """Return the question before an episode is removed."""
    slug = episode.slug
    return fitted(
        lambda detail: _ask_removal(
            language, slug, title(episode, detail), byline(language, episode, detail, f"`{slug}`")
        )
    )


def ask_held_removal_answer(language: Language, slug: str, about: EpisodeFile, *, is_indexed: bool) -> Answer:
    """Return the question before an episode is removed that was looked up in the library's folder alone."""
    line = f"-# `{slug}`" + ("" if is_indexed else f" · {language.say('admin.remove.unindexed')}")
    return fitted(lambda detail: _ask_removal(language, slug, safe(about.title, detail.name), line))


def _ask_removal(language: Language, slug: str, heading: str, line: str) -> Answer:
    row = ui.ActionRow[Any](
        _button(language, "admin.button.remove", AdminAction("remove", slug), discord.ButtonStyle.danger),
        _button(language, "admin.button.keep", AdminAction("keep", slug)),
    )
    return Answer(panel(RED, f"## {heading}", line, language.say("admin.remove.ask"), row))


def progress_answer(language: Language, step: Step | None, *, is_full: bool) -> Answer:
    """Return how far a reindex is; ``step`` is None before its first step."""
    heading = "### " + language.say("admin.reindex.full" if is_full else "admin.reindex.running")
    if step is None:
        return Answer(panel(GREY, heading, language.say("admin.reindex.begins")))
    stages = (*STAGES, step.stage) if step.stage in (JUDGE, STORE) else STAGES
    number = stages.index(step.stage) + 1 if step.stage in stages else len(stages)
    share = min(1.0, step.done / step.total) if step.total else 1.0
    cells = round(share * _BAR_CELLS)
    bar = f"`{'█' * cells}{'░' * (_BAR_CELLS - cells)}` {whole_percent(share)} %"
    name = language.say(f"admin.stage.{step.stage}") if step.stage in stages else step.stage
    line = language.say(
        "admin.reindex.step", stage=name, number=number, of=len(stages), done=step.done, total=step.total
    )
    return Answer(panel(GREY, heading, bar, f"-# {line}"))


def report_answer(
    language: Language,
    report: IndexReport,
    *,
    seconds: float,
    is_answering: bool = True,
    problem: str | None = None,
) -> Answer:
    """Return what a reindex did.

    Args:
        language: of the moderator.
        report: of it.
        seconds: from its beginning to its end.
        is_answering: whether the next question is answered from what it built.
        problem: why it is not, as an escaped sentence, where it cannot be opened; or None.
    """
    built = "new" if is_answering else "follows" if problem is None else "built"
    heading = language.say(
        f"admin.reindex.{built if report.is_new else 'kept' if report.is_kept else 'nothing'}"
    )
    counts = language.say(
        "admin.reindex.counts",
        added=len(report.added),
        changed=len(report.changed),
        removed=len(report.removed),
        unchanged=report.unchanged,
    )
    size = language.say(
        "admin.reindex.size",
        episodes=report.episodes,
        slices=report.slices,
        embedded=report.embedded,
        took=clock(seconds),
    )
    stages = ", ".join(f"{name} {took:.1f} s" for name, took in report.seconds.items())

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                RED if report.failures or problem is not None else GREEN,
                f"### {heading}",
                f"{language.say('admin.status.older')}\n{problem}" if problem is not None else None,
                counts,
                _slugs("+", report.added, detail),
                _slugs("~", report.changed, detail),
                _slugs("−", report.removed, detail),
                _left_out(language, report.failures, detail),
                _judged(language, report.judged, detail),
                f"-# {size}",
                f"-# {safe(stages, detail.prose)}" if stages else None,
            )
        )

    return fitted(build)


def failed_answer(language: Language, sentence: str) -> Answer:
    """Return that a reindex failed and the older index goes on answering; ``sentence`` is escaped and says why."""
    return Answer(panel(RED, f"### {language.say('admin.reindex.failed')}", sentence))


def interrupted_answer(language: Language, sentence: str) -> Answer:
    """Return that a reindex was interrupted, with a button to start it again; ``sentence`` is escaped and says why."""
    heading = f"### {language.say('admin.reindex.interrupted')}"
    return Answer(panel(RED, heading, sentence, _reindex_row(language)))


def stop_row(language: Language, job: int) -> Row:
    """Return the button that stops the job with this number."""
    action = AdminAction("stop", str(job))
    return ui.ActionRow[Any](
        _button(language, "admin.button.stop", action, discord.ButtonStyle.danger),
    )


def _button(
    language: Language,
    key: str,
    action: AdminAction,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> ui.Button[Any]:
    return ui.Button(label=cut(language.say(key), MAX_LABEL), custom_id=str(action), style=style)


def _reindex_row(language: Language) -> Row:
    action, style = AdminAction("reindex", "now"), discord.ButtonStyle.primary
    return ui.ActionRow[Any](_button(language, "admin.button.reindex", action, style))


def _about_line(language: Language, plan: Plan, detail: Detail) -> str:
    about = plan.about
    parts = [
        safe(about.source, detail.name) if about.source else language.say("admin.plan.no_source"),
        day(about.published) if about.published else language.say("admin.plan.no_day"),
        safe(", ".join(about.guests), detail.name) if about.guests else "",
    ]
    return "-# " + " · ".join(part for part in parts if part)


def _wanting(language: Language, plan: Plan) -> list[str]:
    """Return what a new episode lacks, with what to do about it."""
    if plan.action != "new":
        return []
    lacking = {"admin.plan.wants_source": plan.about.source, "admin.plan.wants_day": plan.about.published}
    return [f"-# {language.say(key)}" for key, value in lacking.items() if value is None]


def _facts_line(language: Language, plan: Plan, detail: Detail) -> str:
    facts = plan.facts
    parts = [
        language.say(f"admin.plan.kind.{facts.track or facts.kind}"),
        f"`{facts.format}`",
        facts.language or "",
        language.say("admin.plan.size", cues=facts.n_cues, words=facts.n_words),
        _length(language, facts.minutes),
        _timed(language, facts),
    ]
    line = " · ".join(part for part in parts if part)
    names = speakers_read(
        language.catalogue,
        facts,
        language.locale,
        most=detail.items,
        shown=lambda name: safe(name, detail.name),
    )
    return f"{line}\n{names}"


def _length(language: Language, minutes: float | None) -> str:
    """Return how long a recording is, in whole minutes; nothing if that is not known."""
    if not minutes:
        return ""
    if minutes < 1.0:
        return language.say("admin.plan.under_a_minute")
    return language.say("admin.plan.minutes", minutes=round(minutes))


def _timed(language: Language, facts: Facts) -> str:
    if not facts.is_timed:
        return language.say("admin.plan.untimed")
    if facts.n_timed == facts.n_cues:
        return ""
    return language.say("reading.timed", n_timed=facts.n_timed, n_cues=facts.n_cues)


def _notes(language: Language, plan: Plan, detail: Detail) -> list[str]:
    notes = []
    for note in plan.notes[: detail.items]:
        fields = {
            name: safe(value, detail.name) if isinstance(value, str) else value
            for name, value in note.fields.items()
        }
        notes.append("-# ⚠ " + language.say(f"admin.note.{note.code}", **fields))
    skipped = skipped_blocks(
        language.catalogue,
        plan.facts,
        language.locale,
        most=_BLOCKS_NAMED,
        shown=lambda text: safe(text, detail.name),
    )
    return [*notes, f"-# ⚠ {skipped}"] if skipped else notes


def _slugs(sign: str, slugs: Sequence[str], detail: Detail) -> str | None:
    if not slugs:
        return None
    names = " ".join(f"`{_slug(slug, detail)}`" for slug in slugs[: detail.items])
    more = len(slugs) - detail.items
    return f"{sign} {names}" + (f" … +{more}" if more > 0 else "")


def _slug(slug: str, detail: Detail) -> str:
    return cut(slug, max(detail.name, _LEAST_SLUG))


def _judged(language: Language, judged: Judged | None, detail: Detail) -> str | None:
    """Return how many claims and pairs a judge read, and why not all, if there is a reason; None without a judge."""
    if judged is None:
        return None
    line = language.say(
        "judge.report",
        model=safe(judged.model, detail.name),
        read=judged.read,
        asked=judged.asked,
        good=judged.good,
        left=judged.left,
    )
    if judged.error is None:
        return line
    return f"{line}\n⚠ {error_text(language, judged.error, detail.name)}"


def _left_out(language: Language, failures: Sequence[EpisodeFailure], detail: Detail) -> str | None:
    if not failures:
        return None
    lines = [language.count("admin.reindex.left_out", len(failures))]
    for failure in failures[: detail.items]:
        why = (
            error_text(language, failure.error, detail.name)
            if failure.error is not None
            else safe(failure.problem, detail.prose)
        )
        lines.append(f"- `{_slug(failure.episode, detail)}`: {why}")
    return "\n".join(lines)
