"""What moderators see of followed sources, and what a channel sees of a new episode."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.app.community.follow_tables import Breaker, Follow, FollowCounts
from bot.app.community.outbox import OutMessage
from bot.app.first_look import Begun
from bot.app.one_line import one_line
from bot.app.service import EpisodeCard
from bot.discord.errors import error_text
from bot.discord.ui.components import EpisodeAction
from bot.discord.ui.limits import MAX_CHOICE, MAX_OPTIONS, MAX_PLACEHOLDER, Detail, cut, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import (
    Answer,
    Picture,
    button,
    byline,
    card_button,
    colour_at,
    gallery,
    link_button,
    panel,
    position_line,
    recording,
    row,
    sparkline,
    title,
)
from bot.i18n.language import Language
from bot.render.first_look_text import first_look_text
from bot.render.theme import GREEN, GREY, RED
from index.library.sources import Listed
from scoring.errors import CodedError


@dataclass(frozen=True, slots=True)
class FollowAction:
    """The action of the menu under ``/admin follows``: end a following."""

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"w:unfollow")

    def __str__(self) -> str:
        return "w:unfollow"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        del match
        return cls()


def followed_answer(
    language: Language,
    begun: Begun,
    server: int | None,
    missing: Sequence[str],
    *,
    is_transcribing: bool,
    near: str | None,
) -> Answer:
    """Return that something is followed from now on, or announced here as well.

    Args:
        language: of the moderator.
        begun: what is followed.
        server: that follows it.
        missing: permissions that the bot lacks in the channel.
        is_transcribing: whether recordings without a text are turned into text here.
        near: a source of the library that the show that was named, a new one, may be misspelt from, or None.
    """
    follow, is_first = begun.follow, begun.joined == "begun"
    follower = follow.follower(server)
    channel = None if follower is None else follower.channel

    def build(detail: Detail) -> Answer:
        address = safe(follow.address, detail.link + 40)
        is_unread = is_first and follow.problem is not None
        said = f"following.begun.{'unread' if is_unread else follow.kind}"
        lines = [language.say(said if is_first else f"following.{begun.joined}", address=address)]
        if is_first:
            lines += first_look_text(
                begun, language.say, lambda text: safe(text, detail.name), is_transcribing=is_transcribing
            )
        if is_unread:
            again = discord.utils.format_dt(follow.next_look_at, "R")
            lines.append(language.say("following.again", again=again))
        elif is_first and begun.listing is None:
            lines.append(language.say("following.looked_at_soon"))
        if follow.source is not None:
            source = safe(follow.source, detail.name)
            lines.insert(1, language.say("following.source", source=source))
            if near is not None:
                near_name = safe(near, detail.name)
                lines.insert(
                    2, "-# ⚠ " + language.say("following.source_near", source=source, near=near_name)
                )
        if channel is None:
            lines.append(language.say("following.no_channel"))
        else:
            lines.append(language.say("following.channel", channel=f"<#{channel}>"))
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            lines.append("⚠ " + language.say("following.missing", permissions=names))
        return Answer(panel(RED if missing or is_unread else GREEN, "\n".join(lines)))

    return fitted(build)


def unfollowed_answer(language: Language, follow: Follow, *, is_gone: bool) -> Answer:
    """Return that something is followed no longer, or by others alone."""
    said = "following.ended" if is_gone else "following.left"
    return fitted(
        lambda detail: Answer(
            panel(GREY, language.say(said, name=safe(follow.title or follow.address, detail.name)))
        )
    )


def follows_answer(
    language: Language,
    follows: Sequence[tuple[Follow, FollowCounts]],
    problems: Mapping[int, Sequence[tuple[Listed, CodedError]]],
    breakers: Sequence[Breaker],
    troubles: Sequence[tuple[OutMessage, str]],
    *,
    server: int | None,
) -> Answer:
    """Return followed sources, their episodes counted, with what went wrong, and a menu of those of the server's own.

    Args:
        language: of the moderator.
        follows: in the order in which the followings began.
        problems: by source, episodes without a text.
        breakers: machines that are left alone for now.
        troubles: messages to channels of the server that could not be sent, and why.
        server: that asks.
    """
    if not follows and not troubles:
        return Answer(panel(GREY, language.say("following.none")))

    def build(detail: Detail) -> Answer:
        most = 4 * detail.items
        lines = [_line(language, follow, counts, detail, server=server) for follow, counts in follows[:most]]
        if len(follows) > most:
            lines.append(f"-# … +{len(follows) - most}")
        textless = [
            f"- {safe(listed.title, detail.name)}: {error_text(language, error, detail.name)}"
            for found in problems.values()
            for listed, error in found[: max(1, detail.items // 2)]
        ][: detail.items]
        waiting = [
            language.say(
                "following.left_alone",
                place=safe(breaker.place, detail.name),
                until=discord.utils.format_dt(breaker.until),
            )
            + f" {error_text(language, breaker.problem, detail.name)}"
            for breaker in breakers[: detail.items]
        ]
        unsent = [
            language.say(
                f"following.unsent.{message.state}", place=f"<#{message.goal_id}>", problem=safe(problem, 60)
            )
            for message, problem in troubles[: detail.items]
        ]
        return Answer(
            panel(
                RED if waiting or unsent or any(follow.problem for follow, _ in follows) else GREEN,
                f"## {language.say('following.heading')}",
                "\n".join(lines) or language.say("following.none"),
                "\n".join(waiting) or None,
                f"**{language.say('following.textless')}**\n" + "\n".join(textless) if textless else None,
                "\n".join(unsent) or None,
                _menu(language, [follow for follow, _ in follows if follow.follower(server)], detail),
            )
        )

    return fitted(build)


def announcement(language: Language, card: EpisodeCard, picture: Picture | None) -> Answer:
    """Return what a channel is told of a new episode: its card in short."""
    return fitted(lambda detail: _announcement(language, card, detail, picture))


def announcement_marker(slug: str) -> str:
    """Return the custom_id by which the announcement of an episode is found again; a digest has no such button."""
    return str(EpisodeAction(slug, "picks"))


def _announcement(language: Language, card: EpisodeCard, detail: Detail, picture: Picture | None) -> Answer:
    episode = card.episode
    about, profile = episode.about, episode.profile
    arc = sparkline(profile.arc)
    people = ", ".join(safe(name, detail.name) for name in about.guests[: detail.items])
    why = about.why_it_matters or about.summary
    return Answer(
        f"-# {language.say('following.new')}",
        panel(
            colour_at(language, profile.headline),
            ui.Section[Answer](
                f"## {title(episode, detail)}\n"
                + byline(language, episode, detail, *([people] if people else [])),
                accessory=card_button(language, episode),
            ),
            position_line(language, profile.headline) + (f" `{arc}`" if arc else ""),
            safe(why, detail.prose // 2) if why else None,
            gallery(picture),
            row(
                button(language.say("button.counterbalance"), EpisodeAction(episode.slug, "picks")),
                button(language.say("button.related"), EpisodeAction(episode.slug, "kin")),
                link_button(language.say("button.recording"), recording(episode)),
            ),
        ),
        picture=picture,
    )


def _line(
    language: Language,
    follow: Follow,
    counts: FollowCounts,
    detail: Detail,
    *,
    server: int | None,
) -> str:
    name = safe(follow.title or follow.address, detail.name)
    own = follow.follower(server)
    follower = own or follow.follower(None)
    channel = None if follower is None else follower.channel
    where = f" → <#{channel}>" if channel is not None else ""
    counted = language.say(
        "following.counts", done=counts.done, waiting=counts.waiting, textless=counts.no_text + counts.failed
    )
    looked = language.say(
        f"following.looked.{follow.standing}",
        at="" if follow.looked_at is None else discord.utils.format_dt(follow.looked_at, "R"),
        again=discord.utils.format_dt(follow.next_look_at, "R"),
    )
    lines = [f"**{follow.id}** {name}{where}", f"-# {counted} · {looked}"]
    if own is None:
        lines.append(f"-# {language.say('following.from_terminal')}")
    if follow.problem is not None:
        lines.append(f"-# ⚠ {error_text(language, follow.problem, detail.name)}")
    return "\n".join(lines)


def _menu(language: Language, follows: Sequence[Follow], detail: Detail) -> ui.ActionRow[Any] | None:
    if not follows:
        return None
    options = [
        discord.SelectOption(
            label=cut(
                one_line(f"{follow.id} · {follow.title or follow.address}"), min(MAX_CHOICE, detail.name)
            ),
            value=str(follow.id),
        )
        for follow in follows[: min(MAX_OPTIONS, 5 * detail.items)]
    ]
    placeholder = cut(language.say("following.choose"), MAX_PLACEHOLDER)
    return ui.ActionRow(ui.Select(custom_id=str(FollowAction()), placeholder=placeholder, options=options))
