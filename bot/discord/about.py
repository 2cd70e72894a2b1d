"""What ``/about`` knows: the edition that answers, and how well its positions were found to hold."""

import asyncio
import tomllib
from pathlib import Path

from bot.discord.context import Context
from bot.discord.language import Speech
from bot.discord.pipeline import Make
from bot.discord.rendering.about import Agreement, about_answer
from bot.discord.rendering.parts import Answer
from index.errors import EditionMissing

AGREEMENT_FILE = "agreement.toml"
"""In the axis's folder: ``n_passages``, ``spearman`` and ``macro_f1``, as ``counterpoint evaluate`` measured them."""


def about(context: Context) -> Make:
    """What this bot is, and how far it can be trusted."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        del is_public
        try:
            facts = await context.answerer.facts()
        except EditionMissing:
            facts = None
        agreement = await asyncio.to_thread(read_agreement, context.settings.axis_folder)
        return about_answer(speech, facts, agreement)

    return make


def read_agreement(axis_folder: Path) -> Agreement | None:
    """What was measured for an axis; None where nothing was, or where the file does not say it."""
    try:
        data = tomllib.loads((axis_folder / AGREEMENT_FILE).read_text(encoding="utf-8"))
        return Agreement(int(data["n_passages"]), float(data["spearman"]), float(data["macro_f1"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
