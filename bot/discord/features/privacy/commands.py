"""The commands ``/privacy`` and ``/forget-me``."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app.community import KEPT_FOR
from bot.app.personal_data import Kept, forget, kept_of
from bot.discord.command_declaration import AnyCommand, command, for_everybody
from bot.discord.context import Context, Interaction
from bot.discord.pipeline import Request, answer
from bot.discord.ui.parts import Answer, panel
from bot.i18n.language import Language
from bot.render.theme import GREEN, GREY


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the two commands."""

    async def privacy_typed(interaction: Interaction) -> None:
        await answer(interaction, privacy, where="private")

    async def forget_typed(interaction: Interaction) -> None:
        await answer(interaction, forget_me, where="private")

    return for_everybody(
        [
            command(context.catalogue, "privacy", privacy_typed, ()),
            command(context.catalogue, "forget_me", forget_typed, ()),
        ]
    )


async def privacy(request: Request) -> Answer:
    """Show what is kept of the asker."""
    return privacy_answer(request.language, await kept_of(request.context.community, request.person))


async def forget_me(request: Request) -> Answer:
    """Delete all that is kept of the asker, at once."""
    gone = await forget(request.context.community, request.person)
    return Answer(
        panel(
            GREEN,
            request.language.say("privacy.forgotten"),
            "\n".join(_lines(request.language, gone)) or f"-# {request.language.say('privacy.nothing')}",
        )
    )


def privacy_answer(language: Language, kept: Kept) -> Answer:
    """Return what is kept of a person, what is kept without their name, and how long."""
    lines = _lines(language, kept)
    return Answer(
        panel(
            GREY,
            f"## {language.say('privacy.heading')}",
            "\n".join(lines) if lines else language.say("privacy.nothing"),
            language.say("privacy.without_name", days=KEPT_FOR.days),
            f"-# {language.say('privacy.how')}",
        )
    )


def _lines(language: Language, kept: Kept) -> list[str]:
    counted = {
        "privacy.votes": kept.n_votes,
        "privacy.alerts": kept.n_alerts,
        "privacy.messages": kept.n_messages,
        "privacy.jobs": kept.n_jobs,
    }
    return [f"- {language.count(key, n)}" for key, n in counted.items() if n]
