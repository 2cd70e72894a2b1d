"""The command ``/about``: what it knows, and how it says it."""

import asyncio
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.discord.command_declaration import AnyCommand, command, for_everybody
from bot.discord.context import Context, Interaction
from bot.discord.pipeline import Request, answer
from bot.discord.ui.limits import fitted
from bot.discord.ui.parts import Answer, gauge, panel
from bot.i18n.language import Language
from index.errors import EditionMissing
from index.storage.records import EditionFacts

AGREEMENT_FILE = "agreement.toml"
"""In the axis's folder: ``n_passages``, ``spearman`` and ``macro_f1``, as ``counterpoint evaluate`` measured them."""

_EXAMPLES: Sequence[float] = (-45.0, 0.0, 45.0)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of positions with passages that people labelled.

    Attributes:
        n_passages: how many were labelled.
        spearman: rank correlation of positions with the labels, -1 to 1.
        macro_f1: of the bands, 0 to 1.
    """

    n_passages: int
    spearman: float
    macro_f1: float


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the command ``/about``."""

    async def about_typed(interaction: Interaction) -> None:
        await answer(interaction, about)

    return for_everybody([command(context.catalogue, "about", about_typed, ())])


async def about(request: Request) -> Answer:
    """Answer with what this bot is, and how far it can be trusted."""
    try:
        facts = await request.context.answerer.facts()
    except EditionMissing:
        facts = None
    agreement = await asyncio.to_thread(read_agreement, request.context.settings.axis_folder)
    return about_answer(request.language, facts, agreement)


def read_agreement(axis_folder: Path) -> Agreement | None:
    """Return what was measured for an axis; None where nothing was, or the file does not say it."""
    try:
        data = tomllib.loads((axis_folder / AGREEMENT_FILE).read_text(encoding="utf-8"))
        return Agreement(int(data["n_passages"]), float(data["spearman"]), float(data["macro_f1"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def about_answer(language: Language, facts: EditionFacts | None, agreement: Agreement | None) -> Answer:
    """Return what this bot is. ``facts`` is None where nothing is indexed, ``agreement`` where none was measured."""
    axis = language.axis
    examples = "\n".join(
        f"`{gauge(position)}` {language.band(axis.band_of(position))}" for position in _EXAMPLES
    )
    measured = (
        language.say("about.not_measured")
        if agreement is None
        else language.say(
            "about.measured",
            n=agreement.n_passages,
            spearman=agreement.spearman,
            macro_f1=agreement.macro_f1,
        )
    )
    library = (
        language.say("about.no_library")
        if facts is None
        else language.say(
            "about.library",
            episodes=facts.n_episodes,
            slices=facts.n_slices,
            words=facts.n_words,
            model=facts.model,
        )
    )
    return fitted(
        lambda _: Answer(
            f"## Counterpoint\n{language.say('about.purpose')}",
            panel(
                None,
                f"### {language.say('about.positions_title')}\n{language.say('about.positions')}\n{examples}",
                f"### {language.say('about.made_title')}\n{language.say('about.made')}",
                f"### {language.say('about.trust_title')}\n{measured}\n{language.say('about.trust')}",
                f"### {language.say('about.stored_title')}\n{language.say('about.stored')}",
            ),
            f"-# {library}",
        )
    )
