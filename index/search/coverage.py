"""Coverage of a library: its subjects, the positions of their episodes, and the wings that are empty."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from index.search.episode_names import same_name
from index.search.subjects import Shares, subjects_of, weights_of
from index.storage.records import EpisodeRecord
from index.text.tokens import stems_in
from index.text.topics import shared_terms
from scoring.axis import Axis
from scoring.mirror import mirror_point
from scoring.position_arithmetic import mean_position

MOST_SUBJECTS = 7
"""Subjects of a map; other episodes have a row of their own."""

NEAR_TOPIC = 0.45
"""Cosine to a topic from which a slice is near it."""

_NEAR_SHARE = 0.25
_SHELVED_SHARE = 0.6
_LEAST_WANTED = 24.0
_LEAST_SLICES, _MOST_SHARED = 2, 4
_SAID_IN, _SAID_SHARE = 3, 0.05
_LEAST_EPISODES = 2
_LEAST_LIKE = 0.1
"""Least mean likeness of a nearest voice to a subject's episodes. Of two episodes drawn at random it is about 0."""

Likeness = Callable[[EpisodeRecord, Sequence[EpisodeRecord]], float]
"""Mean likeness of the topics of an episode and of others, as a cosine from which the library's mean is taken."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A wing of a subject without an episode.

    Attributes:
        band: the wing's band.
        wanted: position that would balance the subject: opposite to its mean, and well inside the band.
        nearest: the library's episode on that wing, from another subject, that speaks most of this one all the same:
            in two slices at least, and of like matters: who aligns a team is no voice on AI alignment. An episode
            without a transcript is preferred where its title or tags name the subject, since it only needs its
            transcript. None if there is none, and for a topic that was asked for: whoever talks of it is in it, and
            who only says its words may mean something else by them.
        shared: terms of the subject that ``nearest`` has, best first; else the subject's name. Empty without it.
    """

    band: str
    wanted: float
    nearest: EpisodeRecord | None
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of the library.

    Attributes:
        name: what it is called, a shelf, or None for the episodes that share no subject with enough others.
        episodes: episodes that talk of it, from the low pole to the high pole.
        gaps: its empty wings; none for the rest, and none where it has a single episode, which cannot stand on both.
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
        subjects: subjects with most episodes first, the rest last. An episode belongs to every subject that it
            talks of, and to at least one.
        n_episodes: number of episodes.
        by: kind of subject: ``shelf`` if most episodes have a shelf, else ``topic``.
        source, topic: limits, or None.
        edition: name of the edition that the episodes come from; empty if they come from none.
        mentioning: episodes that say the topic's words without being among those that speak of it, most first; only
            where none speaks of it.
    """

    subjects: tuple[Subject, ...]
    n_episodes: int
    by: Literal["shelf", "topic"]
    source: str | None = None
    topic: str | None = None
    edition: str = ""
    mentioning: tuple[EpisodeRecord, ...] = ()

    def is_complete(self, axis: Axis) -> bool:
        """Return True if every subject that has a name, at least one, has episodes on both wings.

        A subject of one episode lacks no wing, since nobody stands on both, and yet it is not complete.
        """
        wings = {axis.bands[0], axis.bands[-1]}
        named = [subject for subject in self.subjects if subject.name is not None]
        return bool(named) and all(
            wings <= {episode.profile.band for episode in subject.episodes} for subject in named
        )


def coverage_of(
    episodes: Sequence[EpisodeRecord],
    axis: Axis,
    *,
    source: str | None = None,
    topic: str | None = None,
    edition: str = "",
    shares: Shares | None = None,
    headings: Mapping[int, Iterable[str]] | None = None,
    likeness: Likeness | None = None,
    near: Mapping[int, float] | None = None,
) -> Coverage:
    """Return the subjects of a library and their empty wings.

    Args:
        episodes: all episodes of the library; subjects are named, and ``Gap.nearest`` is chosen, from all of them,
            whatever the limits.
        axis: the axis of the positions.
        source: limit to this show; letter case and accents do not matter.
        topic: limit to episodes that have all its words in their title and one of their tags, shelf and terms, and to
            those that say each of them and are ``near`` it for a quarter of their slices, at least two; where there
            are none, to those that say them together in three slices, or in two that are a twentieth of them.
        edition: name of the edition that ``episodes`` come from.
        shares: how much of each episode speaks of some stems; see ``subjects_of``.
        headings: headings of chapters by the episode's id; see ``subjects_of``.
        likeness: compares episodes' topics; without it words alone say who is nearest.
        near: share of the slices of each episode that are ``NEAR_TOPIC`` in meaning to ``topic`` or more, by its id.
    """
    saying = shares or weights_of(episodes)
    chosen = [episode for episode in episodes if source is None or same_name(episode.about.source, source)]
    mentioning: tuple[EpisodeRecord, ...] = ()
    if topic is not None:
        wanted = set(stems_in(topic))
        said = saying(tuple(sorted(wanted)))
        saying_each = [saying((stemmed,)) for stemmed in sorted(wanted)]
        named = [
            episode
            for episode in chosen
            if _is_named(wanted, episode)
            or (_is_near(episode, near or {}) and all(episode.id in told for told in saying_each))
        ]
        everybody, chosen = (
            chosen,
            named
            or [episode for episode in chosen if _says(said.get(episode.id, 0.0), episode.profile.n_slices)],
        )
        if not chosen:
            mentioning = _mentioning(everybody, said)
    shelves = _shelves(chosen)
    by: Literal["shelf", "topic"] = "topic"
    if topic is not None:
        groups = {topic: chosen} if chosen else {}
    elif shelves is not None:
        by, groups = "shelf", shelves
    else:
        of_all = subjects_of(episodes, most=MOST_SUBJECTS, shares=shares, headings=headings)
        within = {episode.id for episode in chosen}
        groups = {
            name: own
            for name, everybody in of_all.items()
            if (own := [episode for episode in everybody if episode.id in within])
        }
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_SUBJECTS]
    others = episodes if topic is None else ()
    subjects = [
        _subject(
            name,
            own,
            others,
            axis,
            saying(tuple(stems_in(name))) if by == "topic" else None,
            likeness=likeness,
        )
        for name, own in ranked
    ]
    placed = {episode.id for _, own in ranked for episode in own}
    rest = [episode for episode in chosen if episode.id not in placed]
    if rest:
        subjects.append(Subject(None, _in_order(rest), ()))
    return Coverage(tuple(subjects), len(chosen), by, source, topic, edition, mentioning)


def _mentioning(episodes: Iterable[EpisodeRecord], said: Mapping[int, float]) -> tuple[EpisodeRecord, ...]:
    """Return the episodes that say something in any slice, those that say it in most slices first."""

    def n_saying(episode: EpisodeRecord) -> int:
        return round(said.get(episode.id, 0.0) * episode.profile.n_slices)

    saying = [episode for episode in episodes if said.get(episode.id, 0.0) > 0]
    return tuple(sorted(saying, key=lambda episode: (-n_saying(episode), episode.id)))


def _says(share: float, n_slices: int) -> bool:
    """Return True if a share of an episode's slices is more than a mention."""
    n_saying = round(share * n_slices)
    return n_saying >= (_LEAST_SLICES if share >= _SAID_SHARE else _SAID_IN)


