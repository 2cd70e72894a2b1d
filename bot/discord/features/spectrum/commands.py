"""The command ``/spectrum``, its button, and how it is answered."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands, ui

from bot.app.input_validation import (
    QuestionForgotten,
    checked_query,
    is_servers_choice,
    resolve_source,
)
from bot.discord.command_declaration import AnyCommand, command, for_everybody, source_choices
from bot.discord.context import Context, Interaction
from bot.discord.features.spectrum.rendering import spectrum_answer
from bot.discord.pipeline import Request, answer
from bot.discord.ui.components import PersistentComponent, SpectrumAction
from bot.discord.ui.parts import Answer

KIND = "spectrum"
"""Of stored questions."""


@dataclass(frozen=True, slots=True)
class SpectrumQuestion:
    """The question of ``/spectrum`` and its button: of one ``source`` and on one ``topic`` where they are given.

    ``is_usual`` is True if the source is the server's usual one, which the asker did not name.
    """

    source: str | None = None
    topic: str | None = None
    is_usual: bool = False

    def payload(self) -> dict[str, str | bool]:
        """Return what is stored: the fields that say something."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value}


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the command ``/spectrum``."""

    @app_commands.autocomplete(source=source_choices)
    async def spectrum_typed(
        interaction: Interaction, source: str | None = None, topic: str | None = None
    ) -> None:
        async def handler(request: Request) -> Answer:
            wanted = await resolve_source(request.context.answerer, source, await request.default_source())
            question = SpectrumQuestion(
                wanted,
                None if topic is None else checked_query(topic),
                is_usual=is_servers_choice(source, wanted),
            )
            return await spectrum(request, question)

        await answer(interaction, handler)

    return for_everybody([command(context.catalogue, "spectrum", spectrum_typed, ("source", "topic"))])


async def spectrum(request: Request, question: SpectrumQuestion) -> Answer:
    """Answer with what the library covers, and the wings that it lacks."""
    context = request.context
    key = await context.community.keep(KIND, question.payload())
    coverage = await context.answerer.coverage(source=question.source, topic=question.topic)
    picture = await context.pictures.map(request.language, coverage)
    return spectrum_answer(
        request.language,
        coverage,
        key,
        is_usual=question.is_usual,
        is_public=request.is_public,
        picture=picture,
    )


class SpectrumButton(
    PersistentComponent[ui.Button[Any], SpectrumAction],
    template=SpectrumAction.PATTERN,
    parse=SpectrumAction.parse,
):
    """A button about a stored look over the library."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Look again, as the button says."""
        action = self.action

        async def handler(request: Request) -> Answer:
            kept = await request.context.community.kept(KIND, action.key)
            if kept is None:
                raise QuestionForgotten
            is_usual = bool(kept.get("is_usual"))
            return await spectrum(
                request, SpectrumQuestion(kept.get("source"), kept.get("topic"), is_usual=is_usual)
            )

        await answer(interaction, handler, where="public" if action.verb == "share" else "private")


COMPONENTS = (SpectrumButton,)
"""Every kind of component about looks over the library."""
