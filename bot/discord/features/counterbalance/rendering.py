"""Answers to ``/counterbalance`` and ``/related``."""

from collections.abc import Sequence

from discord import ui

from bot.discord.ui.components import EpisodeAction
from bot.discord.ui.limits import Detail, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import (
    Answer,
    Panel,
    Picture,
    answered_button,
    button,
    byline,
    card_button,
    colour_at,
    gallery,
    gauge,
    pair_button,
    panel,
    position_line,
    row,
    share_button,
    slice_quote,
    sparkline,
    title,
)
from bot.i18n.language import Language
from bot.i18n.message_catalogue import shown_difference
from bot.render.text import outcome_text, term_text
from index.search.related import Counterbalance, Related
from index.storage.records import EpisodeRecord

_MOST_PICKS = 3
"""Eleven components each, of the 40 that a message may have."""

_MOST_SHARED = 4


def counterbalance_answer(
    language: Language, answer: Counterbalance, *, is_public: bool, picture: Picture | None = None
) -> Answer:
    """Return the picks, each with the question and the two passages of its crux, if any; ``picture`` shows all."""
    return fitted(lambda detail: _counterbalance(language, answer, detail, picture, is_public=is_public))


def related_answer(
    language: Language, episode: EpisodeRecord, others: Sequence[Related], *, is_public: bool
) -> Answer:
    """Return episodes akin to ``episode``, each with its arc."""
    return fitted(lambda detail: _related(language, episode, others, detail, is_public=is_public))


def _counterbalance(
    language: Language, answer: Counterbalance, detail: Detail, picture: Picture | None, *, is_public: bool
) -> Answer:
    episode = answer.episode
    arc = sparkline(episode.profile.arc)
    n_picks = min(max(1, detail.items), _MOST_PICKS, len(answer.picks))
    head = [
        f"## {language.say('counterbalance.title', title=title(episode, detail))}",
        position_line(language, answer.standing.position) + (f" `{arc}`" if arc else ""),
        outcome_text(answer, language.say, safe(answer.judge or "", detail.name)),
    ]
    share = EpisodeAction(episode.slug, "picks", "mine" if is_public else "share")
    return Answer(
        "\n".join(head),
        gallery(picture),
        *(_pick(language, answer, number, detail) for number in range(1, n_picks + 1)),
        row(
            card_button(language, episode),
            button(language.say("button.related"), EpisodeAction(episode.slug, "kin")),
            share_button(language, share, is_public=is_public),
        ),
        picture=picture,
    )


def _pick(language: Language, answer: Counterbalance, number: int, detail: Detail) -> Panel:
    opposed = answer.picks[number - 1]
    episode, pick = opposed.episode, opposed.pick
    here, there = answer.standing.position, opposed.standing.position
    small = [
        language.say("card.lens", lens=language.lens(pick.candidate.lens)),
        language.say("counterbalance.topic", topic=pick.candidate.topic),
    ]
    arc = sparkline(episode.profile.arc)
    band = language.band(language.axis.band_of(there))
    positions = language.say(
        "counterbalance.positions", here=here, there=there, difference=shown_difference(here, there)
    )
    lines = [
        f"`{gauge(there, here)}` {band}" + (f" `{arc}`" if arc else ""),
        *([positions] if answer.standing_of_near != "any" else []),
        "-# " + " · ".join(small),
    ]
    if opposed.shared:
        shared = ", ".join(safe(term_text(term), detail.name) for term in opposed.shared[: detail.items])
        lines.append("-# " + language.say("counterbalance.shared", shared=shared))
    return panel(
        colour_at(language, there),
        ui.Section[Answer](
            f"### {number}. {title(episode, detail)}\n{byline(language, episode, detail)}",
            accessory=card_button(language, episode),
        ),
        "\n".join(lines),
        *_pair(language, answer, number, detail),
        row(pair_button(language, answer, opposed), answered_button(language, opposed)),
    )


def _pair(language: Language, answer: Counterbalance, number: int, detail: Detail) -> tuple[str, ...]:
    """Return the question and the two passages of a pick's crux."""
    opposed = answer.picks[number - 1]
    crux = opposed.crux
    if crux is None:
        return ()
    here = slice_quote(language, answer.episode, crux.here, detail)
    there = slice_quote(language, opposed.episode, crux.there, detail)
    return (
        language.say("counterbalance.question", question=safe(crux.question, detail.name)),
        f"**{language.say('counterbalance.here')}**\n{here}",
        f"**{language.say('counterbalance.there')}**\n{there}",
    )


def _related(
    language: Language, episode: EpisodeRecord, others: Sequence[Related], detail: Detail, *, is_public: bool
) -> Answer:
    head = f"## {language.say('related.title', title=title(episode, detail))}"
    if not others:
        head += "\n" + language.say("related.none")
    share = EpisodeAction(episode.slug, "kin", "mine" if is_public else "share")
    return Answer(
        head,
        *(_related_episode(language, other, detail) for other in others[: detail.items]),
        row(
            card_button(language, episode),
            button(language.say("button.counterbalance"), EpisodeAction(episode.slug, "picks")),
            share_button(language, share, is_public=is_public),
        ),
    )


def _related_episode(language: Language, related: Related, detail: Detail) -> Panel:
    episode, profile = related.episode, related.episode.profile
    shared = ", ".join(safe(term_text(term), detail.name) for term in related.shared[:_MOST_SHARED])
    reasons = [
        language.say("related.same_shelf") if related.same_shelf else "",
        language.say("related.called", title=safe(related.title, detail.name)) if related.title else "",
        language.say("related.same_source") if related.same_source else "",
        language.say("related.shared", shared=shared) if shared else "",
    ]
    trail = (
        f"`{sparkline(profile.arc)}`\n-# "
        + language.count("related.trail", profile.n_slices, median=profile.median, mean=profile.mean)
        if profile.n_slices
        else "-# " + language.say("evidence.metadata_only")
    )
    why = " · ".join(reason for reason in reasons if reason)
    return panel(
        colour_at(language, profile.headline),
        ui.Section[Answer](
            f"### {title(episode, detail)}\n"
            + byline(language, episode, detail, language.lens(profile.lens)),
            accessory=card_button(language, episode),
        ),
        f"{position_line(language, profile.headline)}\n{trail}",
        f"-# {why}" if why else None,
    )
