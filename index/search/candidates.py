"""From a question to some 60 slices that might answer it, and what speaks for each of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.search.ranking import NAMED, Evidence, Floats
from index.search.tables import SearchTables
from index.storage import queries as store
from index.storage.edition import Edition
from index.storage.inverted_index import HEADING, TEXT, Places
from index.text.tokens import Terms, holds_phrases
from index.text.topics import leading_terms

KEPT = 60
"""Slices that are looked at closely."""

_NEAREST_WINDOWS = 300
_MATCHING_SLICES = 200
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
        windows: the windows around, and how near each is to the question; see ``windows_of``.
        idf: inverse document frequency of each stem of the question in this library.
        edition: where they come from.
    """

    ids: npt.NDArray[np.int64]
    ordinals: Sequence[tuple[int, int]]
    evidence: Evidence
    whole_vectors: Vectors
    windows: "_Windows | None"
    idf: Mapping[str, float]
    edition: Edition

    def is_about(self, score: Floats) -> bool:
        """Whether the best candidate is about the question, rather than merely the nearest thing there is.

        Its score counts and, once more, its nearness in meaning: shared words alone are cheap. A question that names
        an episode or its people is about that episode.
        """
        if (self.evidence.title_terms >= NAMED).any():
            return True
        near = np.maximum(self.evidence.window, self.evidence.whole)
        return bool((score + _NEARNESS * near).max() >= floor_for(self.edition.facts.n_slices))

    def windows_of(self, slice_id: int) -> list[tuple[int, int, float]]:
        """Start, end and similarity of each small window of a candidate."""
        return [] if self.windows is None else self.windows.spans(slice_id)

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


@dataclass(frozen=True, slots=True)
class Near:
    """What is near to a question in meaning.

    Attributes:
        vector: the question's, shape (dim,).
        places: of slices, nearest first; a slice comes once for each of its windows that is near.
        similarities: one for each of ``places``.
    """

    vector: Vectors
    places: Places
    similarities: Vectors


Matching = tuple[Places, Vectors]
"""Places of slices that match a question in words, best first, and their scores, above 0."""


def near_in_meaning(lookup: SearchTables, vector: Vectors, allowed: Mask | None) -> Near:
    """What is nearest to the question in meaning.

    Args:
        lookup: the edition to look in.
        vector: the question's vector, shape (dim,).
        allowed: which slices may be found, in the order of the slice columns; None for all.
    """
    windows_allowed = None if allowed is None else allowed[lookup.window_places]
    vectors = lookup.edition.vectors
    similarities, rows = vectors.search(vector[np.newaxis], _NEAREST_WINDOWS, allowed=windows_allowed)
    return Near(vector, lookup.window_places[rows[0]], similarities[0])


def matching_in_words(lookup: SearchTables, terms: Terms, allowed: Mask | None) -> Matching:
    """What matches the question's words best; ``allowed`` as ``near_in_meaning`` has it."""
    stems = [*terms.stems, *(variant for variant, _ in terms.variants)]
    phrases = [[word.stem for word in phrase] for phrase in terms.phrases]
    return lookup.edition.postings.best(stems, _MATCHING_SLICES, together=phrases, allowed=allowed)


async def gather(lookup: SearchTables, terms: Terms, near: Near, matching: Matching) -> Candidates:
    """The slices that are most promising by meaning and by words, with the evidence for each."""
    kept = _most_promising(near, matching)
    if not len(kept):
        return _nobody(lookup.edition)
    return await _weighed(lookup, terms, near.vector, kept)


def _most_promising(near: Near, matching: Matching) -> Ints:
    """Places of the ``KEPT`` slices that are nearest in meaning and match best in words, best first, ties by place."""
    words, match = matching
    everything, at = np.unique(np.concatenate([near.places, words]), return_inverse=True)
    least = near.similarities[-1] if len(near.similarities) else 0.0
    prior = np.full(len(everything), least, np.float64)
    np.maximum.at(prior, at[: len(near.places)], near.similarities)
    if len(words):
        prior[at[len(near.places) :]] += _MATCH_GAIN * match / match[0]
    order = np.argsort(-prior, kind="stable")[:KEPT]
    return everything[order].astype(np.int64)


def _nobody(edition: Edition) -> Candidates:
    """No candidates: the edition has no speech, or the filters leave none of it."""
    evidence = Evidence(**{name: np.zeros(0) for name in Evidence.__dataclass_fields__})
    nothing = np.zeros(0, np.int64)
    return Candidates(nothing, (), evidence, edition.vectors.take(nothing), None, {}, edition)


