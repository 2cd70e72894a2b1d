"""Search over an edition: vectors and words find candidates, evidence ranks them, the best become passages.

Steps: terms -> nearest windows and BM25 -> about 60 candidate slices -> evidence of each and of its neighbours ->
scores -> a reranker, if there is one -> neighbours merged -> quotes and links.
"""

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder, Vectors, Vocabulary
from index.embedding.reranker import Reranker
from index.library.episodes import EpisodeFile
from index.search.absent_people import AskedPerson, asked_person, follows_given_name, is_among
from index.search.answers import EVERYTHING, AskedYear, EpisodeHit, Filters, Found, OtherLanguage, Passage
from index.search.candidates import (
    Candidates,
    Mask,
    VectorMatches,
    WordMatches,
    floor_for,
    gather,
    match_by_vector,
    match_by_words,
)
from index.search.episode_names import same_name
from index.search.excerpts import (
    Match,
    answer_beginning,
    answers_beside_advert,
    excerpt_of,
    waits_for_answer,
)
from index.search.query_reduction import (
    PeopleNames,
    known_words,
    reduce_query,
    without_common_words,
    without_manner,
    without_names,
    without_year,
)
from index.search.ranking import (
    Floats,
    SliceGroup,
    best_places,
    diversify,
    episode_order,
    group_neighbours,
    on_subject,
    reranked,
    scores,
)
from index.search.search_tables import SearchTables
from index.storage import queries
from index.storage.edition import Edition
from index.storage.records import SliceRecord
from index.storage.vectors import Conditions
from index.text.boilerplate import is_advert, is_aside
from index.text.languages import language_of
from index.text.spelling import Speller, with_corrections
from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import (
    TermFinder,
    Terms,
    fold,
    holds_phrases,
    readable,
    stem,
    stems_in,
    terms_of,
    tokenize,
)
from scoring.axis import Axis

LONGEST_PASSAGE_SLICES = 3
NAMED_GUEST = 0.25
"""Score that a slice gains where the question names a guest of its episode: more than any other evidence of one name,
less than all words of the question. Set by hand."""

_LEAST_FOREIGN_WORDS = 3

_LOOKED_AT = 20
"""Slices that hold a name and are looked at for a given name before it."""

REPOSTED = 0.97
"""Least cosine of two whole slices of different episodes that count as the same words."""


