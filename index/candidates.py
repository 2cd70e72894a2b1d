"""From a question to some 60 slices that might answer it, and what speaks for each of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index import store
from index.edition import Edition
from index.encoder import Vectors
from index.keywords import TermFinder, Terms, match_expression, phrase_pattern
from index.lookup import Lookup
from index.ranking import Evidence, Floats
from index.topics import leading_terms

KEPT = 60
"""Slices that are looked at closely."""

_NEAREST_WINDOWS = 300
_MATCHING_SLICES = 200
_FIELD_WEIGHTS = (1.0, 0.3, 0.3, 0.5, 0.2)
"""Of BM25: text, title, people, chapter, tags."""

FLOOR, FLOOR_AT_SLICES, FLOOR_PER_FOLD = 1.37, 2568, 0.097
"""Least score and nearness for saying that a library of so many slices talks of something, and how much it rises
with each e-fold of slices: the more there are, the nearer the nearest one comes by chance. Chosen between questions
on other subjects (``data/questions/elsewhere.jsonl``) and questions with known answers, on a library of 2,568 slices
and on the sample of about 130; see docs/measurements.md."""

_LOWEST_FLOOR, _HIGHEST_FLOOR = 0.9, 1.5

_NEARNESS = 1.0
_MATCH_GAIN = 0.6

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Slices that might answer, and what speaks for each.

    Attributes:
        ids: of the slices, shape (n,).
        ordinals: ``(episode, ordinal)`` of each.
        evidence: arrays of shape (n,).
        whole_vectors: of each whole slice, shape (n, dim).
        windows: ``(start, end, similarity)`` of the small windows of each slice, by slice id.
        telling: how much each stem of the question tells in this library.
        edition: where they come from.
    """

    ids: npt.NDArray[np.int64]
    ordinals: Sequence[tuple[int, int]]
    evidence: Evidence
    whole_vectors: Vectors
    windows: Mapping[int, list[tuple[int, int, float]]]
    telling: Mapping[str, float]
    edition: Edition

    def is_about(self, score: Floats) -> bool:
        """Whether the best candidate is about the question, rather than merely the nearest thing there is.

        Its score counts and, once more, its nearness in meaning: shared words alone are cheap.
        """
        near = np.maximum(self.evidence.window, self.evidence.whole)
        return bool((score + _NEARNESS * near).max() >= floor_for(self.edition.facts.n_slices))

    def nearest_terms(self, limit: int = 3) -> tuple[str, ...]:
        """What the episodes of the nearest candidates talk of."""
        order = np.argsort(-self.evidence.whole, kind="stable")
        episodes = dict.fromkeys(self.ordinals[place][0] for place in order)
        terms = [
            leading_terms(self.edition.episodes[episode].terms, 1) for episode in list(episodes)[: 2 * limit]
        ]
        return tuple(dict.fromkeys(term for group in terms for term in group))[:limit]


def floor_for(n_slices: int) -> float:
    """The floor for a library of ``n_slices``, between 0.9 and 1.5."""
    floor = FLOOR + FLOOR_PER_FOLD * math.log(max(1, n_slices) / FLOOR_AT_SLICES)
    return min(max(floor, _LOWEST_FLOOR), _HIGHEST_FLOOR)


async def gather(lookup: Lookup, terms: Terms, vector: Vectors, allowed: Mask | None) -> Candidates:
    """The slices nearest to the question in meaning and in words, with the evidence for each.

    Args:
        lookup: the edition to look in.
        terms: the question's words.
        vector: the question's vector, shape (dim,).
        allowed: which slices may be found, in the order of the slice columns; None for all.
    """
    edition, columns = lookup.edition, lookup.edition.columns
    windows_allowed = None if allowed is None else allowed[columns.places_of(columns.window_slice)]
    similarities, rows = edition.vectors.search(vector[np.newaxis], _NEAREST_WINDOWS, allowed=windows_allowed)
    prior: dict[int, float] = {}
    for slice_id, similarity in zip(
        columns.window_slice[rows[0]].tolist(), similarities[0].tolist(), strict=True
    ):
        prior[slice_id] = max(prior.get(slice_id, -1.0), similarity)
    least = min(prior.values(), default=0.0)
    matches = await _matching(edition, match_expression(terms), allowed)
    best_match = matches[0][1] if matches else 1.0
    for slice_id, score in matches:
        prior[slice_id] = prior.get(slice_id, least) + _MATCH_GAIN * score / (best_match or 1.0)
    kept = sorted(prior, key=lambda one: (-prior[one], one))[:KEPT]
    if not kept:
        return _nobody(edition)
    return await _weighed(lookup, terms, vector, np.array(kept, np.int64))


async def _matching(edition: Edition, expression: str, allowed: Mask | None) -> list[tuple[int, float]]:
    if allowed is None:
        return await store.matching(edition.connection, expression, _FIELD_WEIGHTS, _MATCHING_SLICES)
    ids = edition.columns.slice_id[allowed].tolist()
    return await store.matching_among(edition.connection, expression, _FIELD_WEIGHTS, ids, _MATCHING_SLICES)


def _nobody(edition: Edition) -> Candidates:
    """No candidates: the edition has no speech, or the filters leave none of it."""
    evidence = Evidence(**{name: np.zeros(0) for name in Evidence.__dataclass_fields__})
    nothing = np.zeros(0, np.int64)
    return Candidates(nothing, (), evidence, edition.vectors.take(nothing), {}, {}, edition)


