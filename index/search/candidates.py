"""Candidate slices for a question, about 60, with the evidence for each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder, Vectors, WordPieceEncoder, WordPieces
from index.search.ranking import NAMED, Evidence, Floats
from index.search.relevance import ANSWERABLE, answer_evidence, chance_of_answer
from index.search.search_tables import SearchTables
from index.storage.edition import Edition
from index.storage.inverted_index import HEADING, TEXT, Places
from index.storage.records import SliceRecord
from index.storage.vectors import Conditions
from index.text.tokens import Terms, holds_phrases

KEPT = 60
"""Candidates whose evidence is computed."""

_NEAREST_TERMS = 3
_NEAREST_WINDOWS = 300
_MATCHING_SLICES = 200
FLOOR, FLOOR_AT_SLICES, FLOOR_PER_FOLD = 1.37, 2568, 0.097
"""What the sum of score and similarity of a passage is measured from in a library of ``FLOOR_AT_SLICES`` slices, and
its rise with each e-fold of slices: in a larger library the nearest slice is more similar by chance. Chosen on
libraries of 2,568 and of about 130 slices; see docs/measurements.md."""

_LOWEST_FLOOR, _HIGHEST_FLOOR = 0.9, 1.5

_ASKED_FOR = 0.2
_FEW_STEMS = 3
_RARE_SHARE = 0.01
_MATCH_GAIN = 0.6
_NO_PIECES = -1.0

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class AnswerBar(NamedTuple):
    """What an answer must reach.

    Attributes:
        floor: sum of score and similarity that is just enough for a passage; others are measured from it.
        chance: least chance that the library answers the question, 0 to 1.
    """

    floor: float
    chance: float = ANSWERABLE


BAR_OF_PLACE = AnswerBar(0.7, 0.1)
"""Where somebody asks for the place in one episode, and so knows that it is there: of 270 real questions all are above
in the right episode, and 1 % of 210 questions on other subjects in any (throw-away script)."""

CHANCE_OF_GUEST = 0.1
"""Least chance of an answer where a guest of the library is named: who names one wants to hear that one."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate slices with the evidence for each.

    Attributes:
        ids: ids of the slices, shape (n,).
        ordinals: ``(episode, ordinal)`` of each slice.
        evidence: arrays of shape (n,).
        whole_vectors: vectors of the whole slices, shape (n, dim).
        windows: windows of the slices and their neighbours; see ``windows_of``. None without candidates.
        idf: inverse document frequency of each stem of the question in this library.
        near_pieces: how near the word pieces of each slice are to the question's, shape (n,); -1 where there are none.
        pieces: the question's word pieces; None where the edition has none.
        stored_pieces: those of the slices by id.
        telling: the greatest ``idf`` of the stems that each slice and its neighbours hold, shape (n,).
        edition: the edition that the slices come from.
        bar: what an answer must reach.
        likeness: mean and standard deviation of the question's cosines to the episodes, see
            ``SearchTables.likeness``.
    """

    ids: npt.NDArray[np.int64]
    ordinals: Sequence[tuple[int, int]]
    evidence: Evidence
    whole_vectors: Vectors
    windows: "_Windows | None"
    idf: Mapping[str, float]
    telling: Floats
    near_pieces: Floats
    pieces: WordPieces | None
    stored_pieces: Mapping[int, bytes]
    edition: Edition
    bar: AnswerBar
    likeness: tuple[float, float]

    @property
    def near(self) -> Floats:
        """Return the cosine of each slice, or of its nearest window, to the question, shape (n,)."""
        return np.maximum(self.evidence.window, self.evidence.whole)

    @property
    def order_by_pieces(self) -> Floats:
        """Return ``near_pieces``, with the least of all for slices that have none, shape (n,); 0 where none has."""
        has_pieces = self.near_pieces > _NO_PIECES
        least = self.near_pieces[has_pieces].min() if has_pieces.any() else 0.0
        ordered: Floats = np.where(has_pieces, self.near_pieces, least)
        return ordered

    @property
    def asides(self) -> npt.NDArray[np.int8]:
        """Return what most of each slice is besides talk, shape (n,); see ``boilerplate.aside_of``."""
        columns = self.edition.columns
        asides: npt.NDArray[np.int8] = columns.slice_aside[columns.places_of(self.ids)]
        return asides

    @property
    def are_certain(self) -> npt.NDArray[np.bool_]:
        """Return which slices hold the question word for word, or are of an episode that it names, shape (n,)."""
        certain: npt.NDArray[np.bool_] = (self.evidence.phrase >= 1.0) | (self.evidence.title_terms >= NAMED)
        return certain

    @property
    def are_of_asked_episode(self) -> npt.NDArray[np.bool_]:
        """Return which slices are of an episode whose title or people the question names in part, shape (n,).

        There a greeting or closing may answer: “following Ada's work” is asked of the end.
        """
        asked: npt.NDArray[np.bool_] = self.evidence.title_terms >= _ASKED_FOR
        return asked

    @property
    def are_the_word(self) -> npt.NDArray[np.bool_]:
        """Return which slices hold the only word of the question, if few of the library's do, shape (n,)."""
        is_rare = len(self.idf) == 1 and self._has_rare_word
        the_word: npt.NDArray[np.bool_] = (self.evidence.own_terms >= NAMED) & is_rare
        return the_word

    @property
    def _has_rare_word(self) -> bool:
        return max(self.idf.values(), default=0.0) >= -math.log(_RARE_SHARE)

    def is_about(self, score: Floats, *, is_message: bool = False, names_guest: bool = False) -> bool:
        """Return True if the library has an answer, and the best candidate is not only the most similar slice there is.

        A question that names an episode or its people is always about that episode; one of few words is found where all
        of them are said together, and one with a rare word where it is said word for word (of a message as a whole,
        whose sentences are questions of their own, words alone prove nothing: it may be chatter). Any other is answered
        if ``relevance.chance_of_answer`` reaches the ``bar``, or ``CHANCE_OF_GUEST`` where it names a guest.
        """
        if (self.evidence.title_terms >= NAMED).any():
            return True
        says_all = len(self.idf) <= _FEW_STEMS and (self.evidence.own_terms >= NAMED).any()
        is_said = says_all or (self._has_rare_word and (self.evidence.phrase >= 1.0).any())
        if is_said and not is_message:
            return True
        least = min(self.bar.chance, CHANCE_OF_GUEST) if names_guest else self.bar.chance
        return chance_of_answer(self.evidence_of_answer(score)) >= least

    def evidence_of_answer(self, score: Floats) -> Floats:
        """Return the evidence that the library answers the question, shape (5,), see ``AnswerWeights``."""
        return answer_evidence(
            score,
            self.near,
            held=self.evidence.own_terms + self.evidence.title_terms,
            n_stems=len(self.idf),
            likeness=self.likeness,
        )

    def reach_floor(self, score: Floats) -> npt.NDArray[np.bool_]:
        """Return which slices have a sum of score and similarity that an answer's best may have, shape (n,)."""
        reached: npt.NDArray[np.bool_] = score + self.near >= self.bar.floor
        return reached

    def parts_of(self, record: SliceRecord) -> list[tuple[int, int, float]]:
        """Return start, end and nearness to the question of parts of a candidate's text, in order.

        They are its sentences, by their word pieces, and what lies behind the last piece, since the encoder cuts long
        texts, by its windows' vectors. Where there are no pieces, they are its small windows.
        """
        windows = [] if self.windows is None else self.windows.spans(record.id)
        stored = self.stored_pieces.get(record.id)
        if self.pieces is None or not stored:
            return windows
        bounds = list(record.piece.units())
        near = self.pieces.nearness_within(stored, bounds).astype(np.float64)
        has_pieces = near > _NO_PIECES
        if has_pieces.any():
            least, most = near[has_pieces].min(), near[has_pieces].max()
            near[~has_pieces] = (least + (most - least) * _shares_of_windows(bounds, windows))[~has_pieces]
        return [(*bound, one) for bound, one in zip(bounds, near.tolist(), strict=True)]

    def with_pieces_of(self, stored: Mapping[int, bytes]) -> "Candidates":
        """Return these candidates with the word pieces of further slices, by id."""
        return replace(self, stored_pieces={**self.stored_pieces, **stored})

    def nearest_terms(self) -> tuple[str, ...]:
        """Return the best term of each episode of the most similar candidates, ``_NEAREST_TERMS`` at most."""
        order = np.argsort(-self.evidence.whole, kind="stable")
        episodes = dict.fromkeys(self.ordinals[place][0] for place in order)
        terms: dict[str, None] = {}
        for episode in islice(episodes, 2 * _NEAREST_TERMS):
            terms |= dict.fromkeys(islice(self.edition.episodes[episode].terms, 1))
            if len(terms) == _NEAREST_TERMS:  # an episode's terms are computed at their first use
                break
        return tuple(terms)