def _shelves(episodes: Sequence[EpisodeRecord]) -> dict[str, list[EpisodeRecord]] | None:
    """Return the episodes by shelf; None unless there are two shelves and most episodes have one."""
    by_shelf: dict[str, list[EpisodeRecord]] = {}
    for episode in episodes:
        if episode.about.shelf is not None:
            by_shelf.setdefault(episode.about.shelf, []).append(episode)
    n_shelved = sum(map(len, by_shelf.values()))
    return by_shelf if len(by_shelf) > 1 and n_shelved >= _SHELVED_SHARE * len(episodes) else None


def _mean_headline(episodes: Sequence[EpisodeRecord]) -> float:
    """Return the mean of the headlines of ``episodes``, at least one; of those that could be read, if any could."""
    read = [episode for episode in episodes if episode.profile.evidence != "other language"]
    return mean_position([episode.profile.headline for episode in read or episodes])


def _subject(
    name: str,
    episodes: Sequence[EpisodeRecord],
    library: Sequence[EpisodeRecord],
    axis: Axis,
    said: Mapping[int, float] | None,
    *,
    likeness: Likeness | None,
) -> Subject:
    """Return a subject with its empty wings; for ``said`` see ``_nearest``, for ``likeness`` ``coverage_of``."""
    held = {episode.profile.band for episode in episodes}
    mean = _mean_headline(episodes)
    own = {episode.id for episode in episodes}
    weights: Counter[str] = Counter()
    for episode in episodes:
        weights.update(episode.terms)
    gaps = []
    for sign, band in ((-1.0, axis.bands[0]), (1.0, axis.bands[-1])):
        if band in held or len(episodes) < _LEAST_EPISODES:
            continue
        candidates = [
            episode for episode in library if episode.id not in own and episode.profile.band == band
        ]
        nearest = _nearest(
            name,
            weights,
            said,
            candidates,
            is_like=lambda episode: likeness is None or likeness(episode, episodes) >= _LEAST_LIKE,
        )
        wanted = sign * max(_LEAST_WANTED, sign * mirror_point(mean))
        shared: tuple[str, ...] = ()
        if nearest is not None:
            shared = shared_terms(weights, nearest.terms) if said is None else _shared(name, weights, nearest)
        gaps.append(Gap(band, wanted, nearest, shared))
    return Subject(name, _in_order(episodes), tuple(gaps))