@dataclass(frozen=True, slots=True)
class Searcher:
    """Answers questions from one edition; a ``reranker``, if given, scores the best candidates again.

    ``guests`` are found by the words that name them; ``guest_episodes`` has the id of an episode of each.
    """

    tables: SearchTables
    encoder: Encoder
    axis: Axis
    speller: Speller
    guests: PeopleNames
    guest_episodes: Sequence[int]
    reranker: Reranker | None = None

    @classmethod
    def over(
        cls, edition: Edition, encoder: Encoder, axis: Axis, reranker: Reranker | None = None
    ) -> "Searcher":
        """Return a searcher over ``edition``."""
        abouts = (episode.about for episode in edition.episodes.values())
        names = frozenset(
            text[token.start : token.end].lower()
            for about in abouts
            for text in (about.title, *about.guests, *about.hosts)
            for token in tokenize(text)
        )
        stems = {stem(word) for word in names}
        speller = Speller(
            is_known=lambda stemmed: edition.postings.frequency(stemmed) > 0 or stemmed in stems,
            names=names,
            words=queries.StoredWords(edition.connection),
            is_word=encoder.knows_word if isinstance(encoder, Vocabulary) else FUNCTION_WORDS.__contains__,
        )
        guests = _guests_of(edition, speller)
        return cls(
            SearchTables.of(edition),
            encoder,
            axis,
            speller,
            PeopleNames(words for words, _ in guests),
            [episode for _, episode in guests],
            reranker,
        )

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
        vector: Vectors | None = None,
    ) -> Found:
        """Find the passages that answer ``question``, best first.

        Args:
            question: text as typed. Only quotation marks have a meaning: the words in them stand together.
            n_passages: passages at most, at least 1.
            filters: limits of the answer.
            vector: the question's vector, shape (dim,), if already known.

        Returns:
            The answer. Passages do not overlap; neighbouring slices are merged; nearly the same words in two
            episodes appear once. If the best candidate lies below the floor, ``is_match`` is False and there are no
            passages.
        """
        dated, year = without_year(asked := without_manner(question))
        asked_year = self._asked_year(year)
        asked, named = without_names(asked if asked_year is None else dated, self.guests)
        terms = self._terms_of(asked)
        floor = floor_for(self.edition.facts.n_slices)
        nothing = Found(
            question,
            self.edition.name,
            (),
            (),
            False,
            {},
            other_language=self._other_language(terms),
            floor=floor,
            absent=None if named else await self._absent(question),
            year=asked_year,
        )
        if not terms:
            return nothing
        if (other := nothing.other_language) is not None and (
            known := known_words(terms, language=other.question, is_known=self.speller.is_known)
        ):
            asked, terms = known, terms_of(known)
        asked, terms = reduce_query(
            asked, terms, frequency=self.edition.postings.frequency, n_slices=self.edition.facts.n_slices
        )
        if nothing.year is not None and nothing.year.is_known:
            filters = _within(filters, nothing.year.year)
        allowed, where = await self._allowed(filters)
        by_vector, (terms, corrected, by_words) = await asyncio.gather(
            asyncio.to_thread(self._match_by_vector, asked, vector, allowed, where),
            self._match_by_words(terms, allowed, where, is_foreign=nothing.other_language is not None),
        )
        if corrected and vector is None:
            asked = with_corrections(asked, corrected)
            by_vector = await asyncio.to_thread(self._match_by_vector, asked, None, allowed, where)
        candidates = await gather(self.tables, terms, by_vector, by_words)
        if not len(candidates.ids):
            return nothing
        score = scores(candidates.evidence)
        if not candidates.is_about(score):
            return replace(nothing, nearest=candidates.nearest_terms())
        episodes_named = {self.guest_episodes[number] for number in named}
        score += NAMED_GUEST * np.array(
            [episode in episodes_named for episode, _ in candidates.ordinals], np.float64
        )
        unranked, score = score, await self._reranked(question, candidates, score)
        order = np.argsort(-score, kind="stable").tolist()
        groups = group_neighbours(order, score, candidates.ordinals, longest=LONGEST_PASSAGE_SLICES)
        groups = diversify(groups, [candidates.ordinals[group.places[0]][0] for group in groups])
        chosen, repeated = self._without_reposts(groups, candidates, n_passages)
        records = await self._records(chosen, candidates)
        kept = self._on_subject(chosen, candidates, unranked, TermFinder(terms), records)
        places = [place for place, group in enumerate(chosen) if group in kept]
        reposts = {new: repeated.get(old, []) for new, old in enumerate(places)}
        passages = self._passages(kept, reposts, candidates, terms, records, speaker=filters.speaker)
        if filters.speaker is None and filters.band is None and filters.lens is None:
            passages = await self._with_answers(passages)
        if nothing.absent is not None:
            passages = _naming(nothing.absent, corrected, terms, passages)
        if not passages:
            return replace(nothing, nearest=candidates.nearest_terms())
        ranked = episode_order([(passage.episode.id, passage.score) for passage in passages])
        hits = tuple(
            EpisodeHit(
                self.edition.episodes[episode],
                tuple(passage.rank for passage in passages if passage.episode.id == episode),
            )
            for episode in ranked
        )
        helpful = _found_in(corrected, passages)
        return replace(nothing, passages=tuple(passages), episodes=hits, is_match=True, corrected=helpful)

    def _terms_of(self, asked: str) -> Terms:
        """Return the terms of a question; in another language than the library's without its common words."""
        terms = terms_of(asked)
        language = language_of(word.word for word in terms.words)
        if language is None or language == self.tables.language:
            return terms
        return without_common_words(terms, language)

    @staticmethod
    def _on_subject(
        chosen: Sequence[SliceGroup],
        candidates: Candidates,
        score: Floats,
        finder: TermFinder,
        records: Mapping[int, SliceRecord],
    ) -> list[SliceGroup]:
        """Return the groups that are on the question's subject, without adverts and greetings; empty for no answer.

        The best may greet, and so may those of an episode that is asked for. What sells stays where its other sentences
        hold what is asked. Where the best is left out, another must be an answer by itself.
        """
        of_asked = candidates.are_of_asked_episode

        def is_apart(group: SliceGroup) -> bool:
            piece = records[int(candidates.ids[group.places[0]])].piece
            may_greet = group is chosen[0] or of_asked[group.places[0]]
            if not (is_advert(piece) if may_greet else is_aside(piece)):
                return False
            return not answers_beside_advert(piece, finder.find(piece.text), candidates.idf)

        left = [group for group in chosen if not is_apart(group)] or list(chosen)
        reached = candidates.reach_floor(score)
        if left[0] is not chosen[0]:
            answers = reached | candidates.are_certain | candidates.are_the_word
            if not any(answers[place] for group in left for place in group.places):
                return []
        return on_subject(
            left,
            score,
            candidates.near,
            terms=candidates.evidence.near_terms,
            telling=candidates.telling,
            whole=candidates.are_whole,
            certain=candidates.are_certain | (candidates.are_the_word & ~reached.any()),
            episodes=[episode for episode, _ in candidates.ordinals],
            floor=floor_for(candidates.edition.facts.n_slices),
        )

    async def _absent(self, question: str) -> str | None:
        """Return the person whose words ``question`` asks for, if no episode has them as a speaker or guest."""
        person = asked_person(question, is_word=self.speller.is_word)
        if person is None or not await self._is_person(person):
            return None
        abouts = [episode.about for episode in self.edition.episodes.values()]
        named = [
            *(name for about in abouts for name in (*about.guests, *about.hosts)),
            *(about.source or "" for about in abouts),
        ]
        if is_among(person, named):
            return None
        return None if is_among(person, await queries.speakers(self.edition.connection)) else person.name

    async def _is_person(self, person: AskedPerson) -> bool:
        """Return False for what may be a company or a program, which is never written after a given name."""
        if person.has_given_name and person.is_asked_to_say:
            return True
        surname = person.words[-1]
        places, _ = self.edition.postings.best([stem(surname)], _LOOKED_AT, together=[], allowed=None)
        ids = self.edition.columns.slice_id[places].tolist()
        texts = list((await self.edition.slices.texts(ids)).values())
        if not texts:
            return person.has_given_name or person.is_asked_to_say
        return follows_given_name(surname, texts)

    def _asked_year(self, year: int | None) -> AskedYear | None:
        """Return the year that is asked for; None if it is none, or later than anything that was published."""
        dates = (episode.about.published for episode in self.edition.episodes.values())
        years = {date.year for date in dates if date is not None}
        return AskedYear(year, year in years) if year is not None and year <= max(years, default=0) else None

    def _match_by_vector(
        self, question: str, vector: Vectors | None, allowed: Mask | None, where: Conditions | None
    ) -> VectorMatches:
        """Return the nearest slices by vectors. Runs in a thread, beside the search by words."""
        if vector is None:
            vector = self.encoder.encode([readable(question)])[0]
        return match_by_vector(self.tables, vector, allowed, where)

    async def _match_by_words(
        self, terms: Terms, allowed: Mask | None, where: Conditions | None, *, is_foreign: bool
    ) -> tuple[Terms, dict[str, str], WordMatches]:
        """Return the terms as meant, the words corrected, and the slices that match by words."""
        corrected: dict[str, str] = {}
        if not is_foreign:
            written = terms
            terms, corrected = await self.speller.correct(terms)
            if apart := {typed for typed, meant in corrected.items() if " " in meant}:
                said = {typed for typed in apart if await self._is_said(corrected[typed])}
                if said != apart:
                    terms, corrected = await self.speller.correct(written, but=apart - said)
        terms = await self.speller.with_mishearings(terms)
        return terms, corrected, match_by_words(self.tables, terms, allowed, where)

    async def _is_said(self, words: str) -> bool:
        """Return True if two words that may be one are said one after the other: “fine tuning”, not “house work”."""
        phrase = terms_of(words).words
        places, _ = self.edition.postings.best(
            [word.stem for word in phrase],
            _LOOKED_AT,
            together=[[word.stem for word in phrase]],
            allowed=None,
        )
        ids = self.edition.columns.slice_id[places].tolist()
        texts = (await self.edition.slices.texts(ids)).values()
        return any(holds_phrases(text, [phrase]) for text in texts)

    def _other_language(self, terms: Terms) -> OtherLanguage | None:
        """Return both languages if they differ and the library knows at most half of the question's stems.

        Where it knows none of several, a single common word tells the language.
        """
        own = self.tables.language
        known = sum(self.speller.is_known(stem) for stem in terms.stems)
        if own is None or 2 * known > len(terms.stems):
            return None
        words = [word.word for word in terms.words]
        least = 1 if known == 0 and len(words) >= _LEAST_FOREIGN_WORDS else 2
        language = language_of(words, least=least)
        return None if language is None or language == own else OtherLanguage(language, own)

    async def _reranked(self, question: str, candidates: Candidates, score: Floats) -> Floats:
        if self.reranker is None:
            return score
        places = best_places(score)
        ids = candidates.ids[places].tolist()
        texts = await self.edition.slices.texts(ids)
        judged = self.reranker.scores(readable(question), [texts[slice_id] for slice_id in ids])
        return reranked(score, places, judged)

    async def _allowed(self, filters: Filters) -> tuple[Mask | None, Conditions | None]:
        """Return a mask of the slices that pass, in the order of the columns, and its conditions; None for all."""
        if not filters:
            return None, None
        columns = self.edition.columns
        episodes = np.array(
            [
                episode.id
                for episode in self.edition.episodes.values()
                if _episode_passes(episode.about, episode.id, filters)
            ],
            np.int64,
        )
        spoken: list[int] = []
        if filters.speaker is not None:
            spoken = await queries.slices_spoken_by(self.edition.connection, filters.speaker)
            if not spoken:
                episodes = np.intersect1d(episodes, np.array(self._with_guest(filters.speaker), np.int64))
        allowed: npt.NDArray[np.bool_] = np.isin(columns.slice_episode, episodes)
        band = None if filters.band is None else self.axis.bands.index(filters.band)
        lens = None if filters.lens is None else self.axis.lenses.index(filters.lens)
        if band is not None:
            allowed &= columns.slice_band == band
        if lens is not None:
            allowed &= columns.slice_lens == lens
        if spoken:
            allowed &= np.isin(columns.slice_id, np.array(spoken, np.int64))
        where = Conditions(
            episodes=None if len(episodes) == len(self.edition.episodes) else tuple(episodes.tolist()),
            band=band,
            lens=lens,
            slices=tuple(sorted(spoken)) or None,
        )
        return allowed, where

    def _with_guest(self, name: str) -> list[int]:
        """Return the ids of the episodes with a guest whose name holds ``name``, however it is written."""
        wanted = fold(name)
        return [
            episode.id
            for episode in self.edition.episodes.values()
            if any(wanted in fold(guest) for guest in episode.about.guests)
        ]

    def _without_reposts(
        self, groups: Sequence[SliceGroup], candidates: Candidates, limit: int
    ) -> tuple[list[SliceGroup], dict[int, list[int]]]:
        """Return the first ``limit`` groups, and by place in them the episodes of groups that only repeat one."""
        episodes = np.array([episode for episode, _ in candidates.ordinals])
        alike = candidates.whole_vectors @ candidates.whole_vectors.T >= REPOSTED
        alike &= episodes[:, np.newaxis] != episodes
        repeats: dict[int, list[int]] = {}
        for place, other in np.argwhere(alike).tolist():
            repeats.setdefault(place, []).append(other)
        chosen: list[SliceGroup] = []
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

    async def _records(
        self, groups: Sequence[SliceGroup], candidates: Candidates
    ) -> Mapping[int, SliceRecord]:
        """Return the slices of ``groups`` by id."""
        wanted = [int(candidates.ids[place]) for group in groups for place in group.places]
        return await self.edition.slices.by_id(wanted)

    async def _with_answers(self, passages: Sequence[Passage]) -> list[Passage]:
        """Return ``passages``; those that quote a host's question quote its answer where the next slice begins so.

        A slice that is in another passage is not taken for that: passages do not overlap.
        """
        columns = self.edition.columns
        taken = {record.id for passage in passages for record in passage.slices}
        wanted: dict[int, int] = {}
        for number, passage in enumerate(passages):
            record = passage.slices[passage.best]
            before = sum(len(other.piece.text) + 1 for other in passage.slices[: passage.best])
            quote = replace(passage.quote, start=passage.quote.start - before, end=passage.quote.end - before)
            after = int(columns.places_of([record.id])[0]) + 1
            if (
                waits_for_answer(passage.episode, record, quote)
                and after < len(columns.slice_id)
                and columns.slice_episode[after] == record.episode_id
            ):
                wanted[number] = int(columns.slice_id[after])
        records = await self.edition.slices.by_id(wanted.values()) if wanted else {}
        own = [{record.id for record in passage.slices} for passage in passages]
        return [
            _answered(passage, records[wanted[number]])
            if number in wanted and (wanted[number] not in taken or wanted[number] in own[number])
            else passage
            for number, passage in enumerate(passages)
        ]

    def _passages(
        self,
        chosen: Sequence[SliceGroup],
        also: dict[int, list[int]],
        candidates: Candidates,
        terms: Terms,
        records: Mapping[int, SliceRecord],
        *,
        speaker: str | None,
    ) -> list[Passage]:
        finder = TermFinder(terms)
        passages = []
        for number, group in enumerate(chosen):
            ids = [int(candidates.ids[place]) for place in group.places]
            members = sorted((records[slice_id] for slice_id in ids), key=lambda record: record.piece.ordinal)
            best = next(place for place, record in enumerate(members) if record.id == ids[0])
            episode = self.edition.episodes[members[0].episode_id]
            match = Match(finder, candidates.idf, candidates.windows_of(ids[0]), speaker)
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
                    also_in=tuple(
                        self.edition.episodes[other] for other in dict.fromkeys(also.get(number, ()))
                    ),
                    near=round(float(candidates.near[group.places[0]]), 4),
                    telling=round(float(candidates.telling[group.places[0]]), 4),
                )
            )
        return passages