def bar_for(n_slices: int) -> AnswerBar:
    """Return the bar where ``n_slices`` are searched; its floor is from 0.9 to 1.5."""
    floor = FLOOR + FLOOR_PER_FOLD * math.log(max(1, n_slices) / FLOOR_AT_SLICES)
    return AnswerBar(min(max(floor, _LOWEST_FLOOR), _HIGHEST_FLOOR))


@dataclass(frozen=True, slots=True)
class VectorMatches:
    """Slices with the windows nearest to a question.

    Attributes:
        vector: the question's vector, shape (dim,).
        pieces: its word pieces; None where the edition has none of the same kind.
        places: places of the slices, nearest first; a slice is repeated for each of its windows found.
        similarities: cosine of each window, of the same shape.
    """

    vector: Vectors
    pieces: WordPieces | None
    places: Places
    similarities: Vectors


WordMatches = tuple[Places, Vectors]
"""Places of the slices that match a question by BM25, best first, and their scores, above 0."""


def match_by_vector(
    tables: SearchTables,
    question: str,
    encoder: Encoder,
    allowed: Mask | None,
    where: Conditions | None = None,
) -> VectorMatches:
    """Return the slices with the windows nearest to the question.

    Args:
        tables: the edition's tables.
        question: text that is encoded.
        encoder: the one that the edition was built with.
        allowed: mask of the slices that may be found, in the order of the slice columns; None for all.
        where: the conditions that the mask was made from.
    """
    pieces: list[WordPieces] = []
    if isinstance(encoder, WordPieceEncoder) and encoder.pieces_version == tables.edition.facts.pieces:
        (vector,) = encoder.encode_with_pieces([question], lambda _row, found: pieces.append(found))
    else:
        (vector,) = encoder.encode([question])
    windows_allowed = None if allowed is None else allowed[tables.window_places]
    vectors = tables.edition.vectors
    similarities, rows = vectors.search(
        vector[np.newaxis], _NEAREST_WINDOWS, allowed=windows_allowed, where=where
    )
    return VectorMatches(
        vector, pieces[0] if pieces else None, tables.window_places[rows[0]], similarities[0]
    )


