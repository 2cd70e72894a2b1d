"""Subjects of a library: what a person would call what its episodes have in common.

A subject's name comes from what people wrote about the episodes (titles, tags, shelves, headings, summaries), or else
is a phrase that sets several episodes apart. Which episodes belong to it is decided by what is said in them.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from index.storage.records import EpisodeRecord
from index.text.stopwords import BEFORE_VERBS
from index.text.tokens import stems_in
from index.text.topics import is_term, names_something, term_words
from scoring.apostrophes import with_plain_apostrophes

Stems = tuple[str, ...]
Shares = Callable[[Stems], Mapping[int, float]]
"""Returns for stems the share, above 0 up to 1, of each episode's slices that hold them all, by the episode's id."""

LEAST_EPISODES = 3
"""Episodes of a subject at least."""

_WIDEST_SHARE = 0.6
_LEAST_WEIGHT = 0.12
_MENTIONED = 0.02
_SAID, _SAID_AND_WRITTEN, _WORD_SAID = 0.15, 0.08, 0.2
_SAID_IN = 2
_FULL = 0.4
_MOST_WEIGHED = 400
_AGAIN, _PHRASE = 0.15, 1.5
_IN_TITLE, _IN_TEXT, _UNWRITTEN = 1.0, 0.3, 0.25
_MOST_STRENGTH = 1.5
_LONG = 5
_SPOKEN_BELOW = 0.5
_FULLER_SHARE = 0.6
_BREAKS = re.compile(r"[.!?;:,|()\[\]\"“”„–—\n]| - ")


@dataclass(slots=True)
class _Candidate:
    """A name that a subject may have.

    Attributes:
        stems: of its words.
        forms: how often it is written in which form.
        titled, headed, written, held: episodes that have it in title, tags or shelf; in headings; in any of these or
            the summary; anywhere.
        members: how strongly each episode belongs to it.
        quality: how good a name it is, above 0; up is better.
    """

    stems: Stems
    forms: Counter[str] = field(default_factory=Counter)
    titled: set[int] = field(default_factory=set)
    headed: set[int] = field(default_factory=set)
    written: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    members: dict[int, float] = field(default_factory=dict)
    quality: float = 0.0

    def value(self, placed: set[int]) -> float:
        """Return how much the subject adds to those of the episodes that are ``placed``."""
        new = sum(
            strength * (_AGAIN if number in placed else 1.0) for number, strength in self.members.items()
        )
        return new * self.quality


def subjects_of(
    episodes: Sequence[EpisodeRecord],
    *,
    most: int,
    shares: Shares | None = None,
    headings: Mapping[int, Iterable[str]] | None = None,
) -> dict[str, list[EpisodeRecord]]:
    """Return the episodes by subject; an episode may have several, or none.

    Subjects are chosen greedily: each is the one that adds most, and adds an episode that has none yet. Episodes that
    have one count little, phrases more than words, names in titles more than others; two subjects have no word in
    common but those that most of the library has. At least three episodes have it, yet not most of the library; a
    word that is in no title and no heading is written about three. What
    is only said and written nowhere names a subject where names that are written leave half of the episodes without.

    Args:
        episodes: in any order.
        most: subjects at most.
        shares: how much is said of some stems; the weights of the episodes' terms stand in for them if None.
        headings: headings of chapters by the episode's id, where there are some.
    """
    by_id = {episode.id: episode for episode in episodes}
    widest = max(LEAST_EPISODES, _WIDEST_SHARE * len(episodes))
    candidates = _candidates(episodes, headings or {})
    usable = list(_usable(episodes, candidates, shares or weights_of(episodes), widest))
    everywhere = _stems_everywhere(episodes, widest)
    chosen: dict[str, list[EpisodeRecord]] = {}
    placed: set[int] = set()
    while len(chosen) < most:
        adding = [candidate for candidate in usable if not placed >= candidate.members.keys()]
        written = [candidate for candidate in adding if candidate.written]
        if not written and len(placed) >= _SPOKEN_BELOW * len(episodes):
            break
        if not adding:
            break
        best = min(written or adding, key=lambda candidate: (-candidate.value(placed), candidate.stems))
        chosen[_shown(best, candidates)] = [by_id[number] for number in best.members]
        placed |= best.members.keys()
        telling = set(best.stems) - everywhere
        usable = [candidate for candidate in usable if not _is_akin(telling, candidate.stems)]
    return chosen


def _is_akin(telling: set[str], stems: Stems) -> bool:
    """Return True if a stem is one of ``telling``, or a long one holds another: ``alignment`` and ``misalignment``."""
    return any(
        stem == other or (min(len(stem), len(other)) >= _LONG and (stem in other or other in stem))
        for stem in telling
        for other in stems
    )


def _usable(
    episodes: Sequence[EpisodeRecord], candidates: Mapping[Stems, _Candidate], shares: Shares, widest: float
) -> Iterator[_Candidate]:
    """Yield the candidates that enough episodes belong to, yet not most of the library, with their members."""
    recurring = [
        candidate
        for candidate in candidates.values()
        if len(candidate.written) > 1 or len(candidate.held) >= LEAST_EPISODES
    ]
    recurring.sort(
        key=lambda candidate: (
            -len(candidate.titled),
            -len(candidate.written),
            -len(candidate.held),
            candidate.stems,
        )
    )
    n_slices = {episode.id: episode.profile.n_slices for episode in episodes if episode.profile.n_slices}
    for candidate in recurring[:_MOST_WEIGHED]:
        said = {number: share for number, share in shares(candidate.stems).items() if number in n_slices}
        n_mentioning = sum(share >= _MENTIONED for share in said.values())
        members = {
            number: strength
            for number in {*said, *candidate.titled} & n_slices.keys()
            if (strength := _strength(candidate, number, said.get(number, 0.0), n_slices[number]))
        }
        if not LEAST_EPISODES <= len(members) <= widest or n_mentioning > widest:
            continue
        is_named = candidate.titled or candidate.headed or not candidate.written
        if len(candidate.stems) == 1 and not is_named and len(candidate.written) < LEAST_EPISODES:
            continue  # an example that a few people use: "stamp"
        n_written = len(candidate.titled) + 0.5 * len(candidate.written - candidate.titled)
        candidate.members = members
        candidate.quality = (
            (_PHRASE if len(candidate.stems) > 1 else 1.0)
            * math.log1p(n_written + _UNWRITTEN)
            * max(0.1, math.log((len(episodes) + 1) / (n_mentioning + 0.5)))
        )
        yield candidate


def _strength(candidate: _Candidate, episode: int, said: float, n_slices: int) -> float:
    """Return how strongly an episode belongs to a subject, 0 for not at all: by its title, or by what is said in it."""
    is_titled, is_written = episode in candidate.titled, episode in candidate.written
    least = _SAID_AND_WRITTEN if is_written else _SAID if len(candidate.stems) > 1 else _WORD_SAID
    if not is_titled and (said < least or round(said * n_slices) < min(_SAID_IN, n_slices)):
        return 0.0
    strength = _IN_TITLE * is_titled + _IN_TEXT * is_written + min(1.0, said / _FULL)
    return min(_MOST_STRENGTH, strength)


def _candidates(
    episodes: Sequence[EpisodeRecord], headings: Mapping[int, Iterable[str]]
) -> dict[Stems, _Candidate]:
    """Return the names that subjects may have by their stems.

    Names of people and shows are none, unless people also write them as common words, with a small letter.
    """
    names = {
        stem
        for episode in episodes
        for name in (*episode.about.guests, *episode.about.hosts, episode.about.source or "")
        for stem in stems_in(name)
    }
    found: dict[Stems, _Candidate] = {}

    def add(form: str, episode: int, weight: float, kinds: Sequence[str] = ("written",)) -> None:
        stems = tuple(stems_in(form))
        if not stems or not names_something(stems):
            return
        if names.intersection(stems) and not (kinds and form.islower()):
            return
        candidate = found.setdefault(stems, _Candidate(stems))
        candidate.forms[form] += weight  # type: ignore[assignment]  # counted in parts
        for kind in (*kinds, "held"):
            getattr(candidate, kind).add(episode)

    for episode in episodes:
        about = episode.about
        titles = (about.title, about.shelf or "", *about.tags)
        for form in chain.from_iterable(map(_names_in, titles)):
            add(form, episode.id, 0.5, ("titled", "written"))
        for form in _names_in(about.summary or ""):
            add(form, episode.id, 1.0)
        for form in chain.from_iterable(map(_names_in, headings.get(episode.id, ()))):
            add(form, episode.id, 1.0, ("headed", "written"))
        for term, weight in episode.terms.items():
            if weight >= _LEAST_WEIGHT:
                add(term, episode.id, 0.01, ())
    return found


def _names_in(text: str) -> Iterator[str]:
    """Yield the terms of one to three words in what a person wrote, as it is written; no verb alone: “what you fix”."""
    for part in _BREAKS.split(text):
        words = [word.removesuffix("'s").removesuffix("’s") for word in term_words(part)]
        lower = [with_plain_apostrophes(word).lower() for word in words]
        for size in (1, 2, 3):
            for at in range(len(words) - size + 1):
                is_verb = size == 1 and at > 0 and lower[at - 1] in BEFORE_VERBS
                if not is_verb and is_term(lower[at : at + size]):
                    yield " ".join(words[at : at + size])


def weights_of(episodes: Sequence[EpisodeRecord]) -> Shares:
    """Return the weights of the episodes' terms as if they were shares."""
    weights: dict[Stems, dict[int, float]] = {}
    for episode in episodes:
        for term, weight in episode.terms.items():
            if weight >= _LEAST_WEIGHT:
                own = weights.setdefault(tuple(stems_in(term)), {})
                own[episode.id] = max(weight, _WORD_SAID, own.get(episode.id, 0.0))
    return lambda stems: weights.get(stems, {})


def _stems_everywhere(episodes: Sequence[EpisodeRecord], widest: float) -> set[str]:
    """Return the stems that the titles and terms of most of the library have: two subjects may share them."""
    counts = Counter(
        stem
        for episode in episodes
        for stem in {*stems_in(" ".join((episode.about.title, episode.about.summary or "", *episode.terms)))}
    )
    return {stem for stem, n_episodes in counts.items() if n_episodes > widest}


def _shown(candidate: _Candidate, candidates: Mapping[Stems, _Candidate]) -> str:
    """Return the name as it is shown: its most frequent form, ties in alphabetical order, with a capital.

    A word that people mostly write within the same phrase (``stamp collector``) is shown as the phrase.
    """
    size = len(candidate.stems)
    fuller = [
        other
        for stems, other in candidates.items()
        if len(stems) > size
        and any(stems[at : at + size] == candidate.stems for at in range(len(stems) - size + 1))
        and len(other.written & candidate.written) >= max(2, _FULLER_SHARE * len(candidate.written))
    ]
    if fuller:
        candidate = min(fuller, key=lambda other: (-len(other.written), len(other.stems), other.stems))
    name = min(candidate.forms, key=lambda form: (-candidate.forms[form], form))
    return name[:1].upper() + name[1:]
