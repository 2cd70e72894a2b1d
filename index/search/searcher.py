"""Search over an edition: vectors and words find candidates, evidence ranks them, the best become passages.

Steps: the question's words -> nearest windows and BM25 -> about 60 candidate slices -> evidence of each and of its
neighbours -> scores -> the order by word pieces, and by a reranker, if there is one -> neighbours merged -> quotes and
links. A long question goes the
first half of this way as a whole and by its sentences, and the surest of these is answered.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from index.embedding.encoder import Encoder
from index.embedding.reranker import Reranker
from index.search.answers import EpisodeHit, Found, Passage
from index.search.candidates import (
    BAR_OF_PLACE,
    AnswerBar,
    Candidates,
    Mask,
    VectorMatches,
    WordMatches,
    bar_for,
    gather,
    match_by_vector,
    match_by_words,
)
from index.search.excerpts import answers_beside_advert
from index.search.filters import EVERYTHING, Filters, slices_passing
from index.search.passages import helpful_corrections, naming, passages_of, without_teasers
from index.search.query_analysis import Query, QueryAnalyzer
from index.search.query_reduction import asks_for_place
from index.search.ranking import (
    NAMED,
    PIECES,
    Floats,
    SliceGroup,
    best_places,
    diversify,
    episode_order,
    group_neighbours,
    reranked,
    scores,
    without_reposts,
)
from index.search.relevance import SURE, belonging_groups, chance_of_first, lead_of, speaking_groups
from index.search.search_tables import SearchTables
from index.storage.edition import Edition
from index.storage.records import SliceRecord
from index.storage.vectors import Conditions
from index.text.boilerplate import ADVERT, NO_ASIDE
from index.text.tokens import TermFinder, Terms, readable, tokenize
from scoring.axis import Axis

LONGEST_PASSAGE_SLICES = 3
"""Slices that are merged into a passage at most; the answer to the question that it ends with may be one more."""

QUOTED_WORDS = 5
"""So many words in quotation marks are a sentence that somebody is to have said, and no name or term."""

NAMED_GUEST = 0.45
"""Score that a slice gains where the question names a guest of its episode: more than any other evidence of one name,
less than all words of the question. Set by hand."""

NAMED_CHAPTER = 0.5
"""What a slice gains in the order of passages where the question names its chapter: of 165 headings the chapter comes
first for 86 % instead of 65, and no other question changes. See docs/measurements.md."""

PART_MARGIN = 0.25
"""How much surer a sentence of a long question must be than the floor, and than the whole, to be answered in its place:
among six sentences one is near to something by chance. See docs/measurements.md."""

NOT_ABOUT = -math.inf


@dataclass(frozen=True, slots=True)
class _Match:
    """What matches a question, or a sentence of it.

    Attributes:
        query: what is matched.
        terms: its words as meant.
        corrected: each word that was corrected, with what it became.
        candidates: slices that may answer.
        score: how much each is about the question, shape (n,).
        order: by what they are ordered, shape (n,): ``score``, the nearness of word pieces, and who or which chapter is
            named. Whether anything is about the question is told by ``score``.
        asked: the sentence of a long question that it matches; None for the whole question.
        sureness: the greatest sum of score and similarity, for a sentence less ``PART_MARGIN``; ``NOT_ABOUT`` if none
            is about the question.
    """

    query: Query
    terms: Terms
    corrected: dict[str, str]
    candidates: Candidates
    score: Floats
    order: Floats
    sureness: float
    asked: str | None = None

    def nearest_sentence(self, group: SliceGroup, records: Mapping[int, SliceRecord]) -> float:
        """Return how near the word pieces of the nearest sentence of a group's best slice are to the question's."""
        record = records[int(self.candidates.ids[group.places[0]])]
        return max(near for *_, near in self.candidates.parts_of(record))

    def is_sure(
        self, first: SliceGroup, ranked: Sequence[SliceGroup], records: Mapping[int, SliceRecord]
    ) -> bool:
        """Return True if ``first``, one of ``ranked``, is what is meant with a chance of ``relevance.SURE``.

        Or its episode is named, or it is said there word for word; where the very words are asked for, only then.
        Nothing is sure where the question quotes a sentence that nobody says, or where all that is asked was written as
        a name and read as another word: “Galactica” may be no “galactic”.
        """
        candidates, place = self.candidates, first.places[0]
        is_phrase_said = candidates.evidence.phrase >= 1.0
        if self.terms.are_quoted:
            return bool(is_phrase_said[place])
        if 0 < len(candidates.idf) <= len(self.corrected) and self.query.text[:1].isupper():
            return False
        if any(len(phrase) >= QUOTED_WORDS for phrase in self.terms.phrases) and not is_phrase_said.any():
            return False
        is_the_word = candidates.are_the_word[place] and not self.query.parts
        is_said = candidates.are_certain[place] or is_the_word
        if is_said:
            return True
        pieces = None if candidates.pieces is None else self.nearest_sentence(first, records)
        answer = candidates.evidence_of_answer(self.score)
        return chance_of_first(lead_of(first, ranked), answer, pieces) >= SURE


@dataclass(frozen=True, slots=True)
class Searcher:
    """Answers questions from one edition; a ``reranker``, if given, scores the best candidates again."""

    tables: SearchTables
    encoder: Encoder
    axis: Axis
    analyzer: QueryAnalyzer
    reranker: Reranker | None = None

    @classmethod
    def over(
        cls, edition: Edition, encoder: Encoder, axis: Axis, reranker: Reranker | None = None
    ) -> "Searcher":
        """Return a searcher over ``edition``."""
        tables = SearchTables.of(edition)
        return cls(tables, encoder, axis, QueryAnalyzer.of(tables, encoder), reranker)

    @property
    def edition(self) -> Edition:
        """Return the edition that is searched."""
        return self.tables.edition

    async def find(
        self,
        question: str,
        *,
        n_passages: int = 10,
        filters: Filters = EVERYTHING,
        is_claim: bool = False,
    ) -> Found:
        """Find the passages that answer ``question``, best first.

        Args:
            question: text as typed. Only quotation marks have a meaning: the words in them stand together.
            n_passages: passages at most, at least 1.
            filters: limits of the answer.
            is_claim: whether it is no question but a message that claims something, of which passages are wanted that
                speak to it, by ``relevance.speaking_groups``.

        Returns:
            The answer. Passages do not overlap; neighbouring slices are merged; nearly the same words in two
            episodes appear once. If the library has no answer (``Candidates.is_about``), ``is_match`` is False and
            there are no passages. Where the question asks for a year whose episodes answer nothing, all are searched,
            with the year as a word: it may be that of which the question speaks.
        """
        answer = partial(self._answer, question, is_claim=is_claim)
        query = await self.analyzer.analyze(question)
        if filters.since is not None or filters.until is not None:
            query = replace(query, year=None)  # the days that are asked for are those, whatever year is named
        if query.year is not None and query.year.is_known:
            within = filters.within_year(query.year.year)
            found = await answer(query, n_passages, within)
            of_any_side = replace(within, band=None, lens=None)
            if found.is_match or (of_any_side != within and (await answer(query, 1, of_any_side)).is_match):
                return found
            unanswered = replace(query.year, is_known=False)
            query = replace(await self.analyzer.analyze(question, keeps_year=True), year=unanswered)
        return await answer(query, n_passages, filters)

    async def _answer(
        self, question: str, query: Query, n_passages: int, filters: Filters, *, is_claim: bool
    ) -> Found:
        """Return the answer to ``question``, of which ``query`` is the analysis; see ``find``."""
        nothing = Found(
            question,
            self.edition.name,
            (),
            (),
            False,
            {},
            other_language=query.other_language,
            absent=query.absent,
            year=query.year,
        )
        if not query.terms:
            return nothing
        allowed, where, n_searched = await slices_passing(self.tables, self.axis, filters)
        is_there = filters.episode is not None and asks_for_place(question)
        bar = BAR_OF_PLACE if is_there else bar_for(n_searched)
        match = await self._surest(query, allowed, where, bar)
        nothing = replace(nothing, floor=bar.floor, asked=match.asked)
        candidates, terms = match.candidates, match.terms
        if not len(candidates.ids):
            return nothing
        if match.sureness == NOT_ABOUT:
            return replace(nothing, nearest=candidates.nearest_terms())
        episodes = [episode for episode, _ in candidates.ordinals]
        ranking = await self._reranked(question, candidates, match.order)
        order = np.argsort(-ranking, kind="stable").tolist()
        if terms.are_quoted and (says_it := candidates.evidence.phrase >= 1.0).any():
            order = [place for place in order if says_it[place]]  # each place where the very words are said
        longest = 1 if terms.are_quoted else LONGEST_PASSAGE_SLICES
        groups = group_neighbours(order, ranking, candidates.ordinals, longest=longest)
        groups = diversify(groups, [episodes[group.places[0]] for group in groups])
        groups = without_reposts(groups, candidates.whole_vectors, episodes)
        records = await self._records(groups, candidates)
        finder = TermFinder(terms)
        ranked = groups
        groups = self._belonging(ranked, match, finder, records, is_claim=is_claim)
        groups = _of_guests(groups, match.query, candidates, records, finder)
        if query.absent is not None:
            groups = naming(query.absent, groups, candidates, records, corrected=match.corrected, terms=terms)
        groups = without_teasers(groups, candidates, records, finder)[:n_passages]
        if not groups:
            return replace(nothing, nearest=candidates.nearest_terms())
        is_limited = filters.speaker is not None or filters.band is not None or filters.lens is not None
        passages = await passages_of(
            groups,
            match.score,
            candidates,
            terms,
            records,
            speaker=filters.speaker,
            reaches_beside=not is_limited and not terms.are_quoted,
        )
        return replace(
            nothing,
            passages=tuple(passages),
            episodes=self._hits(passages, groups),
            is_match=True,
            is_sure=match.is_sure(groups[0], ranked, records),
            corrected=helpful_corrections(match.corrected, passages),
        )

    def _hits(self, passages: Sequence[Passage], groups: Sequence[SliceGroup]) -> tuple[EpisodeHit, ...]:
        """Return the episodes of ``passages``, which are made of ``groups``, best first."""
        ranked = episode_order(
            [(passage.episode.id, group.score) for passage, group in zip(passages, groups, strict=True)]
        )
        return tuple(
            EpisodeHit(
                self.edition.episodes[episode],
                tuple(passage.rank for passage in passages if passage.episode.id == episode),
            )
            for episode in ranked
        )

    async def _records(
        self, groups: Sequence[SliceGroup], candidates: Candidates
    ) -> Mapping[int, SliceRecord]:
        """Return the slices of ``groups`` by id."""
        wanted = [int(candidates.ids[place]) for group in groups for place in group.places]
        return await self.edition.slices.by_id(wanted)

    @staticmethod
    def _belonging(
        chosen: Sequence[SliceGroup],
        match: _Match,
        finder: TermFinder,
        records: Mapping[int, SliceRecord],
        *,
        is_claim: bool,
    ) -> list[SliceGroup]:
        """Return the groups that belong to the answer, without adverts and greetings; empty for no answer.

        The best may greet, and so may those of an episode that is asked for. What sells stays where its other sentences
        hold what is asked. Where the best is left out, another must be an answer by itself.
        """
        candidates, score = match.candidates, match.score
        of_asked, asides = candidates.are_of_asked_episode, candidates.asides

        def is_apart(group: SliceGroup) -> bool:
            place = group.places[0]
            may_greet = group is chosen[0] or of_asked[place]
            if asides[place] == NO_ASIDE or (may_greet and asides[place] != ADVERT):
                return False
            piece = records[int(candidates.ids[place])].piece
            return not answers_beside_advert(piece, finder.find(piece.text), candidates.idf)

        left = [group for group in chosen if not is_apart(group)] or list(chosen)
        reached = candidates.reach_floor(score)
        if left[0] is not chosen[0]:
            answers = reached | candidates.are_certain | candidates.are_the_word
            if not any(answers[place] for group in left for place in group.places):
                return []
        if is_claim:
            return speaking_groups(left, score, candidates.near, floor=candidates.bar.floor)
        nearest = score + candidates.near  # the greatest is why there is an answer at all
        certain = candidates.are_certain | (candidates.are_the_word & ~reached.any())
        return belonging_groups(
            left,
            score,
            candidates.near,
            terms=candidates.evidence.near_terms,
            pieces=candidates.order_by_pieces if candidates.pieces is not None else None,
            nearest_sentence=partial(match.nearest_sentence, records=records),
            certain=certain | (nearest >= nearest.max()),
            episodes=[episode for episode, _ in candidates.ordinals],
            floor=candidates.bar.floor,
            is_sure=match.is_sure(left[0], chosen, records),
        )

    async def _surest(
        self, query: Query, allowed: Mask | None, where: Conditions | None, bar: AnswerBar
    ) -> _Match:
        """Return what matches ``query`` as a whole, or the sentence of it that is answered far more surely.

        A sentence answers only where the whole does: among many sentences one is near to something by chance.
        """
        whole, *of_parts = await asyncio.gather(
            *(self._match(asked, allowed, where, bar) for asked in (query, *query.parts))
        )
        if whole.sureness == NOT_ABOUT:
            return whole
        surest = whole
        for part, of_part in zip(query.parts, of_parts, strict=True):
            sureness = of_part.sureness - PART_MARGIN
            if sureness >= max(surest.sureness, bar.floor):
                surest = replace(of_part, sureness=sureness, asked=part.text)
        return surest

    def _match_by_vector(
        self, question: str, allowed: Mask | None, where: Conditions | None
    ) -> VectorMatches:
        """Return the nearest slices by vectors. Runs in a thread, beside the search by words."""
        return match_by_vector(self.tables, readable(question), self.encoder, allowed, where)

    async def _match(
        self,
        query: Query,
        allowed: Mask | None,
        where: Conditions | None,
        bar: AnswerBar,
    ) -> "_Match":
        """Return what matches ``query``; its words are corrected while the vectors are searched."""
        by_vector, (meant, corrected, by_words) = await asyncio.gather(
            asyncio.to_thread(self._match_by_vector, query.text, allowed, where),
            self._match_by_words(query, allowed, where),
        )
        if corrected:
            by_vector = await asyncio.to_thread(self._match_by_vector, meant.text, allowed, where)
        candidates = await gather(self.tables, meant.terms, by_vector, by_words, bar=bar)
        score = scores(candidates.evidence)
        is_about = len(candidates.ids) > 0 and candidates.is_about(
            score, is_message=bool(query.parts), names_guest=bool(query.guest_episodes)
        )
        sureness = float((score + candidates.near).max()) if is_about else NOT_ABOUT
        are_theirs = [episode in query.guest_episodes for episode, _ in candidates.ordinals]
        order = score + PIECES * candidates.order_by_pieces + NAMED_GUEST * np.array(are_theirs, np.float64)
        order += NAMED_CHAPTER * (candidates.evidence.heading_terms >= NAMED)
        return _Match(query, meant.terms, corrected, candidates, score, order, sureness)

    async def _match_by_words(
        self, query: Query, allowed: Mask | None, where: Conditions | None
    ) -> tuple[Query, dict[str, str], WordMatches]:
        """Return the query as meant, the words corrected, and the slices that match by words."""
        meant, corrected = await self.analyzer.correct(query)
        return meant, corrected, match_by_words(self.tables, meant.terms, allowed, where)

    async def _reranked(self, question: str, candidates: Candidates, order: Floats) -> Floats:
        if self.reranker is None:
            return order
        places = best_places(order)
        ids = candidates.ids[places].tolist()
        texts = await self.edition.slices.texts(ids)
        pairs = [texts[slice_id] for slice_id in ids]
        judged = await asyncio.to_thread(self.reranker.scores, readable(question), pairs)
        return reranked(order, places, judged)


def _of_guests(
    groups: Sequence[SliceGroup],
    query: Query,
    candidates: Candidates,
    records: Mapping[int, SliceRecord],
    finder: TermFinder,
) -> list[SliceGroup]:
    """Return the groups of the guests whom the question names, if there are any, and those that speak of them.

    “How sure was Ada that it works” asks for nobody else's certainty. What speaks of them has a name and a word of
    what is asked in one sentence.
    """
    theirs = [group for group in groups if candidates.ordinals[group.places[0]][0] in query.guest_episodes]
    if not theirs:
        return list(groups)

    def names_them(group: SliceGroup) -> bool:
        pieces = (records[int(candidates.ids[place])].piece for place in group.places)
        sentences = (piece.text[start:end] for piece in pieces for start, end in piece.units())
        return any(
            finder.find(said) and any(token.word in query.guest_words for token in tokenize(said))
            for said in sentences
        )

    return [group for group in groups if group in theirs or names_them(group)]