def _within(filters: Filters, year: int) -> Filters:
    """Return ``filters`` with episodes published in ``year`` alone."""
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    return replace(filters, since=max(filters.since or first, first), until=min(filters.until or last, last))


def _answered(passage: Passage, after: SliceRecord) -> Passage:
    """Return ``passage`` with the answer that ``after``, the slice after its best one, begins with, if it does."""
    answer = answer_beginning(passage.episode, after)
    if answer is None:
        return passage
    slices = passage.slices if after in passage.slices else (*passage.slices, after)
    best = slices.index(after)
    before = sum(len(record.piece.text) + 1 for record in slices[:best])
    return replace(
        passage,
        slices=slices,
        best=best,
        text=" ".join(record.piece.text for record in slices),
        quote=replace(answer, start=before + answer.start, end=before + answer.end),
    )


def _guests_of(edition: Edition, speller: Speller) -> list[tuple[tuple[str, ...], int]]:
    """Return the words that name each guest, all of them or the last, unless that is a common word."""
    names = []
    for episode in edition.episodes.values():
        for guest in episode.about.guests:
            words = tuple(token.word for token in tokenize(guest))
            if len(words) > 1:
                names.append((words, episode.id))
            if words and not speller.is_word(words[-1]):
                names.append((words[-1:], episode.id))
    return names


def _naming(
    person: str, corrected: Mapping[str, str], terms: Terms, passages: Sequence[Passage]
) -> list[Passage]:
    """Return the ``passages`` that hold a person's surname, or a word that may be a mishearing of it, ranked anew.

    What others say, without a word of somebody who speaks nowhere here, is not that person's view.
    """
    surname = person.lower().split()[-1]
    wanted = set(stems_in(corrected.get(surname, surname)))
    wanted |= {variant for variant, meant in terms.variants if meant in wanted}
    kept = [passage for passage in passages if not wanted.isdisjoint(stems_in(passage.text))]
    return [replace(passage, rank=number) for number, passage in enumerate(kept, 1)]


def _found_in(corrected: Mapping[str, str], passages: Sequence[Passage]) -> dict[str, str]:
    """Return the corrections whose word one of ``passages`` holds: the others found nothing."""
    held = {stemmed for passage in passages for stemmed in stems_in(passage.text)} if corrected else set()
    return {
        typed: meant
        for typed, meant in corrected.items()
        if all(stem(word) in held for word in meant.split())
    }


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
