"""Related episodes, and episodes that counterbalance another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.search.excerpts import speaks_its_way
from index.search.tables import SearchTables
from index.storage import queries
from index.storage.records import EpisodeRecord, SliceRecord, Standing
from index.text.topics import shared_terms
from scoring.mirror import MirrorOutcome, Pick, PickCandidate, most_opposed, rank_picks

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
    """A counterbalance pick, with the two slices on a shared subject that disagree most.

    ``here`` is from the source episode and ``there`` from the pick; both are None if there is no such pair.
    """

    episode: EpisodeRecord
    standing: Standing
    pick: Pick
    shared: tuple[str, ...]
    here: SliceRecord | None
    there: SliceRecord | None


@dataclass(frozen=True, slots=True)
class Counterbalance:
    """The mirror rule's answer for an episode, from one edition."""

    edition: str
    episode: EpisodeRecord
    standing: Standing
    mirror: float
    outcome: MirrorOutcome
    picks: tuple[Opposed, ...]


def related(tables: SearchTables, episode: EpisodeRecord, *, limit: int = 5) -> list[Related]:
    """Return the episodes most related to ``episode``, best first, ties by id.

    They are ranked by topic similarity plus 0.15 for the same shelf and 0.05 for the same source.

    Args:
        tables: the edition's tables.
        episode: the source.
        limit: episodes at most.
    """
    found = []
    for other, topic in _by_similarity(tables, episode):
        same_shelf = episode.about.shelf is not None and other.about.shelf == episode.about.shelf
        same_source = episode.about.source is not None and other.about.source == episode.about.source
        found.append(Related(other, topic, shared_terms(episode.terms, other.terms), same_shelf, same_source))
    found.sort(
        key=lambda hit: (-(hit.topic + 0.15 * hit.same_shelf + 0.05 * hit.same_source), hit.episode.id)
    )
    return found[:limit]


async def counterbalance(
    tables: SearchTables, episode: EpisodeRecord, *, n_picks: int = 3, prefer_editor: bool = False
) -> Counterbalance:
    """Return the picks of the mirror rule for ``episode``.

    Of the ``_N_COMPARED`` episodes with the most similar directions, topic similarity is the mean of that of the
    directions and that of the ``_SHARED_PASSAGES`` most similar slices, so that a long conversation that touches the
    subject counts.

    Args:
        tables: the edition's tables.
        episode: the source.
        n_picks: picks at most, at least 1.
        prefer_editor: use an editor's position, if there is one, instead of the computed headline.
    """
    standing = episode.standing(prefer_editor=prefer_editor)
    closest = _by_similarity(tables, episode)[:_N_COMPARED]
    own = tables.slice_vectors(episode.id)
    topics = {other.id: _topic(topic, own @ tables.slice_vectors(other.id).T) for other, topic in closest}
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
        other = tables.edition.episodes[pick.candidate.key]
        here, there = await _most_opposed_slices(tables, episode, other, pick.difference)
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
    return Counterbalance(tables.edition.name, episode, standing, picks.mirror, picks.outcome, tuple(opposed))


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


def _topic(direction: float, passages: npt.NDArray[np.float32]) -> float:
    """Return topic similarity, 0 to 1: half from the episodes' directions, half from their most similar slices."""
    if passages.size == 0:
        return max(0.0, direction)
    best = np.sort(passages.max(axis=1))[-_SHARED_PASSAGES:]
    return float(np.clip(0.5 * direction + 0.5 * best.mean(), 0.0, 1.0))


async def _most_opposed_slices(
    tables: SearchTables, episode: EpisodeRecord, other: EpisodeRecord, difference: float
) -> tuple[SliceRecord, SliceRecord] | tuple[None, None]:
    here = await queries.slices_of(tables.edition.connection, episode.id)
    there = await queries.slices_of(tables.edition.connection, other.id)
    closeness = tables.slice_vectors(episode.id) @ tables.slice_vectors(other.id).T
    speaking = np.outer(_speaking(episode, here), _speaking(other, there))
    pair = most_opposed(
        np.where(speaking, closeness, 0.0) if speaking.any() else closeness,
        _positions(here),
        _positions(there),
        sign=float(np.sign(difference)),
    )
    return (here[pair[0]], there[pair[1]]) if pair is not None else (None, None)


def _speaking(episode: EpisodeRecord, slices: Sequence[SliceRecord]) -> npt.NDArray[np.bool_]:
    """Return for each slice whether a quote of it may speak for the episode."""
    return np.array([speaks_its_way(episode, record) for record in slices], bool)


def _positions(slices: Sequence[SliceRecord]) -> list[float]:
    return [record.reading.position for record in slices]
