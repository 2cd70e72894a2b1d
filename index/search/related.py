"""Related episodes, and episodes that counterbalance another."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from index.search.crux_pairs import Crux, CruxSource
from index.search.search_tables import SearchTables
from index.storage.records import EpisodeRecord, SliceRecord, Standing
from index.text.topics import shared_terms
from scoring.mirror import Pick, PickCandidate, mirror_point, mirror_worth, pick_of

Outcome = Literal["crux", "no crux", "no gate", "no topic", "alone"]

TOPIC_FLOOR = 0.25
"""Least topic similarity (0 to 1) of a counterbalance pick. Chosen on the corpus, see docs/measurements.md."""

_N_COMPARED = 40
_SHARED_PASSAGES = 5


@dataclass(frozen=True, slots=True)
class Related:
    """An episode related to another.

    Attributes:
        episode: the related episode.
        topic: topic similarity of the two; up is better.
        shared: terms that both talk of, best first.
        same_shelf, same_source: True if both have the same shelf or source.
    """

    episode: EpisodeRecord
    topic: float
    shared: tuple[str, ...]
    same_shelf: bool
    same_source: bool


@dataclass(frozen=True, slots=True)
class Opposed:
    """A counterbalance pick: an episode with a crux, or, where there is none, one of the nearest on the topics.

    Attributes:
        episode: the pick.
        standing: its position.
        pick: how its headline stands to the source's.
        shared: terms that both talk of, best first.
        crux: the two passages and the question that both seem to speak to; None for an episode that is only near.
    """

    episode: EpisodeRecord
    standing: Standing
    pick: Pick
    shared: tuple[str, ...]
    crux: Crux | None

    @property
    def here(self) -> SliceRecord | None:
        """Return the source's passage, or None without a crux."""
        return self.crux.here if self.crux is not None else None

    @property
    def there(self) -> SliceRecord | None:
        """Return the pick's passage, or None without a crux."""
        return self.crux.there if self.crux is not None else None


@dataclass(frozen=True, slots=True)
class Counterbalance:
    """Who answers an episode from the other side, from one edition.

    Attributes:
        edition: its name.
        episode: the source.
        standing: its position.
        mirror: its mirror point.
        outcome: ``crux`` (each pick has a crux); ``no crux`` (nobody clearly answers it) or ``no gate`` (the encoder or
            axis has no gate, so nobody knows), where picks are only nearest on its topics; ``no topic`` (nobody is
            near, either); ``alone`` (there is no other episode).
        picks: best first.
    """

    edition: str
    episode: EpisodeRecord
    standing: Standing
    mirror: float
    outcome: Outcome
    picks: tuple[Opposed, ...]

    @property
    def judge(self) -> str | None:
        """Return the name of the language model that judged the cruxes; None where the gate did, or none is shown."""
        return next((pick.crux.judge for pick in self.picks if pick.crux is not None), None)


def related(tables: SearchTables, episode: EpisodeRecord, *, limit: int = 5) -> list[Related]:
    """Return the episodes most related to ``episode``, best first, ties by id.

    They are ranked by topic similarity plus 0.15 for the same shelf and 0.05 for the same source.

    Args:
        tables: the edition's tables.
        episode: the source.
        limit: episodes at most.
    """
    about = episode.about

    def kinship(other: EpisodeRecord) -> tuple[bool, bool]:
        same_shelf = about.shelf is not None and other.about.shelf == about.shelf
        return same_shelf, about.source is not None and other.about.source == about.source

    def worth(hit: tuple[EpisodeRecord, float]) -> tuple[float, int]:
        other, topic = hit
        same_shelf, same_source = kinship(other)
        return topic + 0.15 * same_shelf + 0.05 * same_source, -other.id

    best = heapq.nlargest(limit, _by_similarity(tables, episode), key=worth)
    return [
        Related(other, topic, shared_terms(episode.terms, other.terms), *kinship(other))
        for other, topic in best
    ]


