"""What people see of their alerts, and moderators of the digest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, cast

import discord
from discord import ui

from bot.app.community.alert_tables import A_WEEK, Alert
from bot.app.community.digest_tables import Digest
from bot.discord.ui.limits import MAX_LABEL, Detail, cut, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import Answer, panel, position_line, row
from bot.i18n.language import Language
from bot.render.theme import GREEN, GREY, RED

_MOST_LISTED = 20

NewsVerb = Literal["off", "digest", "list"]


@dataclass(frozen=True, slots=True)
class NewsAction:
    """The action of a button about news.

    Attributes:
        verb: ``off`` ends an alert, ``digest`` the server's digest; ``list`` shows the alerts.
        number: of the alert; 0 otherwise.
        stamp: of the message that it stands under, by which that is found again; empty elsewhere.
    """

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"n:(?P<verb>off|digest|list):(?P<number>\d{1,15}):(?P<stamp>[\dT]{0,20})", re.ASCII
    )

    verb: NewsVerb
    number: int
    stamp: str = ""

    def __str__(self) -> str:
        return f"n:{self.verb}:{self.number}:{self.stamp}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        return cls(cast(NewsVerb, match["verb"]), int(match["number"]), match["stamp"])


def news_button(language: Language, key: str, action: NewsAction, **fields: str) -> ui.Button[Any]:
    """Return a button with the sentence under ``key``."""
    return ui.Button(label=cut(language.say(key, **fields), MAX_LABEL), custom_id=str(action))


def alert_line(language: Language, alert: Alert, detail: Detail) -> str:
    """Return what an alert waits for, in a sentence."""
    words = safe(alert.words, detail.name)
    if alert.kind == "answer":
        return language.say("alerts.waits.answer", words=words)
    return language.say("alerts.waits.topic" if alert.side is None else "alerts.waits.across", words=words)


def _how_told(language: Language, alert: Alert) -> str:
    """Return where and how often an alert tells, in a sentence."""
    how = "prompt" if alert.is_prompt else "weekly"
    if alert.channel is None:
        return language.say(f"alerts.{how}")
    return language.say(f"alerts.{how}_in_channel", channel=f"<#{alert.channel}>")


def alert_added_answer(language: Language, alert: Alert, *, wanted_side: bool, n_now: int) -> Answer:
    """Return that an alert was entered.

    Args:
        language: of the person.
        alert: as it was entered.
        wanted_side: whether the other side alone was wanted; where no side is known, both are told of.
        n_now: episodes that speak of it already.
    """

    def build(detail: Detail) -> Answer:
        lines = [alert_line(language, alert, detail)]
        if wanted_side and alert.side is None:
            lines.append(language.say("alerts.no_side"))
        elif alert.side is not None:
            lines.append(language.say("alerts.side", stand=position_line(language, alert.side)))
        lines.append(_how_told(language, alert))
        if n_now:
            lines.append("-# " + language.count("alerts.now", n_now))
        return Answer(
            panel(
                GREEN,
                "\n".join(lines),
                row(news_button(language, "alerts.off", NewsAction("off", alert.id))),
            )
        )

    return fitted(build)


def answer_alert_added_answer(language: Language, alert: Alert, *, judge: str | None, n_now: int) -> Answer:
    """Return that an alert for an answer was entered, and how well answers are known.

    Args:
        language: of the person.
        alert: as it was entered.
        judge: name of the language model that reads pairs, or None.
        n_now: episodes that seem to answer already.
    """

    def build(detail: Detail) -> Answer:
        how = language.say(
            "alerts.known_by_gate" if judge is None else "alerts.known_by_judge",
            judge=safe(judge or "", detail.name),
        )
        lines = [alert_line(language, alert, detail), language.say("alerts.weekly"), how]
        if n_now:
            lines.append("-# " + language.count("alerts.answered_now", n_now))
        return Answer(
            panel(
                GREEN,
                "\n".join(lines),
                row(news_button(language, "alerts.off", NewsAction("off", alert.id))),
            )
        )

    return fitted(build)


def alerts_answer(language: Language, own: Sequence[Alert], managed: Sequence[Alert] = ()) -> Answer:
    """Return alerts, each with a button that ends it.

    Args:
        language: of the person.
        own: those that tell the person.
        managed: those that tell channels, as far as the person may end them.
    """
    if not own and not managed:
        return Answer(panel(GREY, language.say("alerts.none")))
    alerts, n_more = [*own, *managed][:_MOST_LISTED], max(0, len(own) + len(managed) - _MOST_LISTED)

    def build(detail: Detail) -> Answer:
        lines = [
            f"**{number}** {alert_line(language, alert, detail)}\n-# {_how_told(language, alert)}"
            for number, alert in enumerate(alerts, 1)
        ]
        if n_more:
            lines.append(f"-# … +{n_more}")
        buttons = [
            news_button(language, "alerts.off_number", NewsAction("off", alert.id), number=str(number))
            for number, alert in enumerate(alerts, 1)
        ]
        rows = [row(*buttons[first : first + 5]) for first in range(0, len(buttons), 5)]
        return Answer(panel(GREY, f"## {language.say('alerts.heading')}", "\n".join(lines), *rows))

    return fitted(build)


def alert_gone_answer(language: Language, alert: Alert) -> Answer:
    """Return that an alert is off, which told the person or a channel."""

    def build(detail: Detail) -> Answer:
        gone = (
            language.say("alerts.gone")
            if alert.channel is None
            else language.say("alerts.gone_in_channel", channel=f"<#{alert.channel}>")
        )
        return Answer(panel(GREY, f"{gone}\n-# {alert_line(language, alert, detail)}"))

    return fitted(build)


def alerts_ended_answer(language: Language, channel: int, words: Sequence[str], stamp: str) -> Answer:
    """Return the message to who set alerts for a channel that cannot be told any more."""

    def build(detail: Detail) -> Answer:
        topics = ", ".join(f"“{safe(topic, detail.name)}”" for topic in words[: detail.items])
        return Answer(
            panel(
                GREY,
                language.say("alerts.channel_lost", channel=f"<#{channel}>", topics=topics),
                row(news_button(language, "alerts.list", NewsAction("list", 0, stamp))),
            )
        )

    return fitted(build)


def digest_answer(
    language: Language, digest: Digest, *, missing: Sequence[str] = (), left_out: Sequence[str] = ()
) -> Answer:
    """Return how the server's digest is set.

    Args:
        language: of the moderator.
        digest: of the server.
        missing: names of permissions that the bot lacks in its channel.
        left_out: topics that were named beyond as many as a digest has.
    """

    def build(detail: Detail) -> Answer:
        def listed(named: Sequence[str]) -> str:
            return ", ".join(f"*{safe(topic, detail.name)}*" for topic in named)

        topics = listed(digest.topics)
        about = language.say("digest.topics", topics=topics) if topics else language.say("digest.all")
        last = digest.sent_at or digest.begun_at
        following = discord.utils.format_dt(last + A_WEEK, "D")
        return Answer(
            panel(
                RED if missing else GREEN,
                language.say("digest.set", channel=f"<#{digest.channel}>", next=following),
                about,
                "⚠ " + language.say("digest.left_out", topics=listed(left_out)) if left_out else None,
                "⚠ " + language.say("digest.missing", permissions=", ".join(missing)) if missing else None,
                row(news_button(language, "digest.off", NewsAction("digest", 0))),
            )
        )

    return fitted(build)


def digest_ended_answer(language: Language) -> Answer:
    """Return that the server has no digest any more."""
    return Answer(panel(GREY, language.say("digest.ended")))