def _shared(name: str, weights: Mapping[str, float], nearest: EpisodeRecord) -> tuple[str, ...]:
    """Return the terms of ``nearest`` and of the subject that hold a word of its name; else the name."""
    wanted = set(stems_in(name))
    both = shared_terms(weights, nearest.terms, limit=len(weights))
    own = tuple(term for term in both if wanted & set(stems_in(term)))[:_MOST_SHARED]
    return own or (name[:1].lower() + name[1:] if name[1:2].islower() else name,)


def _nearest(
    name: str,
    weights: Mapping[str, float],
    said: Mapping[int, float] | None,
    candidates: Iterable[EpisodeRecord],
    *,
    is_like: Callable[[EpisodeRecord], bool] = lambda _: True,
) -> EpisodeRecord | None:
    """Return the candidate that speaks most of a subject; without a transcript its title and tags decide.

    Args:
        name: of the subject.
        weights: of its episodes' terms.
        said: share of each episode's slices that name it, by the episode's id; None for a shelf, whose name nobody
            needs to say: whoever shares most of its terms speaks most of it.
        candidates: in any order.
        is_like: whether an episode that has a transcript is on like matters. Not asked for a shelf, of which an episode
            shares many terms: a single word may have another sense.
    """
    wanted = set(stems_in(name))

    def closeness(episode: EpisodeRecord) -> float:
        n_slices = episode.profile.n_slices
        if not n_slices:
            return len(wanted & _stems_of(episode)) / max(1, len(wanted))
        if said is None:
            return sum(
                weights[term] * episode.terms[term] for term in shared_terms(weights, episode.terms, limit=60)
            )
        share = said.get(episode.id, 0.0)
        return share if round(share * n_slices) >= min(_LEAST_SLICES, n_slices) else 0.0

    close = [
        (episode.profile.n_slices > 0, -near, episode.id, episode)
        for episode in candidates
        if (near := closeness(episode)) > 0
    ]
    ranked = (episode for *_, episode in sorted(close, key=lambda row: row[:3]))
    return next(
        (episode for episode in ranked if not episode.profile.n_slices or said is None or is_like(episode)),
        None,
    )


def _is_near(episode: EpisodeRecord, near: Mapping[int, float]) -> bool:
    """Return True if enough of an episode is near a topic in meaning."""
    share = near.get(episode.id, 0.0)
    return share >= _NEAR_SHARE and round(share * episode.profile.n_slices) >= _LEAST_SLICES


def _is_named(wanted: set[str], episode: EpisodeRecord) -> bool:
    """Return True if a title, perhaps with a tag, a shelf or a term, has all stems that are ``wanted``.

    A term on nuclear energy beside another on weapons does not speak of nuclear weapons.
    """
    about = episode.about
    left = wanted.difference(stems_in(about.title))
    return any(left <= set(stems_in(name)) for name in ("", about.shelf or "", *about.tags, *episode.terms))


def _stems_of(episode: EpisodeRecord) -> set[str]:
    about = episode.about
    return set(stems_in(" ".join((about.title, about.shelf or "", *about.tags, *episode.terms))))


def _in_order(episodes: Sequence[EpisodeRecord]) -> tuple[EpisodeRecord, ...]:
    return tuple(sorted(episodes, key=lambda episode: (episode.profile.headline, episode.id)))