async def counterbalance(
    tables: SearchTables,
    episode: EpisodeRecord,
    cruxes: CruxSource | None,
    *,
    n_picks: int = 3,
    prefer_editor: bool = False,
) -> Counterbalance:
    """Return who answers ``episode`` from the other side.

    Picks are the episodes with a crux, ranked by its probability in whole per cent, then the mirror rule, then id;
    where a judge read the pairs, by the mirror rule, then id. Without any they are the nearest on its topics, ranked by
    topic similarity, those below ``TOPIC_FLOOR`` left out.

    Args:
        tables: the edition's tables.
        episode: the source.
        cruxes: finds the edition's cruxes; None where there is no gate.
        n_picks: picks at most, at least 1.
        prefer_editor: use an editor's position, if there is one, instead of the computed headline.
    """
    standing = episode.standing(prefer_editor=prefer_editor)
    closest = _by_similarity(tables, episode)

    def candidates(others: Sequence[tuple[EpisodeRecord, float]]) -> list[PickCandidate]:
        topics = _topics(tables, episode, others)
        standings = [other.standing(prefer_editor=prefer_editor) for other, _ in others]
        return [
            PickCandidate(other.id, there.position, other.profile.lens, topic)
            for (other, _), there, topic in zip(others, standings, topics, strict=True)
        ]

    def opposed(chosen: PickCandidate, crux: Crux | None) -> Opposed:
        other = tables.edition.episodes[chosen.key]
        return Opposed(
            other,
            other.standing(prefer_editor=prefer_editor),
            pick_of(standing.position, chosen),
            shared_terms(episode.terms, other.terms),
            crux,
        )

    def worth(chosen: PickCandidate) -> float:
        return mirror_worth(standing.position, episode.profile.lens, chosen)

    found = await cruxes.cruxes_of(episode) if cruxes is not None else []
    by_episode = {crux.there.episode_id: crux for crux in found}
    if by_episode:
        met = candidates([each for each in closest if each[0].id in by_episode])
        met.sort(key=lambda one: (-_likelihood(by_episode[one.key]), -worth(one), one.key))
        picks = tuple(opposed(one, by_episode[one.key]) for one in met[:n_picks])
    else:
        near = [one for one in candidates(closest[:_N_COMPARED]) if one.topic >= TOPIC_FLOOR]
        near.sort(key=lambda one: (-one.topic, one.key))
        picks = tuple(opposed(one, None) for one in near[:n_picks])
    outcome: Outcome
    if not closest:
        outcome = "alone"
    elif not picks:
        outcome = "no topic"
    elif by_episode:
        outcome = "crux"
    else:
        outcome = "no gate" if cruxes is None else "no crux"
    return Counterbalance(
        tables.edition.name, episode, standing, mirror_point(standing.position), outcome, picks
    )


def _likelihood(crux: Crux) -> float:
    """Return what a crux is ranked by before the mirror rule: a judge has called all its pairs good alike."""
    return round(crux.probability, 2) if crux.judge is None else 1.0


def _by_similarity(tables: SearchTables, episode: EpisodeRecord) -> list[tuple[EpisodeRecord, float]]:
    """Return the other episodes with the similarity of their directions, most similar first, ties by id.

    Directions are differences from the mean, so that n unrelated episodes have a cosine of -1 / (n - 1), not 0, to
    each other. This is corrected, since two episodes would always be opposites.
    """
    ids = tables.edition.columns.episode_id
    own = tables.directions[int(np.searchsorted(ids, episode.id))]
    n_episodes = len(ids)
    speaks = np.any(tables.directions != 0, axis=1) & np.any(own != 0)
    cosine = np.where(speaks, ((tables.directions @ own) * (n_episodes - 1) + 1) / n_episodes, 0.0)
    order = np.argsort(-cosine, kind="stable")
    return [
        (tables.edition.episodes[int(ids[place])], float(cosine[place]))
        for place in order
        if ids[place] != episode.id
    ]


def _topics(
    tables: SearchTables, episode: EpisodeRecord, others: Sequence[tuple[EpisodeRecord, float]]
) -> list[float]:
    """Return the topic similarity, 0 to 1, of ``episode`` to others that are given with that of their directions.

    It is half that of the directions, half that of the five slices of ``episode`` that are most like one of the other;
    that of the directions alone where either has no slices.
    """
    own = tables.slice_vectors(episode.id)
    theirs = [tables.slice_vectors(other.id) for other, _ in others]
    topics = [max(0.0, direction) for _, direction in others]
    spoken = [place for place, vectors in enumerate(theirs) if len(own) and len(vectors)]
    if not spoken:
        return topics
    starts = np.cumsum([0, *(len(theirs[place]) for place in spoken[:-1])])
    likeness = own @ np.concatenate([theirs[place] for place in spoken]).T
    nearest = np.maximum.reduceat(likeness, starts, axis=1)
    shared = np.sort(nearest, axis=0)[-_SHARED_PASSAGES:].mean(axis=0)
    for place, passages in zip(spoken, shared.tolist(), strict=True):
        topics[place] = float(np.clip(0.5 * others[place][1] + 0.5 * passages, 0.0, 1.0))
    return topics
