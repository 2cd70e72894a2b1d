"""Query analysis: what a question asks for, in the words of an edition.

Steps: manner, year and guests are taken out of the question -> terms -> its language -> the words that tell; then
misspelt words are corrected, and words are added that captions may have misheard, or that mean nearly the same as words
which the edition lacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.embedding.encoder import Encoder, Vocabulary
from index.search.absent_people import AskedPerson, asked_person, follows_given_name, is_among
from index.search.answers import AskedYear, OtherLanguage
from index.search.nearest_words import NearestWords
from index.search.query_reduction import (
    MOST_STEMS,
    PeopleNames,
    known_words,
    reduce_query,
    telling_stems,
    typed_sentences,
    without_common_words,
    without_manner,
    without_names,
    without_year,
)
from index.search.search_tables import SearchTables
from index.storage import queries
from index.storage.edition import Edition
from index.text.languages import language_of
from index.text.sentences import is_question
from index.text.spelling import Speller, with_corrections
from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import Terms, holds_phrases, stem, terms_of, tokenize

MOST_PARTS = 6
"""Sentences of a message that are searched for by themselves, at most: each takes as long as a question."""

_LEAST_TELLING = 2
_LEAST_FOREIGN_WORDS = 3
_LETTERS = frozenset("bcdefghjklmnopqrstuvwxyz")  # "a" and "i" are words
_LOOKED_AT = 20
"""Slices that hold a name, or two words together, and are looked at for how they say it."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is searched.

    Attributes:
        text: what is compared in meaning.
        terms: what is matched in words; empty if the question asks for nothing.
        guest_episodes: ids of the episodes whose guests it names.
        guest_words: the last word of each such guest's name, as a token.
        other_language, absent, year: see ``Found``.
        parts: sentences of a message that tell or ask something by themselves, each as a question; empty for any other.
    """

    text: str
    terms: Terms
    guest_episodes: frozenset[int]
    guest_words: frozenset[str]
    other_language: OtherLanguage | None
    absent: str | None
    year: AskedYear | None
    parts: "tuple[Query, ...]" = ()


@dataclass(frozen=True, slots=True)
class QueryAnalyzer:
    """Analyzes questions with what one edition knows: its words, people and dates.

    Attributes:
        tables: the edition's tables.
        speller: corrects words by those of the edition.
        nearest_words: finds words of the edition for those that it lacks.
        guests: people by the words that name them.
        guest_episodes: id of an episode of each of ``guests``, by their number.
        guest_words: the last word of each one's name, as a token.
    """

    tables: SearchTables
    speller: Speller
    nearest_words: NearestWords
    guests: PeopleNames
    guest_episodes: Sequence[int]
    guest_words: Sequence[str]

    @classmethod
    def of(cls, tables: SearchTables, encoder: Encoder) -> "QueryAnalyzer":
        """Return an analyzer for the edition of ``tables``; a word that ``encoder`` knows is no misspelling."""
        edition = tables.edition
        speller = _speller_of(edition, encoder)
        guests = _guests_of(edition, speller)
        return cls(
            tables,
            speller,
            NearestWords(
                edition.connection,
                encoder,
                edition.postings.frequency,
                is_known=speller.is_known,
                is_word=speller.is_word,
            ),
            PeopleNames(words for words, _ in guests),
            [episode for _, episode in guests],
            [words[-1] for words, _ in guests],
        )

    @property
    def edition(self) -> Edition:
        """Return the edition whose words, people and dates are known."""
        return self.tables.edition

    async def analyze(self, question: str, *, keeps_year: bool = False) -> Query:
        """Return what ``question``, as typed, asks for; its words are as they were typed, see ``correct``.

        With ``keeps_year`` the year that it asks for is a word like others, too.
        """
        asked = without_manner(question)
        if parts := self._parts_of(asked):
            terms = self._terms_of(asked)
            reduced = self._reduced(_query_of(asked, terms))
            return replace(reduced, parts=parts, other_language=self._other_language(terms))
        undated, year = without_year(asked)
        asked_year = self._asked_year(year)
        text, named = without_names(asked if asked_year is None or keeps_year else undated, self.guests)
        terms = self._terms_of(text)
        query = replace(
            self._naming(text, terms, named),
            other_language=self._other_language(terms),
            absent=None if named else await self._absent(question),
            year=asked_year,
        )
        return self._reduced(await self._with_letters(query)) if terms else query

    async def _with_letters(self, query: Query) -> Query:
        """Return ``query`` with its single letters that the library says beside the word that they stand beside.

        “Big O” is a name where “big o” is said; elsewhere a letter is a slip or a word of chat.
        """
        words, stems = query.terms.words, set(query.terms.stems)
        said = [
            letter.stem
            for first, second in pairwise(words)
            for letter, other in ((first, second), (second, first))
            if letter.word in _LETTERS and letter.stem not in stems and other.stem in stems
            if await self._is_said(f"{first.typed} {second.typed}")
        ]
        if not said:
            return query
        stems.update(said)
        asked = tuple(dict.fromkeys(word.stem for word in words if word.stem in stems))
        return replace(query, terms=replace(query.terms, stems=asked))

    async def correct(self, query: Query) -> tuple[Query, dict[str, str]]:
        """Return ``query`` as probably meant, with words that may stand for its own, and each word that was corrected.

        A question in another language is not corrected by the words of this one.
        """
        terms, corrected = query.terms, dict[str, str]()
        if query.other_language is None:
            terms, corrected = await self.speller.correct(query.terms)
            if apart := {typed for typed, meant in corrected.items() if " " in meant}:
                said = {typed for typed in apart if await self._is_said(corrected[typed])}
                if said != apart:
                    terms, corrected = await self.speller.correct(query.terms, but=apart - said)
        terms = await self.speller.with_mishearings(terms)
        if query.other_language is None:
            terms = await self.nearest_words.with_nearest(terms)
        return replace(query, text=with_corrections(query.text, corrected), terms=terms), corrected

    def _terms_of(self, asked: str) -> Terms:
        """Return the terms of a question; in another language than the library's without its common words."""
        terms = terms_of(asked)
        language = language_of(word.word for word in terms.words)
        if language is None or language == self.tables.language:
            return terms
        return without_common_words(terms, language)

    def _reduced(self, query: Query) -> Query:
        """Return ``query`` with the words that tell: those known here of another language, the rarest of a message."""
        text, terms = query.text, query.terms
        if query.other_language is not None and (
            known := known_words(
                terms, language=query.other_language.question, is_known=self.speller.is_known
            )
        ):
            text, terms = known, terms_of(known)
        text, terms = reduce_query(
            text, terms, frequency=self.edition.postings.frequency, n_slices=self.edition.facts.n_slices
        )
        return replace(query, text=text, terms=terms)

    def _parts_of(self, question: str) -> tuple[Query, ...]:
        """Return the sentences of a message, each as a question; empty for a question of few words or one sentence.

        They have two telling words or more, or one and a question mark (“What is superalignment?”); of many those with
        most telling words are taken, ``MOST_PARTS`` in their order. A person or year that one names limits no other.
        """
        sentences, whole = typed_sentences(question), terms_of(question)
        if not sentences or whole.phrases or len(whole.stems) <= MOST_STEMS:
            return ()
        parts = []
        for said in sentences:
            text, named = without_names(said, self.guests)
            parts.append(self._reduced(self._naming(text, self._terms_of(text), named)))
        told = [
            self._n_telling(part) + is_question(said) for said, part in zip(sentences, parts, strict=True)
        ]
        most = sorted(range(len(parts)), key=lambda number: -told[number])[:MOST_PARTS]
        return tuple(
            parts[number] for number in sorted(most) if told[number] >= _LEAST_TELLING and parts[number].terms
        )

    def _n_telling(self, part: Query) -> int:
        frequency, n_slices = self.edition.postings.frequency, self.edition.facts.n_slices
        return len(telling_stems(part.terms, frequency=frequency, n_slices=n_slices))

    def _naming(self, text: str, terms: Terms, named: frozenset[int]) -> Query:
        """Return a query that names the guests of the numbers ``named``."""
        return replace(
            _query_of(text, terms),
            guest_episodes=frozenset(self.guest_episodes[number] for number in named),
            guest_words=frozenset(self.guest_words[number] for number in named),
        )

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

    def _asked_year(self, year: int | None) -> AskedYear | None:
        """Return the year that is asked for; None if it is none, or later than anything that was published."""
        dates = (episode.about.published for episode in self.edition.episodes.values())
        years = {date.year for date in dates if date is not None}
        return AskedYear(year, year in years) if year is not None and year <= max(years, default=0) else None

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
        return None if is_among(person, await self.tables.spoken.by_speaker()) else person.name

    async def _is_person(self, person: AskedPerson) -> bool:
        """Return False for what may be a company or a program, which is never written after a given name."""
        if person.has_given_name and person.is_asked_to_say:
            return True
        surname = person.words[-1]
        texts = await self._texts_with([stem(surname)], together=[])
        if not texts:
            return person.has_given_name or person.is_asked_to_say
        return follows_given_name(surname, texts)

    async def _is_said(self, words: str) -> bool:
        """Return True if two words that may be one are said one after the other: “fine tuning”, not “house work”."""
        phrase = terms_of(words).words
        stems = [word.stem for word in phrase]
        texts = await self._texts_with(stems, together=[stems])
        return any(holds_phrases(text, [phrase]) for text in texts)

    async def _texts_with(self, stems: Sequence[str], *, together: Sequence[Sequence[str]]) -> list[str]:
        """Return the texts of the slices that match ``stems`` best, ``_LOOKED_AT`` at most."""
        places, _ = self.edition.postings.best(stems, _LOOKED_AT, together=together)
        ids = self.edition.columns.slice_id[places].tolist()
        return list((await self.edition.slices.texts(ids)).values())


def _query_of(text: str, terms: Terms) -> Query:
    """Return a query that names nobody and no year."""
    return Query(text, terms, frozenset(), frozenset(), None, None, None)


def _speller_of(edition: Edition, encoder: Encoder) -> Speller:
    abouts = (episode.about for episode in edition.episodes.values())
    names = frozenset(
        text[token.start : token.end].lower()
        for about in abouts
        for text in (about.title, *about.guests, *about.hosts)
        for token in tokenize(text)
    )
    stems = {stem(word) for word in names}
    return Speller(
        is_known=lambda stemmed: edition.postings.frequency(stemmed) > 0 or stemmed in stems,
        names=names,
        words=queries.StoredWords(edition.connection),
        is_word=encoder.knows_word if isinstance(encoder, Vocabulary) else FUNCTION_WORDS.__contains__,
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
