"""Related episodes, and episodes that counterbalance another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from index.embedding.encoder import Vectors
from index.search.crux_pairs import Crux, CruxSource, may_be_of_one_person
from index.search.search_tables import SearchTables
from index.search.shared_titles import shared_titles
from index.storage.records import EpisodeRecord, SliceRecord, Standing
from index.text.topics import shared_terms
from scoring.mirror import (
    CENTRE,
    LEANING,
    Pick,
    PickCandidate,
    is_across,
    is_farther,
    mirror_point,
    mirror_worth,
    pick_of,
)

Outcome = Literal["crux", "no crux", "no gate", "no topic", "alone"]

StandingOfNear = Literal["farther", "apart", "any"]

TOPIC_FLOOR = 0.25
"""Least topic similarity (0 to 1) of a counterbalance pick, and of a related episode after the first three. Chosen on
the corpus, see docs/measurements.md."""

CLOSE_TOPIC = 0.45
"""Least topic similarity of an episode without a crux that is shown before nearer ones because it stands farther to the
other side: below it, on the corpus, one may share no more than a word."""

_LEAST_SHARED = 3
"""Words that such an episode shares, at least, a phrase counted as two and one term alone as none: of that somebody may
speak in passing."""

_MOST_BESIDE = 2
"""Episodes shown at most that speak of the same and stand on no other side."""

_N_COMPARED = 40
_LEAST_RELATED = 3
_SHARED_PASSAGES = 5
_KEPT_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class Related:
    """An episode related to another.

    Attributes:
        episode: the related episode.
        topic: topic similarity of the two; up is better.
        shared: terms that both talk of, best first.
        same_shelf, same_source: True if both have the same shelf or source.
        title: words that both titles have in common, see ``shared_titles``; None for none.
    """

    episode: EpisodeRecord
    topic: float
    shared: tuple[str, ...]
    same_shelf: bool
    same_source: bool
    title: str | None


@dataclass(frozen=True, slots=True)
class Opposed:
    """A counterbalance pick: an episode with a crux, or, where there is none, one that is near on the topics.

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
            axis has no gate, so nobody knows), where picks are only near on its topics; ``no topic`` (nobody is
            near, either); ``alone`` (there is no other episode).
        picks: best first.
        are_farther: True if picks without a crux stand farther to the other side.
    """

    edition: str
    episode: EpisodeRecord
    standing: Standing
    mirror: float
    outcome: Outcome
    picks: tuple[Opposed, ...]
    are_farther: bool = False

    @property
    def standing_of_near(self) -> StandingOfNear | None:
        """Return how picks without a crux stand; None with cruxes, or without picks.

        ``farther``: all of them somebody else's and ``mirror.STEP`` points or more towards the mirror point; ``apart``:
        the same, of a source in the centre, to either side; ``any``: else.
        """
        if not self.picks or self.picks[0].crux is not None:
            return None
        if not self.are_farther:
            return "any"
        return "apart" if abs(self.standing.position) < CENTRE else "farther"

    @property
    def judge(self) -> str | None:
        """Return the name of the language model that judged the cruxes; None where the gate did, or none is shown."""
        return next((pick.crux.judge for pick in self.picks if pick.crux is not None), None)


def related(
    tables: SearchTables, episode: EpisodeRecord, *, limit: int = 5, likeness: "TopicLikeness | None" = None
) -> list[Related]:
    """Return the episodes most related to ``episode``, best first, ties by id.

    They are ranked by topic similarity plus 0.15 for the same shelf, 0.3 for words that both titles share and 0.05 for
    the same source. After the first three, those are left out that are below ``TOPIC_FLOOR`` without its shelf or words
    of its title. Those that share neither a term nor these come last, and only where there would be fewer than three.

    Args:
        tables: the edition's tables.
        episode: the source.
        limit: episodes at most.
        likeness: compares the episodes' topics; whoever asks about most episodes shares one. None for a new one.
    """
    own = tables.place_of(episode.id)
    same_shelf = (tables.shelves == tables.shelves[own]) & (tables.shelves[own] >= 0)
    same_source = (tables.sources == tables.sources[own]) & (tables.sources[own] >= 0)
    similarity = (likeness or TopicLikeness(tables)).directions(own)
    titles = _shared_titles(tables, own)
    is_called_alike = np.array([title is not None for title in titles])
    worth = similarity + 0.15 * same_shelf + 0.3 * is_called_alike + 0.05 * same_source
    ranked = _best_first(worth, own)
    is_kin = same_shelf | is_called_alike
    near = ranked[
        (similarity[ranked] >= TOPIC_FLOOR) | is_kin[ranked] | (np.arange(len(ranked)) < _LEAST_RELATED)
    ]
    found: list[Related] = []
    unexplained: list[Related] = []  # nobody could say in words what both talk of; one show talks of much
    for place in near.tolist():
        other = tables.edition.episodes[int(tables.edition.columns.episode_id[place])]
        shared = shared_terms(episode.terms, other.terms)
        is_of_shelf, is_of_source = bool(same_shelf[place]), bool(same_source[place])
        relative = Related(other, float(similarity[place]), shared, is_of_shelf, is_of_source, titles[place])
        (found if shared or is_kin[place] else unexplained).append(relative)
        if len(found) == limit:
            break
    return [*found, *unexplained[: max(0, _LEAST_RELATED - len(found))]][:limit]


def _shared_titles(tables: SearchTables, own: int) -> list[str | None]:
    """Return for each episode, by its place, what its title has in common with that of the one at ``own``."""
    episodes = [tables.edition.episodes[number] for number in tables.edition.columns.episode_id.tolist()]
    shared = shared_titles(episodes[own].about.title, [episode.about.title for episode in episodes])
    shared[own] = None
    return shared


async def counterbalance(
    tables: SearchTables,
    episode: EpisodeRecord,
    cruxes: CruxSource | None,
    *,
    n_picks: int = 3,
    prefer_editor: bool = False,
    likeness: "TopicLikeness | None" = None,
) -> Counterbalance:
    """Return who answers ``episode`` from the other side.

    Picks are the episodes with a crux, ranked by its probability in whole per cent, then the mirror rule, then id;
    where a judge read the pairs, by the mirror rule, then id. Without any they are near on its topics, ranked by topic
    similarity, those below ``TOPIC_FLOOR`` left out: those that stand farther to the other side and out of the source's
    outer band, on a close topic, and share enough terms, those across the spectrum first; if none do, ``_MOST_BESIDE``
    at most that share as much and lean to the other side; and, if none do, as many that merely speak of the same. What
    may be the same person's is no other side.

    Args:
        tables: the edition's tables.
        episode: the source.
        cruxes: finds the edition's cruxes; None where there is no gate.
        n_picks: picks at most, at least 1.
        prefer_editor: use an editor's position, if there is one, instead of the computed headline.
        likeness: compares the episodes' topics; whoever asks about most episodes shares one. None for a new one.
    """
    comparing = likeness or TopicLikeness(tables)
    standing = episode.standing(prefer_editor=prefer_editor)
    own = tables.place_of(episode.id)
    similarity = comparing.directions(own)
    closest = tables.edition.columns.episode_id[_best_first(similarity, own)].tolist()

    def standing_of(other_id: int) -> Standing:
        return tables.edition.episodes[other_id].standing(prefer_editor=prefer_editor)

    def candidate(other_id: int) -> PickCandidate:
        other, there = tables.edition.episodes[other_id], standing_of(other_id)
        topic = comparing.topic(episode, other, float(similarity[tables.place_of(other_id)]))
        return PickCandidate(other_id, there.position, other.profile.lens, topic)

    def shared_with(other_id: int) -> tuple[str, ...]:
        return shared_terms(episode.terms, tables.edition.episodes[other_id].terms)

    def is_same_person(other_id: int) -> bool:
        return may_be_of_one_person(episode, tables.edition.episodes[other_id])

    def is_on_another_side(other: PickCandidate) -> bool:
        is_same_band = tables.edition.episodes[other.key].profile.band == episode.profile.band
        is_same_side = is_same_band and other.position * standing.position > 0
        return is_farther(standing.position, other.position) and not is_same_side

    def opposed(chosen: PickCandidate, crux: Crux | None) -> Opposed:
        other = tables.edition.episodes[chosen.key]
        return Opposed(
            other,
            standing_of(other.id),
            pick_of(standing.position, chosen),
            shared_with(chosen.key),
            crux,
        )

    def worth(chosen: PickCandidate) -> float:
        return mirror_worth(standing.position, episode.profile.lens, chosen)

    found = await cruxes.cruxes_of(episode) if cruxes is not None else []
    by_episode = {crux.there.episode_id: crux for crux in found}
    farther: list[PickCandidate] = []
    if by_episode:
        met = [candidate(other_id) for other_id in by_episode]
        met.sort(key=lambda other: (-_likelihood(by_episode[other.key]), -worth(other), other.key))
        picks = tuple(opposed(other, by_episode[other.key]) for other in met[:n_picks])
    else:
        near = [
            other
            for other in map(candidate, closest[:_N_COMPARED])
            if other.topic >= TOPIC_FLOOR and is_read(standing) and is_read(standing_of(other.key))
        ]
        near.sort(key=lambda other: (-other.topic, other.key))
        of_others = [other for other in near if not is_same_person(other.key)]
        on_the_same = [
            other for other in of_others if other.topic >= CLOSE_TOPIC and _is_much(shared_with(other.key))
        ]
        farther = [other for other in on_the_same if is_on_another_side(other)]
        farther.sort(key=lambda other: not is_across(standing.position, other.position))
        leaning = [
            other for other in on_the_same if is_farther(standing.position, other.position, by=LEANING)
        ]
        sharing = [other for other in of_others if shared_with(other.key)]
        beside = leaning or sharing or of_others or near
        picks = tuple(opposed(other, None) for other in (farther or beside[:_MOST_BESIDE])[:n_picks])
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
        tables.edition.name,
        episode,
        standing,
        mirror_point(standing.position),
        outcome,
        picks,
        are_farther=bool(farther),
    )


def _is_much(shared: Sequence[str]) -> bool:
    """Return True if two episodes share enough terms to speak of the same."""
    return len(shared) > 1 and sum(2 if " " in term else 1 for term in shared) >= _LEAST_SHARED


def is_read(standing: Standing) -> bool:
    """Return True if a position was read: a 0 that only means that nothing was has no other side."""
    return standing.evidence != "other language"


def _likelihood(crux: Crux) -> float:
    """Return what a crux is ranked by before the mirror rule: a judge has called all its pairs good alike."""
    return round(crux.probability, 2) if crux.judge is None else 1.0


class TopicLikeness:
    """Compares episodes by their topics, and keeps what it read and found: share it between questions of one edition.

    Args:
        tables: the edition's tables.
    """

    def __init__(self, tables: SearchTables) -> None:
        self._tables = tables
        self._vectors: LRUCache[int, Vectors] = LRUCache(
            _KEPT_BYTES, getsizeof=lambda vectors: vectors.nbytes
        )
        self._found: dict[tuple[int, int], float] = {}
        self._directions: tuple[int, npt.NDArray[np.float64]] | None = None

    def directions(self, own: int) -> npt.NDArray[np.float64]:
        """Return the similarity of every episode's direction to that of the episode at ``own``, shape (n_episodes,).

        Directions are differences from the mean, so that n unrelated episodes have a cosine of -1 / (n - 1), not 0, to
        each other. This is corrected, since two episodes would always be opposites. Where either is silent it is 0.
        """
        if self._directions is None or self._directions[0] != own:
            tables, n_episodes = self._tables, len(self._tables.directions)
            cosine = (tables.directions @ tables.directions[own]) * (n_episodes - 1) + 1
            speaks = tables.speaks & tables.speaks[own]
            self._directions = own, np.where(speaks, cosine / n_episodes, 0.0).astype(np.float64)
        return self._directions[1]

    def to_all(self, episode: EpisodeRecord, others: Sequence[EpisodeRecord]) -> float:
        """Return the mean of the similarities of ``directions`` of ``episode`` to ``others``, at least one."""
        places = [self._tables.place_of(other.id) for other in others]
        return float(self.directions(self._tables.place_of(episode.id))[places].mean())

    def topic(self, episode: EpisodeRecord, other: EpisodeRecord, direction: float) -> float:
        """Return the topic similarity, 0 to 1, of ``episode`` to another; ``direction`` is that of their directions.

        It is half that of the directions, half that of the five slices of ``episode`` that are most like one of the
        other; that of the directions alone where either has no slices.
        """
        passages = self._passages(episode.id, other.id)
        if passages is None:
            return max(0.0, direction)
        return float(np.clip(0.5 * direction + 0.5 * passages, 0.0, 1.0))

    def _passages(self, episode_id: int, other_id: int) -> float | None:
        if (episode_id, other_id) in self._found:
            return self._found.pop((episode_id, other_id))
        own, theirs = self._vectors_of(episode_id), self._vectors_of(other_id)
        if not len(own) or not len(theirs):
            return None
        likeness = own @ theirs.T
        self._found[other_id, episode_id] = _mean_of_largest(likeness.max(axis=0))
        return _mean_of_largest(likeness.max(axis=1))

    def _vectors_of(self, episode_id: int) -> Vectors:
        vectors = self._vectors.get(episode_id)
        if vectors is None:
            vectors = self._tables.slice_vectors(episode_id)
            if vectors.nbytes <= self._vectors.maxsize:
                self._vectors[episode_id] = vectors
        return vectors


def _mean_of_largest(values: npt.NDArray[np.float32]) -> float:
    largest = np.sort(values)[-_SHARED_PASSAGES:]
    return float(np.add.reduce(largest)) / len(largest)


def _best_first(worth: npt.NDArray[np.float64], own: int) -> npt.NDArray[np.int64]:
    """Return the places of all episodes but the one at ``own``, best first, ties by place."""
    order = np.argsort(-worth, kind="stable")
    others: npt.NDArray[np.int64] = order[order != own]
    return others