def match_by_words(
    tables: SearchTables, terms: Terms, allowed: Mask | None, where: Conditions | None = None
) -> WordMatches:
    """Return the slices that match the question's words best; for the limits see ``match_by_vector``."""
    stems = [*terms.stems, *(variant for variant, _ in terms.variants)]
    phrases = [[word.stem for word in phrase] for phrase in terms.phrases]
    return tables.edition.postings.best(
        stems, _MATCHING_SLICES, together=phrases, allowed=allowed, where=where
    )


async def gather(
    tables: SearchTables, terms: Terms, by_vector: VectorMatches, by_words: WordMatches, *, bar: AnswerBar
) -> Candidates:
    """Return the ``KEPT`` most promising slices by vectors and words together, with the evidence for each."""
    kept = _most_promising(by_vector, by_words)
    if not len(kept):
        return _no_candidates(tables.edition, bar)
    return await _with_evidence(tables, terms, by_vector, kept, bar)


def _most_promising(by_vector: VectorMatches, by_words: WordMatches) -> Ints:
    """Return the places of the ``KEPT`` best slices by vectors and words together, best first, ties by place."""
    word_places, word_scores = by_words
    places, at = np.unique(np.concatenate([by_vector.places, word_places]), return_inverse=True)
    least = by_vector.similarities[-1] if len(by_vector.similarities) else 0.0
    prior = np.full(len(places), least, np.float64)
    np.maximum.at(prior, at[: len(by_vector.places)], by_vector.similarities)
    if len(word_places):
        prior[at[len(by_vector.places) :]] += _MATCH_GAIN * word_scores / word_scores[0]
    order = np.argsort(-prior, kind="stable")[:KEPT]
    return places[order].astype(np.int64)