async def _weighed(lookup: Lookup, terms: Terms, vector: Vectors, ids: Ints) -> Candidates:
    edition, columns = lookup.edition, lookup.edition.columns
    places = columns.places_of(ids)
    episodes = columns.slice_episode[places]
    before, after = _neighbours(columns.slice_episode, places)
    around = np.unique(np.concatenate([places, before, after]))
    own, before_at, after_at = (np.searchsorted(around, at) for at in (places, before, after))
    windows = _Windows.of(edition, columns.slice_id[around], vector)
    share = _Share(await lookup.telling(terms.stems), TermFinder(terms))
    words = await store.words_of(edition.connection, columns.slice_id[around].tolist())
    texts = [words[one] for one in columns.slice_id[around].tolist()]
    held = [share.stems_in(text) for text, _ in texts]
    beside = np.maximum(
        np.where(before == places, windows.nearest[own], windows.nearest[before_at]),
        np.where(after == places, windows.nearest[own], windows.nearest[after_at]),
    )
    evidence = Evidence(
        window=windows.nearest[own].astype(np.float64),
        whole=windows.whole[own].astype(np.float64),
        beside=beside.astype(np.float64),
        episode=lookup.episode_similarity(episodes, vector),
        own_terms=np.array([share.of(held[at]) for at in own]),
        near_terms=np.array(
            [share.of(held[a] | held[b] | held[c]) for a, b, c in zip(before_at, own, after_at, strict=True)]
        ),
        title_terms=np.array([share.of(lookup.title_stems[episode]) for episode in episodes.tolist()]),
        heading_terms=np.array([share.of(share.stems_in(texts[at][1] or "")) for at in own]),
        phrase=_phrases(terms, [texts[at][0] for at in own]),
    )
    firsts = np.searchsorted(columns.slice_episode, episodes, side="left")
    return Candidates(
        ids=ids,
        ordinals=list(zip(episodes.tolist(), (places - firsts).tolist(), strict=True)),
        evidence=evidence,
        whole_vectors=windows.whole_vectors[own],
        windows={int(one): windows.spans(int(at)) for one, at in zip(ids, own, strict=True)},
        telling=share.weights,
        edition=edition,
    )


def _neighbours(slice_episode: Ints, places: Ints) -> tuple[Ints, Ints]:
    """Places of the slices before and after each of ``places`` in its episode; the place itself at an end."""
    last = len(slice_episode) - 1
    before, after = np.maximum(places - 1, 0), np.minimum(places + 1, last)
    same_before = slice_episode[before] == slice_episode[places]
    same_after = slice_episode[after] == slice_episode[places]
    return np.where(same_before, before, places), np.where(same_after, after, places)


@dataclass(frozen=True, slots=True)
class _Windows:
    """The windows of some slices, and how near each is to the question. A slice's first window is itself."""

    rows: Ints
    firsts: Ints
    similarity: Vectors
    vectors: Vectors
    edition: Edition

    @classmethod
    def of(cls, edition: Edition, slice_ids: Ints, vector: Vectors) -> "_Windows":
        owners = edition.columns.window_slice
        starts = np.searchsorted(owners, slice_ids, side="left")
        ends = np.searchsorted(owners, slice_ids, side="right")
        rows = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])
        vectors = edition.vectors.take(rows)
        firsts = np.concatenate([[0], np.cumsum(ends - starts)])[:-1]
        return cls(rows, firsts, vectors @ vector, vectors, edition)

    @property
    def whole(self) -> Vectors:
        return self.similarity[self.firsts]

    @property
    def whole_vectors(self) -> Vectors:
        return self.vectors[self.firsts]

    @property
    def nearest(self) -> Vectors:
        nearest: Vectors = np.maximum.reduceat(self.similarity, self.firsts)
        return nearest

    def spans(self, place: int) -> list[tuple[int, int, float]]:
        """Start, end and similarity of the small windows of the slice at ``place``."""
        first = int(self.firsts[place])
        end = int(self.firsts[place + 1]) if place + 1 < len(self.firsts) else len(self.rows)
        columns = self.edition.columns
        return [
            (int(columns.window_start[row]), int(columns.window_end[row]), float(value))
            for row, value in zip(self.rows[first + 1 : end], self.similarity[first + 1 : end], strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Share:
    """What share of a question's telling weight some stems hold."""

    weights: Mapping[str, float]
    finder: TermFinder

    def of(self, stems: frozenset[str]) -> float:
        total = sum(self.weights.values())
        return sum(weight for stem, weight in self.weights.items() if stem in stems) / total if total else 0.0

    def stems_in(self, text: str) -> frozenset[str]:
        return self.finder.stems_in(text)


def _phrases(terms: Terms, texts: Sequence[str]) -> Floats:
    """1 for each text that holds what the question has in quotation marks, or else the whole question."""
    wanted = terms.phrases or ((terms.words,) if len(terms.stems) > 1 else ())
    patterns = [pattern for words in wanted if (pattern := phrase_pattern(words)) is not None]
    return np.array(
        [float(bool(patterns) and all(pattern.search(text) for pattern in patterns)) for text in texts]
    )
