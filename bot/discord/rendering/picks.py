"""Answers to ``/counterbalance`` and ``/related``: who stands on the other side, and who talks of the same."""

from collections.abc import Sequence

from discord import ui

from bot.discord.custom_ids import EpisodePress
from bot.discord.gauge import gauge, sparkline
from bot.discord.language import Speech
from bot.discord.limits import Detail, fitted
from bot.discord.markup import shown
from bot.discord.pictures import Picture
from bot.discord.rendering.parts import (
    Answer,
    Panel,
    button,
    byline,
    card_button,
    colour_of,
    gallery,
    panel,
    row,
    share_button,
    spoken,
    title,
)
from bot.i18n.catalogue import signed
from index.search.related import Counterbalance, Related
from index.storage.records import EpisodeRecord

_MOST_PICKS = 4
"""Seven components each, of the 40 that a message may have."""


def picks_answer(
    speech: Speech, answer: Counterbalance, *, is_public: bool, picture: Picture | None = None
) -> Answer:
    """The picks of the mirror rule, each with the two passages that disagree most; ``picture`` shows them all."""
    return fitted(lambda detail: _picks(speech, answer, detail, picture, is_public=is_public))


def kin_answer(
    speech: Speech, episode: EpisodeRecord, others: Sequence[Related], *, is_public: bool
) -> Answer:
    """Episodes akin to ``episode``, each with its trail."""
    return fitted(lambda detail: _kin(speech, episode, others, detail, is_public=is_public))


def _picks(
    speech: Speech, answer: Counterbalance, detail: Detail, picture: Picture | None, *, is_public: bool
) -> Answer:
    episode = answer.episode
    arc = sparkline(episode.profile.arc)
    least = 2 if answer.outcome == "wings" else 1  # one of each, as the sentence says
    head = [
        f"## {speech.say('counterbalance.title', title=title(episode, detail))}",
        speech.stand(answer.standing.position) + (f" `{arc}`" if arc else ""),
        speech.say("outcome." + answer.outcome.replace(" ", "_"), mirror=signed(answer.mirror)),
    ]
    if answer.outcome != "across":  # whose sentence has it
        head.append("-# " + speech.say("picture.mirror", mirror=answer.mirror))
    return Answer(
        "\n".join(head),
        gallery(picture),
        *(
            _pick(speech, answer, number, detail)
            for number in range(1, min(max(least, detail.items), _MOST_PICKS, len(answer.picks)) + 1)
        ),
        row(
            card_button(speech, episode),
            button(speech.say("button.related"), EpisodePress(episode.slug, "kin")),
            share_button(
                speech,
                EpisodePress(episode.slug, "picks", "mine" if is_public else "share"),
                is_public=is_public,
            ),
        ),
        picture=picture,
    )


def _pick(speech: Speech, answer: Counterbalance, number: int, detail: Detail) -> Panel:
    one = answer.picks[number - 1]
    here, there = answer.standing.position, one.standing.position
    small = [
        speech.say("relation." + one.pick.relation.replace(" ", "_")),
        speech.say("card.lens", lens=speech.lens(one.pick.candidate.lens)),
        speech.say("counterbalance.topic", topic=one.pick.candidate.topic),
    ]
    arc = sparkline(one.episode.profile.arc)
    lines = [
        f"`{gauge(there, here)}` {speech.band(speech.axis.band_of(there))}" + (f" `{arc}`" if arc else ""),
        speech.say("counterbalance.positions", here=here, there=there, difference=one.pick.difference),
        "-# " + " · ".join(small),
    ]
    if one.shared:
        shared = ", ".join(shown(term, detail.name) for term in one.shared[: detail.items])
        lines.append("-# " + speech.say("counterbalance.shared", shared=shared))
    return panel(
        colour_of(speech, there),
        ui.Section[Answer](
            f"### {number}. {title(one.episode, detail)}\n{byline(speech, one.episode, detail)}",
            accessory=card_button(speech, one.episode),
        ),
        "\n".join(lines),
        *_pair(speech, answer, number, detail),
    )


def _pair(speech: Speech, answer: Counterbalance, number: int, detail: Detail) -> tuple[str, ...]:
    """The two passages; the one from here is quoted once, and referred to where another pick has it again."""
    one = answer.picks[number - 1]
    if one.here is None or one.there is None:
        return ()
    before = [place for place, other in enumerate(answer.picks[: number - 1], 1) if other.here == one.here]
    here = (
        speech.say("counterbalance.here_again", number=before[0])
        if before
        else f"**{speech.say('counterbalance.here')}**\n{spoken(speech, answer.episode, one.here, detail)}"
    )
    return here, f"**{speech.say('counterbalance.there')}**\n{spoken(speech, one.episode, one.there, detail)}"


def _kin(
    speech: Speech, episode: EpisodeRecord, others: Sequence[Related], detail: Detail, *, is_public: bool
) -> Answer:
    head = f"## {speech.say('related.title', title=title(episode, detail))}"
    if not others:
        head += "\n" + speech.say("related.none")
    return Answer(
        head,
        *(_relative(speech, one, detail) for one in others[: detail.items]),
        row(
            card_button(speech, episode),
            button(speech.say("button.counterbalance"), EpisodePress(episode.slug, "picks")),
            share_button(
                speech,
                EpisodePress(episode.slug, "kin", "mine" if is_public else "share"),
                is_public=is_public,
            ),
        ),
    )


def _relative(speech: Speech, one: Related, detail: Detail) -> Panel:
    profile = one.episode.profile
    why = [
        speech.say("related.same_shelf") if one.same_shelf else "",
        speech.say("related.same_source") if one.same_source else "",
        speech.say("related.shared", shared=", ".join(shown(term, detail.name) for term in one.shared[:4]))
        if one.shared
        else "",
    ]
    trail = (
        f"`{sparkline(profile.arc)}`\n-# "
        + speech.count("related.trail", profile.n_slices, median=profile.median, mean=profile.mean)
        if profile.n_slices
        else "-# " + speech.say("evidence.metadata_only")
    )
    reasons = " · ".join(part for part in why if part)
    return panel(
        colour_of(speech, profile.headline),
        ui.Section[Answer](
            f"### {title(one.episode, detail)}\n"
            + byline(speech, one.episode, detail, speech.lens(profile.lens)),
            accessory=card_button(speech, one.episode),
        ),
        "\n".join(part for part in (speech.stand(profile.headline), trail) if part),
        f"-# {reasons}" if reasons else None,
    )
