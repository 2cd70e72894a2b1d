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
from index.search.person_card import PersonCard, PersonEpisode, share_said


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
    if not card.appearances:
        return Answer(heading, language.say("person.nothing"))
    facts = (
        language.count("count.episodes", len(card.appearances)),
        _slices(language, card.n_slices, card.n_own),
        ", ".join(f"{language.lens(lens)} {n}" for lens, n in card.lenses),
    )
    stands = None if card.position is None else position_line(language, card.position)
    shown = card.appearances[: detail.items]
    more = len(card.appearances) - len(shown)
    return Answer(
        "\n".join(filter(None, (heading, stands, "-# " + " · ".join(filter(None, facts))))),
        language.say("person.never_most") if stands is None else trend_sentence(language, card),
        *(_appearance(language, appearance, card.name, detail) for appearance in shown),
        "-# " + language.count("count.more_episodes", more) if more else None,
    )


def _slices(language: Language, n_slices: int, n_own: int) -> str:
    """Return in how many slices somebody speaks, and of which of them the position is, where it is not of all."""
    spoken = language.count("person.speaks", n_slices)
    if n_own == n_slices:
        return spoken
    own = language.count("person.position_of", n_own) if n_own else language.say("person.most_of_none")
    return f"{spoken}; {own}"


def _appearance(language: Language, appearance: PersonEpisode, name: str, detail: Detail) -> Panel:
    position = appearance.position
    stands = None if position is None else position_line(language, position)
    slices = f"-# {_slices(language, len(appearance.slices), len(appearance.own))}"
    return panel(
        None if position is None else colour_at(language, position),
        ui.Section[Answer](
            f"### {title(appearance.episode, detail)}\n{byline(language, appearance.episode, detail)}",
            accessory=card_button(language, appearance.episode),
        ),
        slices if stands is None else f"{stands}\n{slices}",
        _quote(language, appearance, name, detail),
    )


def _quote(language: Language, appearance: PersonEpisode, name: str, detail: Detail) -> str:
    """Return words of the person, with the position of the slice only where they say most of it."""
    own = {record.id for record in appearance.own}
    passage = appearance.on_topic
    if passage is not None:
        is_own = passage.slices[passage.best].id in own
        return passage_quote(language, passage, detail, with_position=is_own)
    if appearance.own:
        farthest = max(appearance.own, key=lambda record: abs(record.reading.position))
        return slice_quote(language, appearance.episode, farthest, detail, speaker=name)
    fullest = max(appearance.slices, key=lambda record: share_said(record.piece, name))
    return slice_quote(language, appearance.episode, fullest, detail, speaker=name, with_position=False)
