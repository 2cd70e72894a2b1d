"""The command ``/person``, and its answer."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands, ui

from bot.app.input_validation import checked_query, named_speaker
from bot.discord.command_declaration import AnyCommand, command, for_everybody, speaker_choices
from bot.discord.context import Context, Interaction
from bot.discord.pipeline import Request, answer
from bot.discord.ui.limits import Detail, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import (
    Answer,
    Panel,
    byline,
    card_button,
    colour_at,
    panel,
    passage_quote,
    position_line,
    slice_quote,
    title,
)
from bot.i18n.language import Language
from index.search.person_card import PersonCard, PersonEpisode


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the command ``/person``."""

    @app_commands.autocomplete(name=speaker_choices)
    async def person_typed(interaction: Interaction, name: str, topic: str | None = None) -> None:
        await answer(interaction, lambda request: person(request, name, topic))

    return for_everybody([command(context.catalogue, "person", person_typed, ("name", "topic"))])


async def person(request: Request, name: str, topic: str | None) -> Answer:
    """Answer with what a person says, on a topic if it is given.

    Raises:
        SpeakerUnknown, SpeakerIsSource, SpeakerAmbiguous: nobody of that name speaks, or several do.
        QuestionRefused: the topic cannot be looked for.
    """
    answerer = request.context.answerer
    chosen = await named_speaker(answerer, name.strip())
    card = await answerer.person(chosen, topic=None if topic is None else checked_query(topic))
    return person_answer(request.language, card)


def person_answer(language: Language, card: PersonCard) -> Answer:
    """Return a person's episodes, newest first, each with a passage: on the topic, or the one farthest out."""
    return fitted(lambda detail: _person(language, card, detail))


def trend_sentence(language: Language, card: PersonCard) -> str:
    """Return whether the person's positions moved, or that there is too little to say so."""
    trend = card.trend
    if trend.outcome == "too few":
        return language.count("person.too_few", trend.n)
    if trend.outcome == "no move":
        return language.count("person.no_move", trend.n)
    return language.count("person.moved", trend.n, change=trend.change)


def _person(language: Language, card: PersonCard, detail: Detail) -> Answer:
    heading = f"## {safe(card.name, detail.name)}"
    if card.topic:
        heading += "\n" + language.say("person.on", topic=safe(card.topic, detail.name))
    if card.position is None:
        return Answer(heading, language.say("person.nothing"))
    lenses = ", ".join(f"{language.lens(lens)} {n}" for lens, n in card.lenses)
    episodes = language.count("count.episodes", len(card.appearances))
    slices = language.count("count.slices", card.n_slices)
    shown = card.appearances[: detail.items]
    more = len(card.appearances) - len(shown)
    return Answer(
        "\n".join((heading, position_line(language, card.position), f"-# {episodes} · {slices} · {lenses}")),
        trend_sentence(language, card),
        *(_appearance(language, appearance, detail) for appearance in shown),
        "-# " + language.count("count.more_episodes", more) if more else None,
    )


def _appearance(language: Language, appearance: PersonEpisode, detail: Detail) -> Panel:
    if appearance.on_topic is None:
        farthest = max(appearance.slices, key=lambda record: abs(record.reading.position))
        quote = slice_quote(language, appearance.episode, farthest, detail, speaker=farthest.piece.speaker)
    else:
        quote = passage_quote(language, appearance.on_topic, detail)
    return panel(
        colour_at(language, appearance.position),
        ui.Section[Answer](
            f"### {title(appearance.episode, detail)}\n{byline(language, appearance.episode, detail)}",
            accessory=card_button(language, appearance.episode),
        ),
        f"{position_line(language, appearance.position)}\n-# {language.count('count.slices', len(appearance.slices))}",
        quote,
    )
