"""What a library covers: its subjects, who stands where on each, and the wings on which nobody stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from index.search.episode_names import same_name
from index.storage.records import EpisodeRecord
from index.text.tokens import stems_in
from index.text.topics import shared_terms
from scoring.axis import Axis
from scoring.mirror import mirror_point
from scoring.positions import mean_position

MOST_SUBJECTS = 7
"""Subjects of a map; what else the library talks of stands in a row of its own."""

_LEAST_EPISODES = 3
_LEAST_WEIGHT = 0.12
_WIDEST_SHARE = 0.6
_SHELVED_SHARE = 0.6
_PHRASE_WORTH = 1.5
_LEAST_WANTED = 24.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A wing of a subject on which nobody stands.

    Attributes:
        band: the wing's band.
        wanted: where an episode would balance the subject: opposite to its mean, and well inside the band.
        nearest: the episode of the library to begin with, from another subject: it stands on that wing and shares
            most with this one; one without a transcript is preferred, since it only wants its transcript. None
            where nobody on that wing talks of it.
        shared: what ``nearest`` shares with the subject, best first.
    """

    band: str
    wanted: float
    nearest: EpisodeRecord | None
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of the library.

    Attributes:
        name: a term, a shelf, or None for the episodes that share no subject with enough others.
        episodes: those that talk of it, from the low pole to the high one.
        gaps: the wings that it lacks; none for the rest.
    """

    name: str | None
    episodes: tuple[EpisodeRecord, ...]
    gaps: tuple[Gap, ...]

    @property
    def mean(self) -> float:
        """Return the mean of the episodes' headlines."""
        return _mean_headline(self.episodes)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A library by subject.

    Attributes:
        subjects: those with most episodes first, the rest last. An episode stands under every subject that it talks
            of, and under at least one.
        n_episodes: episodes looked at.
        by: what subjects are: ``shelf`` where most episodes have one, else ``topic``.
        source, topic: what it was limited to.
        edition: the edition that its episodes come from; empty where they come from none.
    """

    subjects: tuple[Subject, ...]
    n_episodes: int
    by: Literal["shelf", "topic"]
    source: str | None = None
    topic: str | None = None
    edition: str = ""


def coverage_of(
    episodes: Sequence[EpisodeRecord],
    axis: Axis,
    *,
    source: str | None = None,
    topic: str | None = None,
    most: int = MOST_SUBJECTS,
    edition: str = "",
) -> Coverage:
    """The subjects of a library and the wings that they lack.

    Args:
        episodes: all of the library; candidates to add come from all of them, whatever the map is limited to.
        axis: that positions are on.
        source: only this show's; letter case and accents do not matter.
        topic: only those that talk of this: all its words occur in an episode's title, tags, shelf or terms.
        most: subjects at most, at least 1.
        edition: name of the edition that ``episodes`` come from.
    """
    chosen = [
        one
        for one in episodes
        if (source is None or same_name(one.about.source, source))
        and (topic is None or set(stems_in(topic)) <= _stems_of(one))
    ]
    shelves = {one.about.shelf for one in chosen if one.about.shelf is not None}
    n_shelved = sum(one.about.shelf is not None for one in chosen)
    by: Literal["shelf", "topic"] = "topic"
    if topic is not None:
        groups = {topic: chosen} if chosen else {}
    elif len(shelves) > 1 and n_shelved >= _SHELVED_SHARE * len(chosen):
        by = "shelf"
        groups = {shelf: [one for one in chosen if one.about.shelf == shelf] for shelf in shelves}
    else:
        groups = _by_term(chosen, most)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:most]
    subjects = [_subject(name, own, episodes, axis) for name, own in ranked]
    placed = {one.id for _, own in ranked for one in own}
    rest = [one for one in chosen if one.id not in placed]
    if rest:
        subjects.append(Subject(None, _in_order(rest), ()))
    return Coverage(tuple(subjects), len(chosen), by, source, topic, edition)


def _mean_headline(episodes: Sequence[EpisodeRecord]) -> float:
    """Return the mean of the headlines of ``episodes``, one at least."""
    return mean_position([episode.profile.headline for episode in episodes])


def _by_term(episodes: Sequence[EpisodeRecord], most: int) -> dict[str, list[EpisodeRecord]]:
    """Episodes by the terms that set most of them apart: each next term is the one that adds most.

    A term is taken for a subject where three episodes or more talk of it, yet not most of the library. It counts for
    half in episodes that stand under a subject already, phrases count for more than words, and two subjects have no
    word in common.
    """
    holders: dict[str, list[EpisodeRecord]] = {}
    for one in episodes:
        for term, weight in one.terms.items():
            if weight >= _LEAST_WEIGHT:
                holders.setdefault(term, []).append(one)
    widest = max(_LEAST_EPISODES, _WIDEST_SHARE * len(episodes))
    usable = {term: own for term, own in holders.items() if _LEAST_EPISODES <= len(own) <= widest}
    groups: dict[str, list[EpisodeRecord]] = {}
    placed: set[int] = set()
    while usable and len(groups) < most:
        term = min(usable, key=lambda name: (-_worth(name, usable[name], placed), name))
        own = usable[term]
        if any(one.id not in placed for one in own):
            groups[term] = own
            placed |= {one.id for one in own}
        known = set(stems_in(term))
        usable = {
            name: others
            for name, others in usable.items()
            if name != term and not known & set(stems_in(name))
        }
    return groups


def _worth(term: str, episodes: Sequence[EpisodeRecord], placed: set[int]) -> float:
    weight = sum(one.terms[term] * (0.5 if one.id in placed else 1.0) for one in episodes)
    return weight * (_PHRASE_WORTH if " " in term else 1.0)


def _subject(
    name: str, episodes: Sequence[EpisodeRecord], everybody: Sequence[EpisodeRecord], axis: Axis
) -> Subject:
    held = {one.profile.band for one in episodes}
    mean = _mean_headline(episodes)
    own = {one.id for one in episodes}
    weights: Counter[str] = Counter()
    for one in episodes:
        weights.update(one.terms)
    gaps = []
    for sign, band in ((-1.0, axis.bands[0]), (1.0, axis.bands[-1])):
        if band in held:
            continue
        candidates = [one for one in everybody if one.id not in own and one.profile.band == band]
        nearest = _nearest(name, weights, candidates)
        wanted = sign * max(_LEAST_WANTED, sign * mirror_point(mean))
        shared = shared_terms(weights, nearest.terms) if nearest is not None else ()
        gaps.append(Gap(band, wanted, nearest, shared))
    return Subject(name, _in_order(episodes), tuple(gaps))


def _nearest(
    name: str, weights: Mapping[str, float], candidates: Sequence[EpisodeRecord]
) -> EpisodeRecord | None:
    """The candidate that talks most of a subject; one without a transcript talks of it by its title and tags."""
    wanted = set(stems_in(name))

    def closeness(one: EpisodeRecord) -> float:
        named = len(wanted & _stems_of(one)) / max(1, len(wanted)) if not one.profile.n_slices else 0.0
        return named + sum(weights[term] * weight for term, weight in one.terms.items() if term in weights)

    close = [
        (one.profile.n_slices > 0, -closeness(one), one.id, one) for one in candidates if closeness(one) > 0
    ]
    return min(close, key=lambda row: row[:3])[3] if close else None


def _stems_of(episode: EpisodeRecord) -> set[str]:
    about = episode.about
    return set(stems_in(" ".join((about.title, about.shelf or "", *about.tags, *episode.terms))))


def _in_order(episodes: Sequence[EpisodeRecord]) -> tuple[EpisodeRecord, ...]:
    return tuple(sorted(episodes, key=lambda one: (one.profile.headline, one.id)))