async def _weighed(lookup: SearchTables, terms: Terms, vector: Vectors, places: Ints) -> Candidates:
    edition, columns = lookup.edition, lookup.edition.columns
    episodes = columns.slice_episode[places]
    before, after = _neighbours(columns.slice_episode, places)
    around = np.unique(np.concatenate([places, before, after]))
    own, before_at, after_at = (np.searchsorted(around, at) for at in (places, before, after))
    windows = _Windows.of(lookup, around, own, vector)
    weights = {one: lookup.idf(one) for one in terms.stems}
    share = np.array(list(weights.values())) / (sum(weights.values()) or 1.0)
    held = _fields_holding(edition, terms, around)
    said = (held & TEXT) > 0
    firsts = np.searchsorted(columns.slice_episode, episodes, side="left")
    evidence = Evidence(
        window=windows.nearest[own].astype(np.float64),
        whole=windows.whole[own].astype(np.float64),
        beside=np.maximum(
            windows.nearest[np.where(before == places, own, before_at)],
            windows.nearest[np.where(after == places, own, after_at)],
        ).astype(np.float64),
        episode=lookup.episode_similarity(episodes, vector),
        own_terms=share @ said[:, own],
        near_terms=share @ (said[:, before_at] | said[:, own] | said[:, after_at]),
        title_terms=_in_titles(lookup, terms, share, episodes),
        heading_terms=share @ ((held[:, own] & HEADING) > 0),
        phrase=await _phrases(edition, terms, places, said[:, own]),
    )
    ids = columns.slice_id[places]
    return Candidates(
        ids=ids,
        ordinals=list(zip(episodes.tolist(), (places - firsts).tolist(), strict=True)),
        evidence=evidence,
        whole_vectors=windows.whole_vectors[own],
        windows=windows,
        idf=weights,
        edition=edition,
    )


def _fields_holding(edition: Edition, terms: Terms, places: Ints) -> npt.NDArray[np.uint8]:
    """Which fields of the slices at ``places`` hold each of the question's stems, or what was heard for it."""
    held = edition.postings.held(terms.stems, places)
    rows = {one: row for row, one in enumerate(terms.stems)}
    variants = edition.postings.held([variant for variant, _ in terms.variants], places)
    for (_, meant), fields in zip(terms.variants, variants, strict=True):
        held[rows[meant]] |= fields
    return held


def _in_titles(lookup: SearchTables, terms: Terms, share: Floats, episodes: Ints) -> Floats:
    """What share of the question's telling weight the title and people of each of ``episodes`` hold."""
    worth = {
        episode: sum(
            weight
            for one, weight in zip(terms.stems, share.tolist(), strict=True)
            if one in lookup.title_stems[episode]
        )
        for episode in dict.fromkeys(episodes.tolist())
    }
    return np.array([worth[episode] for episode in episodes.tolist()])


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

    places: Ints
    rows: Ints
    firsts: Ints
    similarity: Vectors
    vectors: Vectors
    edition: Edition

    @classmethod
    def of(cls, lookup: SearchTables, places: Ints, own: Ints, vector: Vectors) -> "_Windows":
        starts = lookup.first_windows[places]
        ends = starts + 1
        ends[own] = lookup.first_windows[places[own] + 1]
        firsts = np.cumsum(ends - starts) - (ends - starts)
        rows = np.arange(int((ends - starts).sum())) + np.repeat(starts - firsts, ends - starts)
        vectors = lookup.edition.vectors.take(rows)
        return cls(places, rows, firsts, vectors @ vector, vectors, lookup.edition)

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

    def spans(self, slice_id: int) -> list[tuple[int, int, float]]:
        """Start, end and similarity of the small windows of a slice."""
        columns = self.edition.columns
        at = int(np.searchsorted(self.places, columns.places_of([slice_id])[0]))
        first = int(self.firsts[at])
        end = int(self.firsts[at + 1]) if at + 1 < len(self.firsts) else len(self.rows)
        small = slice(first + 1, end)
        rows = self.rows[small]
        return list(
            zip(
                columns.window_start[rows].tolist(),
                columns.window_end[rows].tolist(),
                self.similarity[small].tolist(),
                strict=True,
            )
        )


async def _phrases(edition: Edition, terms: Terms, places: Ints, said: Mask) -> Floats:
    """1 for each slice that holds what the question has in quotation marks, or else the whole question.

    Args:
        edition: where the texts are.
        terms: the question's.
        places: of the slices, shape (n,).
        said: which of the question's stems each slice's text holds, shape (n_stems, n).
    """
    found = np.zeros(len(places))
    wanted = terms.phrases or ((terms.words,) if len(terms.stems) > 1 and len(terms.words) > 1 else ())
    at = np.flatnonzero(said.all(axis=0)) if not terms.phrases else np.arange(len(places))
    if wanted and len(at):
        stems = list(dict.fromkeys(word.stem for phrase in wanted for word in phrase))
        at = at[np.all(edition.postings.held(stems, places[at]) & TEXT, axis=0)]
    if wanted and len(at):
        ids = edition.columns.slice_id[places[at]].tolist()
        texts = await store.words_of(edition.connection, ids)
        found[at] = [holds_phrases(texts[slice_id][0], wanted) for slice_id in ids]
    return found
