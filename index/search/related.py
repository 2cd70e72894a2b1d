"""How episodes stand to one another: what is related, and what counterbalances."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.search.tables import SearchTables
from index.storage import queries as store
from index.storage.edition import Edition
from index.storage.records import EpisodeRecord, SliceRecord, Standing
from index.text.topics import shared_terms
from scoring.mirror import MirrorOutcome, Pick, PickCandidate, most_opposed, rank_picks

TOPIC_FLOOR = 0.25
"""Least topic closeness (0 to 1) of a counterbalance pick. Chosen on the corpus, see docs/measurements.md."""

_CLOSELY_LOOKED_AT = 40
_SHARED_PASSAGES = 5


@dataclass(frozen=True, slots=True)
class Related:
    """An episode akin to another: ``topic`` is their closeness (0 to 1), ``shared`` what both talk of."""

    episode: EpisodeRecord
    topic: float
    shared: tuple[str, ...]
    same_shelf: bool
    same_source: bool


@dataclass(frozen=True, slots=True)
class Opposed:
    """A counterbalance pick with the pair of passages that disagree most on what the two episodes share.

    ``here`` is from the source episode and ``there`` from the pick; None where one of them has no transcript.
    """

    episode: EpisodeRecord
    standing: Standing
    pick: Pick
    shared: tuple[str, ...]
    here: SliceRecord | None
    there: SliceRecord | None


@dataclass(frozen=True, slots=True)
class Counterbalance:
    """The mirror rule's answer for one episode, from one edition."""

    edition: str
    episode: EpisodeRecord
    standing: Standing
    mirror: float
    outcome: MirrorOutcome
    picks: tuple[Opposed, ...]


def related(lookup: SearchTables, episode: EpisodeRecord, *, limit: int = 5) -> list[Related]:
    """Episodes akin to ``episode``, best first: by topic, then the same shelf, then the same source."""
    closeness = _episode_closeness(lookup, episode)
    found = []
    for other, topic in closeness:
        same_shelf = episode.about.shelf is not None and other.about.shelf == episode.about.shelf
        same_source = episode.about.source is not None and other.about.source == episode.about.source
        found.append(Related(other, topic, shared_terms(episode.terms, other.terms), same_shelf, same_source))
    found.sort(
        key=lambda one: (-(one.topic + 0.15 * one.same_shelf + 0.05 * one.same_source), one.episode.id)
    )
    return found[:limit]


async def counterbalance(
    lookup: SearchTables, episode: EpisodeRecord, *, n_picks: int = 3, prefer_editor: bool = False
) -> Counterbalance:
    """The picks of the mirror rule for ``episode``.

    Topic closeness of two episodes is that of their directions, corrected by their ``_SHARED_PASSAGES`` closest
    passages for the nearest episodes, so that a long conversation that touches the subject counts.

    Args:
        lookup: the edition.
        episode: the source.
        n_picks: at most so many, at least 1.
        prefer_editor: take an editor's position, where there is one, for the computed headline.
    """
    standing = episode.standing(prefer_editor=prefer_editor)
    closest = _episode_closeness(lookup, episode)[:_CLOSELY_LOOKED_AT]
    own = _whole_vectors(lookup.edition, episode.id)
    topics = {
        other.id: _topic(topic, own @ _whole_vectors(lookup.edition, other.id).T) for other, topic in closest
    }
    candidates = [
        PickCandidate(
            other.id,
            other.standing(prefer_editor=prefer_editor).position,
            other.profile.lens,
            topics[other.id],
        )
        for other, _ in closest
    ]
    picks = rank_picks(
        standing.position, episode.profile.lens, candidates, topic_floor=TOPIC_FLOOR, n_picks=n_picks
    )
    opposed = []
    for pick in picks.picks:
        other = lookup.edition.episodes[pick.candidate.key]
        here, there = await _pair(lookup.edition, episode, other, pick.difference)
        opposed.append(
            Opposed(
                other,
                other.standing(prefer_editor=prefer_editor),
                pick,
                shared_terms(episode.terms, other.terms),
                here,
                there,
            )
        )
    return Counterbalance(lookup.edition.name, episode, standing, picks.mirror, picks.outcome, tuple(opposed))


def _episode_closeness(lookup: SearchTables, episode: EpisodeRecord) -> list[tuple[EpisodeRecord, float]]:
    """The other episodes with the closeness of their directions, closest first, ties by id.

    Directions are differences from the mean, so that n unrelated episodes are not at 0 but at -1 / (n - 1) to each
    other; that is taken off, or two episodes would always be opposites.
    """
    ids = lookup.edition.columns.episode_id
    own = lookup.directions[int(np.searchsorted(ids, episode.id))]
    n_episodes = len(ids)
    speaks = np.any(lookup.directions != 0, axis=1) & np.any(own != 0)
    cosine = np.where(speaks, ((lookup.directions @ own) * (n_episodes - 1) + 1) / n_episodes, 0.0)
    order = np.argsort(-cosine, kind="stable")
    return [
        (lookup.edition.episodes[int(ids[place])], float(cosine[place]))
        for place in order
        if ids[place] != episode.id
    ]


def _topic(direction: float, passages: npt.NDArray[np.float32]) -> float:
    """Topic closeness, 0 to 1: half from the episodes' directions, half from their closest passages."""
    if passages.size == 0:
        return max(0.0, direction)
    best = np.sort(passages.max(axis=1))[-_SHARED_PASSAGES:]
    return float(np.clip(0.5 * direction + 0.5 * best.mean(), 0.0, 1.0))


def _whole_vectors(edition: Edition, episode_id: int) -> Vectors:
    """Vectors of the whole slices of one episode, in order: each slice's first window."""
    columns = edition.columns
    ids = columns.slice_id[columns.slice_episode == episode_id]
    return edition.vectors.take(np.searchsorted(columns.window_slice, ids, side="left"))


async def _pair(
    edition: Edition, episode: EpisodeRecord, other: EpisodeRecord, difference: float
) -> tuple[SliceRecord, SliceRecord] | tuple[None, None]:
    here = await store.slices_of(edition.connection, episode.id)
    there = await store.slices_of(edition.connection, other.id)
    pair = most_opposed(
        _whole_vectors(edition, episode.id) @ _whole_vectors(edition, other.id).T,
        _positions(here),
        _positions(there),
        sign=float(np.sign(difference)),
    )
    return (here[pair[0]], there[pair[1]]) if pair is not None else (None, None)


def _positions(slices: Sequence[SliceRecord]) -> list[float]:
    return [record.reading.position for record in slices]
