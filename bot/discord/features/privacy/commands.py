"""The commands ``/privacy`` and ``/forget-me``."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app.community import QUESTIONS_KEPT_FOR
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
    gone, language = await forget(request.context.community, request.person), request.language
    lines = _lines(language, gone, "privacy.gone")
    deleted = "\n".join((language.say("privacy.deleted"), *lines)) if lines else None
    return Answer(panel(GREEN, language.say("privacy.forgotten"), deleted))


def privacy_answer(language: Language, kept: Kept) -> Answer:
    """Return what is kept of a person, what is kept without their name, and how long."""
    lines = _lines(language, kept, "privacy")
    return Answer(
        panel(
            GREY,
            f"## {language.say('privacy.heading')}",
            "\n".join(lines) if lines else language.say("privacy.nothing"),
            language.say("privacy.without_name", days=QUESTIONS_KEPT_FOR.days),
            f"-# {language.say('privacy.how')}",
        )
    )


def _lines(language: Language, kept: Kept, key: str) -> list[str]:
    """Return a line for each kind of thing that there is, in the words under ``key``."""
    counted = {
        "votes": kept.n_votes,
        "alerts": kept.n_alerts,
        "channel_alerts": kept.n_channel_alerts,
        "messages": kept.n_messages,
        "jobs": kept.n_jobs,
    }
    return [f"- {language.count(f'{key}.{kind}', n)}" for kind, n in counted.items() if n]