def _no_candidates(edition: Edition, bar: AnswerBar) -> Candidates:
    """Return no candidates: the edition has no speech, or the filters leave none of it."""
    evidence = Evidence(**{name: np.zeros(0) for name in Evidence.__dataclass_fields__})
    nothing = np.zeros(0, np.int64)
    return Candidates(
        ids=nothing,
        ordinals=(),
        evidence=evidence,
        whole_vectors=edition.vectors.take(nothing),
        windows=None,
        idf={},
        telling=np.zeros(0),
        near_pieces=np.zeros(0),
        pieces=None,
        stored_pieces={},
        edition=edition,
        bar=bar,
        likeness=(0.0, 0.0),
    )


async def _with_evidence(
    tables: SearchTables, terms: Terms, by_vector: VectorMatches, places: Ints, bar: AnswerBar
) -> Candidates:
    edition, columns, vector = tables.edition, tables.edition.columns, by_vector.vector
    episodes = columns.slice_episode[places]
    before, after = _neighbours(columns.slice_episode, places)
    around = np.unique(np.concatenate([places, before, after]))
    own, before_at, after_at = (np.searchsorted(around, at) for at in (places, before, after))
    windows = _Windows.of(tables, around, own, vector)
    weights = {stem: tables.idf(stem) for stem in terms.stems}
    share = np.array(list(weights.values())) / (sum(weights.values()) or 1.0)
    held = _fields_holding(edition, terms, around)
    said = (held & TEXT) > 0
    said_near = said[:, before_at] | said[:, own] | said[:, after_at]
    firsts = np.searchsorted(columns.slice_episode, episodes, side="left")
    evidence = Evidence(
        window=windows.nearest[own].astype(np.float64),
        whole=windows.whole[own].astype(np.float64),
        beside=np.maximum(
            windows.nearest[np.where(before == places, own, before_at)],
            windows.nearest[np.where(after == places, own, after_at)],
        ).astype(np.float64),
        episode=tables.episode_similarity(episodes, vector),
        own_terms=share @ said[:, own],
        near_terms=share @ said_near,
        title_terms=_in_titles(tables, terms, share, episodes),
        heading_terms=share @ ((held[:, own] & HEADING) > 0),
        phrase=await _phrases(edition, terms, places, said[:, own]),
    )
    ids = columns.slice_id[places]
    stored = await edition.slices.pieces(ids.tolist()) if by_vector.pieces is not None else {}
    return Candidates(
        ids=ids,
        ordinals=list(zip(episodes.tolist(), (places - firsts).tolist(), strict=True)),
        evidence=evidence,
        whole_vectors=windows.whole_vectors[own],
        windows=windows,
        idf=weights,
        telling=(said_near.T * np.array(list(weights.values()))).max(axis=1, initial=0.0),
        near_pieces=_near_pieces(by_vector.pieces, ids.tolist(), stored),
        pieces=by_vector.pieces,
        stored_pieces=stored,
        edition=edition,
        bar=bar,
        likeness=tables.likeness(vector),
    )


def _near_pieces(pieces: WordPieces | None, ids: Sequence[int], stored: Mapping[int, bytes]) -> Floats:
    """Return how near the word pieces of slices are to those of the question, see ``WordPieces.nearness``."""
    if pieces is None:
        return np.full(len(ids), _NO_PIECES)
    return pieces.nearness([stored.get(number, b"") for number in ids]).astype(np.float64)


