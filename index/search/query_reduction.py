"""Query reduction: a long message is searched by its rarest words and the sentences that have them.

A question of a few words is taken as it is. A message of many shares common words with everything, and these must not
decide.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from index.text.languages import is_common_word
from index.text.sentences import sentence_ends
from index.text.stopwords import ASKED_FOR, CHATTER, FILLERS, FUNCTION_WORDS
from index.text.tokens import QUOTATION_MARKS, Terms, tokenize

MOST_STEMS = 8
"""Stems that a message is searched by; a question with no more is taken as it is."""

_MANNER = re.compile(
    r"\b(?:in (?:simple|plain|easy|layman['’]?s?|other) (?:words|terms|english|language)"
    r"|(?:please )?explain(?:ed)?(?: (?:it|this|that))?(?: to me)?(?: (?:simply|briefly|like i['’]?m (?:five|5)))"
    r"|like i['’]?m (?:five|5)|eli5|tl;?dr)(?!\w)[ :,]*",
    re.IGNORECASE,
)
_SAID_IN = re.compile(
    r"\b(?:said|say|saying|talked|talking|discussed|mentioned"
    r"|(?:episodes?|podcasts?|interviews?|videos?|conversations?|talks)(?:(?: that)?(?: was| were)?"
    r" (?:published|uploaded|recorded))?)(?P<when> (?:in|from|during|of)(?: the year)? (?P<year>20\d\d))\b"
    rf"(?![ -](?!(?:{'|'.join(sorted(FUNCTION_WORDS))})\b)\w)"
    r"|\b(?P<first>20\d\d )(?:episodes?|podcasts?|interviews?|videos?)\b",
    re.IGNORECASE,
)
"""A year beside the saying or the episodes; “talks of 2024 elections” are of elections."""

_SAID_OF_IT_IN = re.compile(
    r"\b(?:did(?: [\w'’&.-]+){1,6} (?:say|tell|talk|think|mention|argue|predict|worry|fear|hope|believe|expect)"
    r"|said|told|talked|thought|discussed|mentioned|argued|predicted|worried|feared|hoped|believed|expected)"
    r"(?: (?!(?:will|would|could|might|may|be|been|is|are|was|were|happens?|happened|comes?|came|by|until|in)\b)"
    r"[\w'’&.-]+){0,8}?"
    r"(?P<when>(?: back)? (?:in|from|during)(?: the year)? (?P<year>20\d\d))[ .!?]*$",
    re.IGNORECASE,
)
"""A year at the end of what was said on a subject, “what did she say about chips in 2024”, which nothing befalls."""

_PLACE = re.compile(
    r"\b(?:where(?:'?s| is| was)? (?:the|that) (?:bit|part|moment|passage|section)\b|time ?stamps?\b|which minute\b"
    r"|(?:where|(?:which|what) (?:minute|part|bit|second|time|point))(?: [\w'’&.-]+){0,6}"
    r" (?:sa(?:y|ys|id|ying)|(?:talk|mention|discuss|explain|speak)(?:s|es|ed|ing)?|spoken?|tells?|told)\b"
    r"|wo ist (?:die|das|der) (?:stelle|teil|moment|minute)\b|(?:welche[rs]?|ab welcher) (?:minute|stelle)\b"
    r"|wo (?:[\w'’&.-]+ ){0,6}?(?:sag(?:t|en|te|ten)|gesagt|spr(?:icht|echen|ach)|gesprochen|red(?:et|en)|geredet"
    r"|erwähn(?:t|en)|erklär(?:t|en)|erzähl(?:t|en))\b)",
    re.IGNORECASE,
)
"""A question for the place of something that was said, in the languages that the bot speaks: where something is, or
comes from, is another question."""

_TYPED_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|\n+")
_QUOTED = re.compile(f"[{QUOTATION_MARKS}]")
_NO_SUBJECT = FUNCTION_WORDS | FILLERS | CHATTER | frozenset(ASKED_FOR)
_COMMON_SHARE = 0.08
_LEAST_STEMS = 2


def without_manner(question: str) -> str:
    """Return ``question`` without how it wants its answer (``in simple words``), if anything is left of it.

    What stands in quotation marks is asked for word for word, so such a question is left as it is.
    """
    if _QUOTED.search(question):
        return question
    return left if (left := _MANNER.sub(" ", question).strip()) else question


def asks_for_place(question: str) -> bool:
    """Return True if ``question`` asks where something is said (“where's the bit about ...”): it is said, then."""
    return _PLACE.search(question.replace("’", "'")) is not None


def without_year(question: str) -> tuple[str, int | None]:
    """Return ``question`` without the year in which what it asks for was said, and that year; None if it names none.

    “What was said in 2024 on chips” names one, and so does “what did she say about chips in 2024”; “what they say will
    happen in 2030” does not: only a year beside the saying, beside the episodes, or at the end of what somebody said or
    thought on a subject is theirs. What stands in quotation marks is left as it is.
    """
    if _QUOTED.search(question):
        return question, None
    if found := _SAID_IN.search(question):
        part = "when" if found["when"] else "first"
        year = int(found["year"] or found["first"])
    elif found := _SAID_OF_IT_IN.search(question):
        part, year = "when", int(found["year"])
    else:
        return question, None
    start, end = found.span(part)
    return f"{question[:start]} {question[end:]}".strip(), year


def known_words(terms: Terms, *, language: str, is_known: Callable[[str], bool]) -> str:
    """Return the words of a question in another ``language`` that the library knows, if that is half of what it asks.

    Names and technical words are the same in many languages. Empty where too little is known.

    Args:
        terms: the question's.
        language: ISO 639-1 code of the question's language, whose common words ask for nothing.
        is_known: returns True if the library has a word of this stem.
    """
    asked = [word for word in terms.words if not is_common_word(word.word, language)]
    known = [word for word in asked if is_known(word.stem)]
    return " ".join(word.typed for word in known) if 2 * len(known) >= len(asked) else ""


def without_common_words(terms: Terms, language: str) -> Terms:
    """Return ``terms`` without the stems of the common words of ``language``, unless it has no others.

    In a library of several languages these words are said, and would be searched for and marked.
    """
    common = {word.stem for word in terms.words if is_common_word(word.word, language)}
    left = tuple(stem for stem in terms.stems if stem not in common)
    return replace(terms, stems=left) if left else terms


class PeopleNames:
    """People by the words that name them.

    Args:
        names: the words, as tokens, that name a person where a question has them all; none empty.
    """

    def __init__(self, names: Iterable[Sequence[str]]) -> None:
        self._by_first_word: dict[str, list[tuple[int, Sequence[str]]]] = {}
        for number, name in enumerate(names):
            self._by_first_word.setdefault(name[0], []).append((number, name))

    def named_in(self, words: set[str]) -> dict[int, Sequence[str]]:
        """Return the names whose words are all in ``words``, by their number."""
        return {
            number: name
            for word in words
            for number, name in self._by_first_word.get(word, ())
            if words.issuperset(name)
        }


def without_names(question: str, people: PeopleNames) -> tuple[str, frozenset[int]]:
    """Return ``question`` without the people that it names, if it asks for anything else, and their numbers.

    Args:
        question: as typed; where something is in quotation marks, it is left as it is.
        people: who may be named.
    """
    if _QUOTED.search(question):
        return question, frozenset()
    tokens = tokenize(question)
    words = {token.word for token in tokens}
    named = people.named_in(words)
    meant = {word for name in named.values() for word in name}
    left = [token for token in tokens if token.word not in meant]
    if not named or not any(token.word not in _NO_SUBJECT for token in left):
        return question, frozenset()
    return " ".join(question[token.start : token.end] for token in left), frozenset(named)


def reduce_query(
    question: str, terms: Terms, *, frequency: Callable[[str], int], n_slices: int
) -> tuple[str, Terms]:
    """Return the sentences of a long ``question`` that say what it is about, and ``terms`` with their rare stems alone.

    Fillers, chatter, stems that most passages could have (8 % of the library) and stems that the library lacks are
    left out; of the others, the ``MOST_STEMS`` rarest are kept, ties in their order. Where fewer than two are left, the
    rarest stems that the library has are taken. Quoted phrases are kept.

    Args:
        question: as typed.
        terms: its terms.
        frequency: returns in how many slices a stem occurs.
        n_slices: slices of the library.
    """
    if len(terms.stems) <= MOST_STEMS:
        return question, terms
    quoted = terms.quoted_stems
    known = {stem: count for stem in terms.stems if (count := frequency(stem))}
    candidates = telling_stems(terms, frequency=frequency, n_slices=n_slices)
    if len(candidates) < _LEAST_STEMS:
        candidates = [stem for stem in known if stem not in _chatter_of(terms)] or list(known)
    rarest = sorted(candidates, key=lambda stem: (stem not in quoted, known[stem]))[:MOST_STEMS]
    if not rarest:
        return question, terms
    stems = tuple(stem for stem in terms.stems if stem in rarest)
    return _sentences_with(question, frozenset(stems)), replace(terms, stems=stems)


def telling_stems(terms: Terms, *, frequency: Callable[[str], int], n_slices: int) -> list[str]:
    """Return the stems of ``terms`` that tell what it is about: those of the library that few of its slices have.

    Fillers and chatter tell nothing; what stands in quotation marks does, however common it is.
    """
    quoted, chatter = terms.quoted_stems, _chatter_of(terms)
    known = ((stem, count) for stem in terms.stems if (count := frequency(stem)))
    return [
        stem
        for stem, count in known
        if stem in quoted or (stem not in chatter and count <= _COMMON_SHARE * n_slices)
    ]


def typed_sentences(question: str) -> list[str]:
    """Return the sentences and lines of ``question``, which may begin with a small letter; none if it is one."""
    sentences = [said for part in _TYPED_END.split(question) if (said := part.strip())]
    return sentences if len(sentences) > 1 else []


def _chatter_of(terms: Terms) -> set[str]:
    """Return the stems of fillers and chatter that do not stand in quotation marks."""
    chatter = {word.stem for word in terms.words if word.word in CHATTER or word.word in FILLERS}
    return chatter - terms.quoted_stems


def _sentences_with(question: str, stems: frozenset[str]) -> str:
    """Return the sentences of ``question`` that have one of ``stems``, joined; all of it if none has."""
    sentences, start = [], 0
    for end in sentence_ends(question):
        sentence = question[start:end].strip()
        if any(token.stem in stems for token in tokenize(sentence)):
            sentences.append(sentence)
        start = end
    return " ".join(sentences) or question
