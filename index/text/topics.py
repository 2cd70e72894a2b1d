"""Topic terms of an episode, and the terms that two episodes share."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from index.text.boilerplate import adverts_and_boilerplate, turns_of
from index.text.slicing import Slice
from index.text.stopwords import (
    BEFORE_VERBS,
    CONNECTIVES,
    DEGREES,
    FILLERS,
    FORMS_OF_BE,
    FUNCTION_WORDS,
)
from index.text.tokens import stems_in
from scoring.apostrophes import with_plain_apostrophes

KEPT_TERMS = 60
"""Terms kept of each episode."""

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LONGEST_TERM = 3
_LEAST_COUNT = 3
_SUBSUMED_SHARE = 0.6
_LEAST_OF_WORD = 0.25
_MOST_AS_VERB, _MOST_AS_ADJECTIVE = 0.4, 0.35
_LEAST_AT_ENDS = 0.2

_GENERIC_STEMS = frozenset(
    stem
    for word in "achieve advice amount answer approach argument artificial aspect assume assumption attempt avoid "
    "become behind believe build case certain change chat choice claim clear concern consequence contain "
    "context cover create default definition degree destroy detail develop difference difficulty "
    "direction discuss effect effort element episode evaluate example explain extent fact factor feel "
    "felt field figure folk follow founder future give guess handle happen happy help huge idea inside "
    "instance interview issue kind large lesson level likely list look manner matter mention method name "
    "neutral next notion number option order outcome paper piece place plan plausible podcast point "
    "position possibility prevent previous problem progress question range reason regime relate research "
    "researcher result room scenario sense sentence setting similar simple single situation sort step "
    "successful suggest system technical test thing topic type useful various video worry writing".split()
    for stem in stems_in(word)
)
"""Stems of words that, alone, name no subject. How many episodes say a word does not tell these: in a library on one
field its own words are as common."""

_QUANTITIES = frozenset(
    "dozen dozens hundred hundreds thousand thousands million millions billion billions trillion trillions "
    "digit digits percent percentage".split()
)

_NO_ADVERBS = frozenset("anomaly assembly bully family fly italy july monopoly reply supply".split())

Terms = Mapping[str, float]


def term_counts(slices: Sequence[Slice]) -> Counter[str]:
    """Count the candidate terms of an episode: one to three words without fillers, rare terms left out.

    Boilerplate does not count; where nobody knows who speaks, neither does a slice that sells something, since an
    advert's first and last sentence are not told from others there. Neither do single words that are used as verbs or
    adjectives (see ``_Usage``). A plural is counted with its singular if both occur. A shorter term that mostly occurs
    inside a longer one is dropped.
    """
    counts: Counter[str] = Counter()
    usage = _Usage()
    for piece in slices:
        for start, end in _on_subject(piece):
            words = [with_plain_apostrophes(word).lower() for word in term_words(piece.text, start, end)]
            for size in range(1, _LONGEST_TERM + 1):
                counts.update(
                    " ".join(words[at : at + size])
                    for at in range(len(words) - size + 1)
                    if is_term(words[at : at + size])
                )
            usage.add(words)
    for word in usage.other_than_nouns():
        counts.pop(word, None)
    for term in [term for term in counts if term.endswith("s") and term[:-1] in counts]:
        singular = term[:-1]
        if term in counts and singular in counts:  # prince, princes, princess: the one between may be gone
            kept, dropped = (term, singular) if counts[term] > counts[singular] else (singular, term)
            counts[kept] += counts.pop(dropped)
    frequent = Counter({term: count for term, count in counts.items() if count >= _LEAST_COUNT})
    longer = sorted((term for term in frequent if " " in term), key=lambda term: -len(term))
    for term in longer:
        words = term.split(" ")
        for size in range(1, len(words)):
            for at in range(len(words) - size + 1):
                inner = " ".join(words[at : at + size])
                if inner in frequent and frequent[term] >= _SUBSUMED_SHARE * frequent[inner]:
                    del frequent[inner]
    best = sorted(frequent, key=lambda term: (-_salience(term, frequent[term]), term))[: 2 * KEPT_TERMS]
    return Counter({term: frequent[term] for term in best})


class _Usage:
    """How the words of a talk are used, by what stands beside them: enough to tell a noun, without a tagger.

    Verbs follow pronouns, modals and *to*. Adjectives follow words of degree and forms of *be*; those that do not stand
    before another word that means something. All of these are English, and without them no word is left out.
    """

    def __init__(self) -> None:
        self._said: Counter[str] = Counter()
        self._as_verb: Counter[str] = Counter()
        self._as_adjective: Counter[str] = Counter()
        self._at_end: Counter[str] = Counter()

    def add(self, words: Sequence[str]) -> None:
        """Count the lower-case words of a sentence."""
        self._said.update(words)
        for before, word in pairwise(words):
            if before in BEFORE_VERBS:
                self._as_verb[word] += 1
            elif before in DEGREES or (before in FORMS_OF_BE and not word.endswith("ing")):
                self._as_adjective[word] += 1
        self._at_end.update(word for word, after in pairwise(words) if after in FUNCTION_WORDS)
        self._at_end.update(words[-1:])

    def other_than_nouns(self) -> Iterator[str]:
        """Yield the words that are mostly verbs or adjectives; of few uses one more is taken to be a noun's."""
        usual = self._at_end.total() / max(1, self._said.total())
        for word, n_said in self._said.items():
            if (
                self._as_verb[word] >= _MOST_AS_VERB * (n_said + 1)
                or self._as_adjective[word] >= _MOST_AS_ADJECTIVE * (n_said + 1)
                or (self._at_end[word] + 1) / (n_said + 2) < _LEAST_AT_ENDS * usual
            ):
                yield word