def _shares_of_windows(
    bounds: Sequence[tuple[int, int]], windows: Sequence[tuple[int, int, float]]
) -> Floats:
    """Return for each part of a text the similarity of its window, from 0 for the least to 1 for the greatest."""
    if not windows:
        return np.zeros(len(bounds))
    starts, _, similarity = (np.array(values) for values in zip(*windows, strict=True))
    low, high = similarity.min(), similarity.max()
    at = np.searchsorted(starts, [start for start, _ in bounds], side="right") - 1
    shares: Floats = (similarity[np.maximum(at, 0)] - low) / ((high - low) or 1.0)
    return shares


def _fields_holding(edition: Edition, terms: Terms, places: Ints) -> npt.NDArray[np.uint8]:
    """Return bits of the fields that hold each of the question's stems or variants, shape (n_stems, n_places)."""
    asked = [*terms.stems, *(variant for variant, _ in terms.variants)]
    held, variants = np.split(edition.postings.held(asked, places), [len(terms.stems)])
    rows = {stem: row for row, stem in enumerate(terms.stems)}
    for (_, meant), fields in zip(terms.variants, variants, strict=True):
        held[rows[meant]] |= fields
    return held


def _in_titles(tables: SearchTables, terms: Terms, share: Floats, episodes: Ints) -> Floats:
    """Return the share of the question's idf that the title and people of each of ``episodes`` hold, 0 to 1."""
    meant = {stem: {stem} for stem in terms.stems}
    for variant, stem in terms.variants:
        meant[stem].add(variant)
    held = {
        episode: sum(
            weight
            for stem, weight in zip(terms.stems, share.tolist(), strict=True)
            if not meant[stem].isdisjoint(tables.title_stems[episode])
        )
        for episode in dict.fromkeys(episodes.tolist())
    }
    return np.array([held[episode] for episode in episodes.tolist()])


def _neighbours(slice_episode: Ints, places: Ints) -> tuple[Ints, Ints]:
    """Return the places of the slices before and after each of ``places`` in its episode; itself at an end."""
    last = len(slice_episode) - 1
    before, after = np.maximum(places - 1, 0), np.minimum(places + 1, last)
    same_before = slice_episode[before] == slice_episode[places]
    same_after = slice_episode[after] == slice_episode[places]
    return np.where(same_before, before, places), np.where(same_after, after, places)


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows of some slices with their similarity to the question. A slice's first window is the whole slice."""

    places: Ints
    rows: Ints
    firsts: Ints
    similarity: Vectors
    vectors: Vectors
    edition: Edition

    @classmethod
    def of(cls, tables: SearchTables, places: Ints, own: Ints, vector: Vectors) -> "_Windows":
        starts = tables.first_windows[places]
        ends = starts + 1
        ends[own] = tables.first_windows[places[own] + 1]
        firsts = np.cumsum(ends - starts) - (ends - starts)
        rows = np.arange(int((ends - starts).sum())) + np.repeat(starts - firsts, ends - starts)
        vectors = tables.edition.vectors.take(rows)
        return cls(places, rows, firsts, vectors @ vector, vectors, tables.edition)

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
        """Return start, end and similarity of each small window of a slice, in order."""
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
    """Return 1 for each slice that holds the question's quoted phrases or else the whole question, 0 for others.

    Args:
        edition: the edition that has the texts.
        terms: the question's terms.
        places: places of the slices, shape (n,).
        said: mask of the question's stems that each slice's text holds, shape (n_stems, n).
    """
    found = np.zeros(len(places))
    wanted = terms.phrases or ((terms.words,) if len(terms.stems) > 1 and len(terms.words) > 1 else ())
    at = np.flatnonzero(said.all(axis=0)) if not terms.phrases else np.arange(len(places))
    if wanted and len(at):
        stems = list(dict.fromkeys(word.stem for phrase in wanted for word in phrase))
        at = at[np.all(edition.postings.held(stems, places[at]) & TEXT, axis=0)]
    if wanted and len(at):
        ids = edition.columns.slice_id[places[at]].tolist()
        texts = await edition.slices.texts(ids)
        found[at] = [holds_phrases(texts[slice_id], wanted) for slice_id in ids]
    return found
