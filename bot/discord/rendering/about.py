"""The answer to ``/about``: what positions mean, how they are made, how far they hold, what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord.gauge import gauge
from bot.discord.language import Speech
from bot.discord.limits import fitted
from bot.discord.rendering.parts import Answer, panel
from index.storage.records import EditionFacts

_EXAMPLES: Sequence[float] = (-45.0, 0.0, 45.0)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well positions agree with passages that people labelled.

    Attributes:
        n_passages: how many were labelled.
        spearman: rank correlation of positions with the labels, -1 to 1.
        macro_f1: of the bands, 0 to 1.
    """

    n_passages: int
    spearman: float
    macro_f1: float


def about_answer(speech: Speech, facts: EditionFacts | None, agreement: Agreement | None) -> Answer:
    """What this bot is. ``facts`` is None where nothing is indexed yet, ``agreement`` where none was measured."""
    axis = speech.axis
    track = "\n".join(f"`{gauge(position)}` {speech.band(axis.band_of(position))}" for position in _EXAMPLES)
    measured = (
        speech.say("about.not_measured")
        if agreement is None
        else speech.say(
            "about.measured",
            n=agreement.n_passages,
            spearman=agreement.spearman,
            macro_f1=agreement.macro_f1,
        )
    )
    library = (
        speech.say("about.no_library")
        if facts is None
        else speech.say(
            "about.library",
            episodes=facts.n_episodes,
            slices=facts.n_slices,
            words=facts.n_words,
            model=facts.model,
        )
    )
    return fitted(
        lambda _: Answer(
            f"## Counterpoint\n{speech.say('about.purpose')}",
            panel(
                None,
                f"### {speech.say('about.positions_title')}\n{speech.say('about.positions')}\n{track}",
                f"### {speech.say('about.made_title')}\n{speech.say('about.made')}",
                f"### {speech.say('about.trust_title')}\n{measured}\n{speech.say('about.trust')}",
                f"### {speech.say('about.stored_title')}\n{speech.say('about.stored')}",
            ),
            f"-# {library}",
        )
    )
