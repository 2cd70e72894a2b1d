"""People whose words a question asks for and whom no transcript names as a speaker: “what did amodei say about ...”.

A name is told by how people ask for somebody's words, or by a given name before it. Companies and programs say things,
too, so a single name counts only where the library writes it after a given name, or has never heard of it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from index.text.given_names import GIVEN_NAMES
from index.text.stopwords import CHATTER, FILLERS, FUNCTION_WORDS
from index.text.tokens import QUOTATION_MARKS, fold, tokenize
from scoring.apostrophes import with_plain_apostrophes

_LONGEST_NAME = 3
_LIKE = 85.0
_SHORTEST_BEGINNING = 3
_AUXILIARIES = frozenset("did does do would has have is was will can could might".split())
_SAY = frozenset(
    "say said think believe argue claim predict warn expect suggest write talk mention discuss worry advise recommend "
    "propose disagree agree".split()
)
_SAYS = frozenset(
    "says said saying thinks thought believes believed argues argued arguing claims claimed predicts predicted warns "
    "warned warning expects expected suggests suggested talks talked talking mentions mentioned discusses discussed "
    "explains explained explaining disagrees disagreed".split()
)
_VIEWS = frozenset(
    "view views opinion opinions take takes position stance argument arguments timeline timelines prediction "
    "predictions thoughts critique criticism answer reply response words warning".split()
)
_APPEARANCES = frozenset(
    "interview interviews quote quotes episode episodes podcast talk talks conversation".split()
)
_BEFORE = {
    ("according", "to"), ("interview", "with"), ("interviews", "with"), ("conversation", "with"), ("talk", "with"),
    ("talk", "by"), ("talks", "by"), ("episode", "with"), ("episodes", "with"), ("podcast", "with"), ("quote", "by"),
    ("quotes", "by"), ("quote", "from"), ("quotes", "from"), ("said", "by"), ("views", "of"), ("opinion", "of"),
}  # fmt: skip
_BETWEEN = frozenset("ever really actually even also once always just still exactly".split())
_VERBS = _SAY | _SAYS
_NO_NAME = FUNCTION_WORDS | FILLERS | CHATTER | _VERBS | _VIEWS | _APPEARANCES | _AUXILIARIES


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """A person whose words a question may ask for.

    Attributes:
        name: as typed.
        words: the name's words, folded.
        has_given_name: whether the first of several words is a given name, so that it is no thing.
        is_asked_to_say: whether the question asks what they say, so that a name nobody knows is one, too.
    """

    name: str
    words: tuple[str, ...]
    has_given_name: bool
    is_asked_to_say: bool


def asked_person(question: str, *, is_word: Callable[[str], bool]) -> AskedPerson | None:
    """Return the first person whose words ``question`` asks for; None if it names nobody, or quotes.

    Args:
        question: as typed.
        is_word: returns True for a common word, in small letters, which alone is nobody's name.
    """
    if any(mark in question for mark in QUOTATION_MARKS):
        return None
    tokens = tokenize(question)
    plain = with_plain_apostrophes(question)
    words = [plain[token.start : token.end].lower() for token in tokens]
    owns = [plain[token.end : token.end + 2].lower() == "'s" for token in tokens]
    for first, last, is_asked_to_say in (*_asked_spans(words, owns), *_full_names(words, is_word)):
        own = words[first:last]
        if any(word in _NO_NAME or not _is_name(word) for word in own):
            continue
        has_given_name = len(own) > 1 and own[0] in GIVEN_NAMES
        if has_given_name or not is_word(own[-1]):
            name = question[tokens[first].start : tokens[last - 1].end]
            return AskedPerson(name, tuple(map(fold, own)), has_given_name, is_asked_to_say)
    return None


def _asked_spans(words: Sequence[str], owns: Sequence[bool]) -> Iterator[tuple[int, int, bool]]:
    """Yield where a name may stand, longest first: first word, end, and whether it is asked what they say."""
    for at, word in enumerate(words):
        name_end = at - 1 if at and words[at - 1] in _BETWEEN and word in _VERBS else at
        if word in _SAY:
            for first in range(max(1, name_end - _LONGEST_NAME), name_end):
                if words[first - 1] in _AUXILIARIES:
                    yield first, name_end, True
        if word in _SAYS or (word in _VIEWS and at and owns[at - 1]) or word in _APPEARANCES:
            for first in range(max(0, name_end - _LONGEST_NAME), name_end):
                yield first, name_end, word not in _APPEARANCES
        if at and (words[at - 1], word) in _BEFORE:
            for last in range(min(len(words), at + 1 + _LONGEST_NAME), at + 1, -1):
                yield at + 1, last, False


def _full_names(words: Sequence[str], is_word: Callable[[str], bool]) -> Iterator[tuple[int, int, bool]]:
    """Yield where a given name stands before what is no common word."""
    for at, (given, surname) in enumerate(pairwise(words)):
        if given in GIVEN_NAMES and not is_word(surname):
            yield at, at + 2, False


def is_among(person: AskedPerson, names: Iterable[str]) -> bool:
    """Return True if one of ``names`` is the person's: each word is a word of it, begins one, or is like one."""
    return any(_is_one_of(person.words, [fold(token.word) for token in tokenize(name)]) for name in names)


def follows_given_name(word: str, texts: Iterable[str]) -> bool:
    """Return True if ``word``, folded, stands right after a given name in one of ``texts``: it is a surname then."""
    for text in texts:
        said = [text[token.start : token.end].lower() for token in tokenize(text)]
        if any(before in GIVEN_NAMES and fold(after) == word for before, after in pairwise(said)):
            return True
    return False


def _is_one_of(wanted: Sequence[str], name: Sequence[str]) -> bool:
    return all(
        any(
            own == word
            or (len(word) >= _SHORTEST_BEGINNING and own.startswith(word))
            or fuzz.ratio(own, word) >= _LIKE
            for own in name
        )
        for word in wanted
    )


def _is_name(word: str) -> bool:
    return len(word) > 1 and all(part.isalpha() for part in word.replace("'", "-").split("-"))