def _on_subject(piece: Slice) -> list[tuple[int, int]]:
    """Return start and end of the sentences that are no boilerplate."""
    bounds = list(piece.units())
    turns = turns_of(piece, bounds)
    are_adverts, are_boilerplate = adverts_and_boilerplate(piece.text, bounds, turns)
    if not turns and any(are_adverts):
        return []
    return [bound for bound, is_aside in zip(bounds, are_boilerplate, strict=True) if not is_aside]


class TermWeights(Mapping[str, float]):
    """Weights (0 to 1, best first) of one episode's terms against a library: TF-IDF with a bonus for phrases.

    Computed at first use: few of an edition's episodes are used, and the weight of a term depends on all of them.
    At most ``KEPT_TERMS`` terms; ties in alphabetical order.

    Args:
        counts: returns the episode's ``term_counts``.
        spread: number of the library's episodes that each term occurs in; a term that is absent counts as 1.
        n_episodes: number of episodes of the library.
    """

    __slots__ = ("_counts", "_every", "_n_episodes", "_spread", "_weights")

    def __init__(
        self, counts: Callable[[], Mapping[str, int]], spread: Mapping[str, int], n_episodes: int
    ) -> None:
        self._counts, self._spread, self._n_episodes = counts, spread, n_episodes
        self._weights: dict[str, float] | None = None
        self._every: dict[str, float] = {}

    def __getitem__(self, term: str) -> float:
        return self._computed()[term]

    def __iter__(self) -> Iterator[str]:
        return iter(self._computed())

    def __len__(self) -> int:
        return len(self._computed())

    @property
    def every(self) -> Mapping[str, float]:
        """Return all terms that are counted of the episode, not only the best, with their weights, best first."""
        self._computed()
        return self._every

    def __repr__(self) -> str:
        return f"TermWeights({self._computed()})"

    def _computed(self) -> dict[str, float]:
        if self._weights is None:
            weights = {
                term: _salience(term, count)
                * math.log((self._n_episodes + 1) / (self._spread.get(term, 1) + 0.5))
                for term, count in self._counts().items()
                if not _is_quantity(term)
            }
            best = sorted(weights, key=lambda term: (-weights[term], term))
            top = max((weights[term] for term in best), default=1.0) or 1.0
            self._every = {term: round(max(weights[term], 0.0) / top, 4) for term in best}
            self._weights = {term: self._every[term] for term in best[:KEPT_TERMS]}
        return self._weights


def shared_terms(first: Terms, second: Terms, limit: int = 4) -> tuple[str, ...]:
    """Return the terms that weigh most in both, best first, ties in alphabetical order.

    They are looked for among all that are counted of the two, since the best of each may set it apart from the other.
    Single words that weigh little are left out; for the rest see ``subject_terms``.
    """
    ours, theirs = (terms.every if isinstance(terms, TermWeights) else terms for terms in (first, second))
    both = {term: math.sqrt(weight * theirs[term]) for term, weight in ours.items() if term in theirs}
    weighing = (
        term for term, weight in both.items() if weight > 0 and (" " in term or weight >= _LEAST_OF_WORD)
    )
    return subject_terms(sorted(weighing, key=lambda term: (-both[term], term)), limit)


def subject_terms(terms: Iterable[str], limit: int) -> tuple[str, ...]:
    """Return the first ``limit`` terms that name something, none of which an earlier one holds or is held by.

    Not “ai products” beside “building ai products”: their stems are compared.
    """
    best: list[str] = []
    held: list[frozenset[str]] = []
    for term in terms:
        if len(best) == limit:
            break
        stems = frozenset(stems_in(term))
        if _names_something(term) and not any(stems <= other or stems >= other for other in held):
            best.append(term)
            held.append(stems)
    return tuple(best)


def names_something(stems: Sequence[str]) -> bool:
    """Return False for a single word that, alone, names no subject, such as ``video`` and ``problem``."""
    return len(stems) != 1 or stems[0] not in _GENERIC_STEMS


@lru_cache(1 << 14)
def _names_something(term: str) -> bool:
    is_adverb = " " not in term and term.endswith("ly") and term not in _NO_ADVERBS
    return not is_adverb and names_something(stems_in(term))


def term_words(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """Return the words of ``text`` from ``start`` to ``end`` that terms are made of, as they are written."""
    return [match.group() for match in _WORD.finditer(text, start, len(text) if end is None else end)]


def is_term(words: Sequence[str]) -> bool:
    """Return True if one to three lower-case words may be a term: no filler at its ends, no short word alone."""
    if _is_filler(words[0]) or _is_filler(words[-1]):
        return False
    if len(words) == 1:
        return len(words[0]) > 3 and not words[0].isdigit()
    return len(words) < 3 or (words[1] not in FILLERS and (words[1] == "of" or not _is_filler(words[1])))


def _is_quantity(term: str) -> bool:
    """Return True if a term ends in a quantity, such as ``hundreds of millions``, and so says how much of what."""
    return term.rsplit(" ", 1)[-1] in _QUANTITIES


def _is_filler(word: str) -> bool:
    return word in FUNCTION_WORDS or word in FILLERS or word in CONNECTIVES or len(word) < 2 or word.isdigit()


def _salience(term: str, count: int) -> float:
    return math.log1p(count) * (1.0 + 0.6 * term.count(" "))
