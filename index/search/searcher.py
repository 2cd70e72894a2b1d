"""A question put to an edition: vectors and keywords find candidates, evidence ranks them, the best become passages.

The way of a question: terms -> nearest windows and matching words -> some 60 candidate slices -> evidence of each
and of its neighbours -> scores, and a reranker's on top where there is one -> neighbours merged -> quotes and links.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder, Vectors, Vocabulary
from index.embedding.reranker import Reranker
from index.library.episodes import EpisodeFile
from index.search.answers import EVERYTHING, EpisodeHit, Filters, Found, OtherLanguage, Passage
from index.search.candidates import (
    Candidates,
    Mask,
    Matching,
    Near,
    gather,
    matching_in_words,
    near_in_meaning,
)
from index.search.episode_names import same_name
from index.search.excerpts import Match, excerpt_of
from index.search.ranking import (
    Floats,
    Stretch,
    best_places,
    episode_order,
    reranked,
    scores,
    spread_out,
    stretches,
)
from index.search.tables import SearchTables
from index.storage import queries as store
from index.storage.edition import Edition
from index.text.languages import language_of
from index.text.spelling import Speller
from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import TermFinder, Terms, readable, stem, terms_of, tokenize
from scoring.axis import Axis

LONGEST_PASSAGE_SLICES = 3
REPOSTED = 0.97
"""Cosine of two whole slices of different episodes from which they are taken for the same words."""


@dataclass(frozen=True, slots=True)
class Searcher:
    """Answers questions from one edition; a ``reranker`` has a second look at the best candidates."""

    lookup: SearchTables
    encoder: Encoder
    axis: Axis
    speller: Speller
    reranker: Reranker | None = None

    @classmethod
    def over(
        cls, edition: Edition, encoder: Encoder, axis: Axis, reranker: Reranker | None = None
    ) -> "Searcher":
        """What answers from ``edition``."""
        about = (one.about for one in edition.episodes.values())
        names = frozenset(
            text[token.start : token.end].lower()
            for one in about
            for text in (one.title, *one.guests, *one.hosts)
            for token in tokenize(text)
        )
        stems = {stem(word) for word in names}
        speller = Speller(
            is_known=lambda stemmed: edition.postings.frequency(stemmed) > 0 or stemmed in stems,
            names=names,
            words=store.StoredWords(edition.connection),
            is_word=encoder.knows_word if isinstance(encoder, Vocabulary) else FUNCTION_WORDS.__contains__,
        )
        return cls(SearchTables.of(edition), encoder, axis, speller, reranker)

    @property
    def edition(self) -> Edition:
        """The edition that answers."""
        return self.lookup.edition

    async def find(
        self,
        question: str,
        *,
        n_passages: int = 10,
        filters: Filters = EVERYTHING,
        vector: Vectors | None = None,
    ) -> Found:
        """The passages that answer ``question``, best first.

        Args:
            question: what a person typed. Only quotation marks mean anything in it: words in them stand together.
            n_passages: at most so many passages; at least 1.
            filters: what the answer is limited to.
            vector: the question's vector, shape (dim,), if it is known already.

        Returns:
            The answer. No two passages overlap; neighbouring slices are one passage; nearly the same words in two
            episodes appear once. ``is_match`` is False, and there are no passages, where the best candidate lies
            below the floor.
        """
        terms = terms_of(question)
        nothing = Found(
            question, self.edition.name, (), (), False, {}, other_language=self._other_language(terms)
        )
        if not terms:
            return nothing
        allowed = await self._allowed(filters)
        near, (terms, corrected, matching) = await asyncio.gather(
            asyncio.to_thread(self._near, question, vector, allowed),
            self._matching(terms, allowed, is_foreign=nothing.other_language is not None),
        )
        nothing = replace(nothing, corrected=corrected)
        candidates = await gather(self.lookup, terms, near, matching)
        if not len(candidates.ids):
            return nothing
        score = scores(candidates.evidence)
        if not candidates.is_about(score):
            return replace(nothing, nearest=candidates.nearest_terms())
        score = await self._reranked(question, candidates, score)
        order = np.argsort(-score, kind="stable").tolist()
        groups = stretches(order, score, candidates.ordinals, longest=LONGEST_PASSAGE_SLICES)
        groups = spread_out(groups, [candidates.ordinals[group.places[0]][0] for group in groups])
        chosen, reposts = self._without_reposts(groups, candidates, n_passages)
        passages = await self._passages(chosen, reposts, candidates, terms)
        ranked = episode_order([(passage.episode.id, passage.score) for passage in passages])
        hits = tuple(
            EpisodeHit(
                self.edition.episodes[episode],
                tuple(passage.rank for passage in passages if passage.episode.id == episode),
            )
            for episode in ranked
        )
        return replace(nothing, passages=tuple(passages), episodes=hits, is_match=True)

    def _near(self, question: str, vector: Vectors | None, allowed: Mask | None) -> Near:
        """What is near in meaning. Computed on a thread of its own, beside what the words need."""
        if vector is None:
            vector = self.encoder.encode([readable(question)])[0]
        return near_in_meaning(self.lookup, vector, allowed)

    async def _matching(
        self, terms: Terms, allowed: Mask | None, *, is_foreign: bool
    ) -> tuple[Terms, dict[str, str], Matching]:
        """The terms as they were meant, which were corrected, and what matches them in words."""
        corrected: dict[str, str] = {}
        if not is_foreign:
            terms, corrected = await self.speller.correct(terms)
        terms = await self.speller.with_mishearings(terms)
        return terms, corrected, matching_in_words(self.lookup, terms, allowed)

    def _other_language(self, terms: Terms) -> OtherLanguage | None:
        """Return both languages where the question's is not the library's, which knows few of its words."""
        language, own = language_of(word.word for word in terms.words), self.lookup.language
        known = sum(self.speller.is_known(stem) for stem in terms.stems)
        if language is None or own is None or language == own or 2 * known > len(terms.stems):
            return None
        return OtherLanguage(language, own)

    async def _reranked(self, question: str, candidates: Candidates, score: Floats) -> Floats:
        if self.reranker is None:
            return score
        places = best_places(score)
        ids = candidates.ids[places].tolist()
        words = await store.words_of(self.edition.connection, ids)
        judged = self.reranker.scores(readable(question), [words[one][0] for one in ids])
        return reranked(score, places, judged)

    async def _allowed(self, filters: Filters) -> Mask | None:
        """Which slices may be found, in the order of the slice columns; None for all."""
        if not filters:
            return None
        columns = self.edition.columns
        episodes = np.array(
            [one.id for one in self.edition.episodes.values() if _episode_passes(one.about, one.id, filters)],
            np.int64,
        )
        allowed: npt.NDArray[np.bool_] = np.isin(columns.slice_episode, episodes)
        if filters.band is not None:
            allowed &= columns.slice_band == self.axis.bands.index(filters.band)
        if filters.lens is not None:
            allowed &= columns.slice_lens == self.axis.lenses.index(filters.lens)
        if filters.speaker is not None:
            spoken = await store.slices_spoken_by(self.edition.connection, filters.speaker)
            allowed &= np.isin(columns.slice_id, np.array(spoken, np.int64))
        return allowed

    def _without_reposts(
        self, groups: Sequence[Stretch], candidates: Candidates, limit: int
    ) -> tuple[list[Stretch], dict[int, list[int]]]:
        """The first ``limit`` stretches; by place in that list, the episodes of those that only repeat one of them."""
        episodes = np.array([episode for episode, _ in candidates.ordinals])
        alike = candidates.whole_vectors @ candidates.whole_vectors.T >= REPOSTED
        alike &= episodes[:, np.newaxis] != episodes
        repeats: dict[int, list[int]] = {}
        for place, other in np.argwhere(alike).tolist():
            repeats.setdefault(place, []).append(other)
        chosen: list[Stretch] = []
        owners: dict[int, int] = {}
        also: dict[int, list[int]] = {}
        for group in groups:
            best = group.places[0]
            same = min((owners[at] for at in repeats.get(best, ()) if at in owners), default=None)
            if same is not None:
                also.setdefault(same, []).append(int(episodes[best]))
            elif len(chosen) < limit:
                owners.update(dict.fromkeys(group.places, len(chosen)))
                chosen.append(group)
        return chosen, also

    async def _passages(
        self, chosen: Sequence[Stretch], also: dict[int, list[int]], candidates: Candidates, terms: Terms
    ) -> list[Passage]:
        wanted = [int(candidates.ids[place]) for group in chosen for place in group.places]
        records = await store.slices_by_id(self.edition.connection, wanted)
        finder = TermFinder(terms)
        passages = []
        for number, group in enumerate(chosen):
            ids = [int(candidates.ids[place]) for place in group.places]
            members = sorted((records[one] for one in ids), key=lambda record: record.piece.ordinal)
            best = next(place for place, record in enumerate(members) if record.id == ids[0])
            episode = self.edition.episodes[members[0].episode_id]
            match = Match(finder, candidates.idf, candidates.windows_of(ids[0]))
            quote = excerpt_of(episode, members[best], match=match)
            before = sum(len(record.piece.text) + 1 for record in members[:best])
            passages.append(
                Passage(
                    rank=number + 1,
                    episode=episode,
                    slices=tuple(members),
                    best=best,
                    text=" ".join(record.piece.text for record in members),
                    quote=replace(quote, start=before + quote.start, end=before + quote.end),
                    score=round(group.score, 4),
                    also_in=tuple(self.edition.episodes[one] for one in dict.fromkeys(also.get(number, ()))),
                )
            )
        return passages


def _episode_passes(about: EpisodeFile, episode_id: int, filters: Filters) -> bool:
    published = about.published
    if filters.episode is not None and episode_id != filters.episode:
        return False
    if filters.source is not None and not same_name(about.source, filters.source):
        return False
    if filters.shelf is not None and not same_name(about.shelf, filters.shelf):
        return False
    if filters.since is not None and (published is None or published < filters.since):
        return False
    return filters.until is None or (published is not None and published <= filters.until)
