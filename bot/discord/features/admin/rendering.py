"""What moderators see of adding, removing and reindexing."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.app.job_progress import LeftOut, Report, Step
from bot.discord.features.admin.custom_ids import AdminPress
from bot.discord.language import Speech
from bot.discord.limits import LABEL_MOST, Detail, cut, fitted
from bot.discord.markup import shown
from bot.discord.rendering.parts import Answer, byline, day, panel, title
from bot.i18n.catalogue import clock
from index.library.ingest import Plan
from index.storage.records import EpisodeRecord

STAGES = ("compare", "read", "embed", "write")
"""Of a build, in their order."""

_BAR_CELLS = 16
_ACTION_COLOURS = {"new": 0x4E9F6D, "joins": 0x4E9F6D, "updates": 0x5FB3C4, "same": 0x777777}
GREEN, RED, GREY = 0x4E9F6D, 0xC0504D, 0x777777


def planned(speech: Speech, plan: Plan, key: str) -> Answer:
    """What was understood of a transcript, and what adding it would do; nothing is written yet.

    Args:
        speech: the moderator's language.
        plan: of the file.
        key: under which the file is staged.
    """
    buttons = None
    if plan.action != "same":
        buttons = ui.ActionRow[Any](
            _button(speech, "admin.button.write", AdminPress("write", key), discord.ButtonStyle.success),
            _button(speech, "admin.button.drop", AdminPress("drop", key)),
        )

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                _ACTION_COLOURS[plan.action],
                f"## {shown(plan.about.title, detail.name)}",
                _about_line(speech, plan, detail),
                _facts_line(speech, plan, detail),
                *_notes(speech, plan, detail),
                speech.say(f"admin.plan.{plan.action}", slug=plan.slug),
                buttons,
            )
        )

    return fitted(build)


def told(
    speech: Speech, key: str, *, colour: int = GREY, offers_reindex: bool = False, **fields: str
) -> Answer:
    """One sentence in a frame; with ``offers_reindex`` and a button to it. Foreign text in ``fields`` is raw."""
    row = None
    if offers_reindex:
        row = ui.ActionRow[Any](
            _button(speech, "admin.button.reindex", AdminPress("reindex", "now"), discord.ButtonStyle.primary)
        )

    def build(detail: Detail) -> Answer:
        harmless = {name: shown(text, detail.name) for name, text in fields.items()}
        return Answer(panel(colour, speech.say(key, **harmless), row))

    return fitted(build)


def asked_to_remove(speech: Speech, episode: EpisodeRecord) -> Answer:
    """The question before an episode is taken away."""
    row = ui.ActionRow[Any](
        _button(
            speech, "admin.button.remove", AdminPress("remove", episode.slug), discord.ButtonStyle.danger
        ),
        _button(speech, "admin.button.keep", AdminPress("keep", episode.slug)),
    )

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                RED,
                f"## {title(episode, detail)}",
                byline(speech, episode, detail, f"`{episode.slug}`"),
                speech.say("admin.remove.ask"),
                row,
            )
        )

    return fitted(build)


def progressing(speech: Speech, step: Step | None, *, is_full: bool) -> Answer:
    """How far a reindex is."""
    heading = "### " + speech.say("admin.reindex.full" if is_full else "admin.reindex.running")
    if step is None:
        return Answer(panel(GREY, heading, speech.say("admin.reindex.begins")))
    number = STAGES.index(step.stage) + 1 if step.stage in STAGES else len(STAGES)
    share = min(1.0, step.done / step.total) if step.total else 1.0
    cells = round(share * _BAR_CELLS)
    bar = f"`{'█' * cells}{'░' * (_BAR_CELLS - cells)}` {round(100 * share)} %"
    name = speech.say(f"admin.stage.{step.stage}") if step.stage in STAGES else step.stage
    line = speech.say(
        "admin.reindex.step", stage=name, number=number, of=len(STAGES), done=step.done, total=step.total
    )
    return Answer(panel(GREY, heading, bar, f"-# {line}"))


def reported(speech: Speech, report: Report, *, seconds: float) -> Answer:
    """What a reindex did.

    Args:
        speech: the moderator's language.
        report: of it.
        seconds: from its beginning to its end.
    """
    kind = "admin.reindex.new" if report.is_new else "admin.reindex.nothing"
    counts = speech.say(
        "admin.reindex.counts", added=len(report.added), changed=len(report.changed),
        removed=len(report.removed), unchanged=report.unchanged,
    )  # fmt: skip
    stages = ", ".join(f"{name} {took:.1f} s" for name, took in report.seconds.items())

    def build(detail: Detail) -> Answer:
        return Answer(
                panel(
                    RED if report.left_out else GREEN,
                    f"### {speech.say(kind)}",
                    counts,
                    _slugs("+", report.added, detail),
                    _slugs("~", report.changed, detail),
                    _slugs("−", report.removed, detail),
                    *_left_out(speech, report.left_out, detail),
                    "-# " + speech.say(
                        "admin.reindex.size", episodes=report.n_episodes, slices=report.n_slices,
                        embedded=report.n_embedded, took=clock(seconds),
                    ),
                    f"-# {shown(stages, detail.prose)}" if stages else None,
                )
        )  # fmt: skip

    return fitted(build)


def failed(speech: Speech, sentence: str) -> Answer:
    """That a reindex failed and the older index goes on answering; ``sentence`` is escaped and says why."""
    return Answer(panel(RED, f"### {speech.say('admin.reindex.failed')}", sentence))


def _button(
    speech: Speech, key: str, press: AdminPress, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> ui.Button[Any]:
    return ui.Button(label=cut(speech.say(key), LABEL_MOST), custom_id=str(press), style=style)


def _about_line(speech: Speech, plan: Plan, detail: Detail) -> str:
    about = plan.about
    parts = [
        shown(about.source, detail.name) if about.source else speech.say("admin.plan.no_source"),
        day(about.published) if about.published else "",
        shown(", ".join(about.guests), detail.name) if about.guests else "",
    ]
    return "-# " + " · ".join(part for part in parts if part)


def _facts_line(speech: Speech, plan: Plan, detail: Detail) -> str:
    facts = plan.facts
    parts = [
        speech.say(f"admin.plan.kind.{facts.track or facts.kind}"),
        f"`{facts.format}`",
        facts.language or "",
        speech.say("admin.plan.size", cues=facts.n_cues, words=facts.n_words),
        speech.say("admin.plan.minutes", minutes=round(facts.minutes)) if facts.minutes else "",
        "" if facts.is_timed else speech.say("admin.plan.untimed"),
    ]
    line = " · ".join(part for part in parts if part)
    names = ", ".join(shown(one.name, detail.name) for one in facts.speakers[: detail.items])
    return line + (f"\n{speech.say('admin.plan.speakers', names=names)}" if names else "")


def _notes(speech: Speech, plan: Plan, detail: Detail) -> list[str]:
    notes = []
    for note in plan.notes[: detail.items]:
        fields = {
            name: shown(value, detail.name) if isinstance(value, str) else value
            for name, value in note.fields.items()
        }
        notes.append("-# ⚠ " + speech.say(f"admin.note.{note.code}", **fields))
    return notes


def _slugs(sign: str, slugs: Sequence[str], detail: Detail) -> str | None:
    if not slugs:
        return None
    named = " ".join(f"`{cut(slug, max(detail.name, 8))}`" for slug in slugs[: detail.items])
    more = len(slugs) - detail.items
    return f"{sign} {named}" + (f" … +{more}" if more > 0 else "")


def _left_out(speech: Speech, left_out: Sequence[LeftOut], detail: Detail) -> list[str]:
    if not left_out:
        return []
    lines = [speech.count("admin.reindex.left_out", len(left_out))]
    for one in left_out[: detail.items]:
        said = (
            speech.catalogue.error(one.error, speech.locale, shown=lambda text: shown(text, detail.name))
            if one.error is not None
            else shown(one.problem, detail.prose)
        )
        lines.append(f"- `{cut(one.slug, max(detail.name, 8))}`: {said}")
    return ["\n".join(lines)]
