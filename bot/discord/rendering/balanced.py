"""The balanced answer to ``/find``: what each band says, side by side, and how the library covers the question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.discord.gauge import FILLS, shares
from bot.discord.language import Speech
from bot.discord.limits import Detail, fitted
from bot.discord.markup import linked, shown
from bot.discord.pictures import Picture
from bot.discord.rendering.found import Finding, finding_buttons, limits_of, nothing_words, passage_words
from bot.discord.rendering.parts import Answer, Panel, colour_of, gallery, panel, recording
from index.search.answers import EpisodeHit, Found, Passage
from index.storage.records import EpisodeRecord

_BESIDE_ONE_ANOTHER = 2


@dataclass(frozen=True, slots=True)
class Wing:
    """Passages of one band, best first, for the balanced answer."""

    band: str
    passages: tuple[Passage, ...]


def balanced_answer(
    speech: Speech,
    finding: Finding,
    wings: Sequence[Wing],
    counts: Sequence[int],
    picture: Picture | None = None,
) -> Answer:
    """Passages of every band side by side.

    Args:
        speech: the language.
        finding: the question, and what it found without regard to bands.
        wings: passages of each band, in the axis's order.
        counts: how many of the passages that were looked at lie in each band.
        picture: of ``on_wings``.
    """
    return fitted(lambda detail: _balanced(speech, finding, wings, counts, detail, picture=picture))


def on_wings(found: Found, wings: Sequence[Wing]) -> tuple[Found, tuple[Wing, ...]]:
    """The passages of all wings as one answer to the question of ``found``, and the wings, numbered through."""
    numbered, rank = [], 0
    for wing in wings:
        own = tuple(replace(one, rank=rank + at) for at, one in enumerate(wing.passages, start=1))
        rank += len(own)
        numbered.append(Wing(wing.band, own))
    passages = tuple(one for wing in numbered for one in wing.passages)
    ranks: dict[int, tuple[EpisodeRecord, list[int]]] = {}
    for one in passages:
        ranks.setdefault(one.episode.id, (one.episode, []))[1].append(one.rank)
    hits = tuple(EpisodeHit(episode, tuple(own)) for episode, own in ranks.values())
    return replace(found, passages=passages, episodes=hits), tuple(numbered)


def _balanced(
    speech: Speech,
    finding: Finding,
    wings: Sequence[Wing],
    counts: Sequence[int],
    detail: Detail,
    *,
    picture: Picture | None,
) -> Answer:
    query = shown(finding.question.query, max(detail.name, 16))
    lines = [f"## “{query}”"]
    if any(counts):
        told = " · ".join(
            f"{fill} {count} {speech.band(wing.band)}"
            for fill, wing, count in zip(FILLS, wings, counts, strict=False)
        )
        lines += [speech.say("find.coverage", bar=f"`{shares(counts)}`"), f"-# {told}"]
    else:
        lines.append(nothing_words(speech, finding, detail))
    limits = limits_of(speech, finding.question, detail)
    if limits:
        lines.append("-# " + " · ".join(limits))
    panels = [_wing_panel(speech, wing, detail) for wing in wings] if any(counts) else []
    return Answer(
        "\n".join(lines), gallery(picture), *panels, finding_buttons(speech, finding, 0), picture=picture
    )


def _wing_panel(speech: Speech, wing: Wing, detail: Detail) -> Panel:
    bands = speech.axis.bands
    place = bands.index(wing.band)
    middle = {0: -100.0, len(bands) - 1: 100.0}.get(place, 0.0)
    n_shown = _BESIDE_ONE_ANOTHER if detail.quote >= 130 else 1
    texts = [
        f"**{linked(shown(one.episode.about.title, detail.name), recording(one.episode), longest=detail.link)}**\n"
        + passage_words(speech, one, detail)
        for one in wing.passages[:n_shown]
    ] or [speech.say("find.wing_empty")]
    return panel(colour_of(speech, middle), f"### {speech.band(wing.band)}", *texts)
