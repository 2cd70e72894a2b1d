"""The answer to ``/admin votes``: counts, the most criticised readings, and all votes as a file of JSON lines."""

import json
from collections.abc import Sequence

from discord import ui

from bot.app.votes import VotedReading, criticised, line_of, totals
from bot.discord.ui.limits import Detail, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import Answer, Attachment, panel, time_link
from bot.i18n.language import Language
from bot.i18n.message_catalogue import signed
from bot.render.theme import GREY
from index.evaluation.vote_agreement import VERDICTS

FILE = "votes.jsonl"


def export(readings: Sequence[VotedReading]) -> bytes:
    """Return all votes as JSON lines; see ``line_of``."""
    return "".join(json.dumps(line_of(read), ensure_ascii=False) + "\n" for read in readings).encode()


def overview_answer(language: Language, readings: Sequence[VotedReading], data: bytes | None) -> Answer:
    """Return the votes counted.

    Args:
        language: of the moderator; counts are of the votes on its axis.
        readings: that were voted on.
        data: all of them as a file; None if that is too large for Discord.
    """
    own = [read for read in readings if read.passage.axis == language.axis.name]
    attachment = Attachment(FILE, data) if readings and data is not None else None

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                GREY,
                f"## {language.say('admin.votes.heading')}",
                _totals(language, own) if own else language.say("admin.votes.none"),
                _by_band(language, own),
                _criticised(language, criticised(own), detail),
                "-# "
                + language.say("admin.votes.note" if attachment is not None else "admin.votes.moves_nothing"),
            ),
            ui.File(attachment.address) if attachment is not None else None,
            language.say("admin.votes.large") if readings and data is None else None,
            attachment=attachment,
        )

    return fitted(build)


def _counts(language: Language, readings: Sequence[VotedReading]) -> str:
    """Return votes by verdict in a line."""
    counts = totals(readings)
    return " · ".join(f"{language.verdict(verdict)} {counts[verdict]}" for verdict in VERDICTS)


def _totals(language: Language, own: Sequence[VotedReading]) -> str:
    n_passages = len({read.passage.id for read in own})
    n_votes = sum(totals(own).values())
    return f"{language.count('admin.votes.total', n_votes, passages=n_passages)}\n{_counts(language, own)}"


def _by_band(language: Language, own: Sequence[VotedReading]) -> str | None:
    lines = [
        f"- {language.say('admin.votes.band', band=language.band(band))} {_counts(language, there)}"
        for band in language.axis.bands
        if (there := [read for read in own if read.shown.band == band])
    ]
    return "\n".join(lines) or None


def _criticised(language: Language, against: Sequence[VotedReading], detail: Detail) -> str | None:
    if not against:
        return None
    lines = [f"### {language.say('admin.votes.criticised')}"]
    for read in against[: detail.items]:
        passage, second = read.passage, read.passage.start_s
        when = "" if second is None else " · " + time_link(language, second, passage.link, detail)
        lines.append(
            f"- {safe(passage.title, detail.name)}{when} · **{signed(read.shown.position)}**\n"
            f"-# {_counts(language, [read])}"
        )
    return "\n".join(lines)
