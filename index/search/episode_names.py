"""Finding an episode by its slug, video id, link, or words of its title, people and source."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from index.errors import EpisodeAmbiguous, EpisodeUnknown, VideoUnknown
from index.storage.records import EpisodeRecord
from index.text.source_names import same_letters
from index.text.stopwords import FILLERS, FUNCTION_WORDS
from index.text.tokens import fold, stem, tokenize
from index.transcripts.links import video_id_in, video_id_of

LONGEST_NAME = 200
"""Characters used of a typed name of an episode, a source or a speaker; the rest is left out."""

_MOST_NAMED = 5
_LEAST_SIMILAR = 55.0
_LEAST_SHARE = 0.5
_LEAD = 0.85
_ALIKE, _SHORTEST_ALIKE, _SHORTEST_BEGINNING = 84.0, 4, 3
_SHORTEST_JOINED = 6
_LIKE_A_NAME = 70.0
_MOST_READ = 50
_UNKNOWN, _SUBJECT, _BEGINNING, _STEM = 0.5, 0.5, 0.8, 0.9
_GENERIC_WORDS = frozenset("episode episodes podcast podcasts interview talk conversation show video".split())
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(\d{1,4})(?:[._](\d{1,2}))?(?![A-Za-z0-9])")
"""An episode's number as files are called by it: ``38_5`` is 38.5."""


def episode_meant(text: str, episodes: Iterable[EpisodeRecord]) -> EpisodeRecord:
    """Return the episode that ``text`` names.

    A slug or a video (its id, or a link to it) names an episode; so does its title, and so do words of its title,
    people, source and subjects, whole, begun or nearly right, if no other episode has nearly as many of them. A number
    must be whole, be it of the title or of the file that the episode came from, and where a show is named, only its
    episodes are meant, or those that have its name themselves.

    Raises:
        EpisodeAmbiguous: if several episodes match.
        VideoUnknown: if it is a link to a video that no episode is of; EpisodeUnknown: if no episode matches.
    """
    known = list(episodes)
    wanted = text.strip()[:LONGEST_NAME]
    video_id = video_id_of(wanted)
    for episode in known:
        if wanted == episode.slug or (video_id is not None and episode.about.video_id == video_id):
            return episode
    if video_id_in(wanted) is not None:
        raise VideoUnknown(received=wanted, nearest=[])
    folded = fold(wanted)
    meant = [episode for episode in known if fold(episode.about.title)[:LONGEST_NAME].strip() == folded]
    if not meant:
        shares = _shares(wanted, known)
        best = max(shares.values(), default=0.0)
        if best >= _LEAST_SHARE:
            ranked = sorted(shares, key=lambda place: (-shares[place], place))
            meant = [known[place] for place in ranked if shares[place] >= _LEAD * best]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise EpisodeAmbiguous.among(wanted, {episode.slug: episode.about.title for episode in meant})
    near = suggestions(wanted, known, _MOST_NAMED)
    raise EpisodeUnknown(
        received=wanted,
        nearest=[episode.about.title for episode in near],
        **({"slugs": [episode.slug for episode in near]} if near else {}),
    )


def suggestions(typed: str, episodes: Sequence[EpisodeRecord], limit: int) -> list[EpisodeRecord]:
    """Return episodes that ``typed`` may become, best first; the newest if nothing is typed.

    Those come first whose title, people or source have most of its words, of these those whose guest's name is most
    like it; then those whose name has its letters one after the other or is alike. Ties keep the order of
    publication, newest first.
    """
    newest = sorted(episodes, key=lambda episode: str(episode.about.published or ""), reverse=True)
    typed = typed[:LONGEST_NAME]
    wanted = fold(typed)
    if not wanted:
        return newest[:limit]
    shares = _shares(typed, newest, shortest_beginning=1)
    places = dict.fromkeys(
        sorted(
            shares,
            key=lambda place: (-round(shares[place], 6), -_like_a_guest(wanted, newest[place]), place),
        )
    )
    if len(places) < limit:
        names = [fold(_name(episode)) for episode in newest]
        places |= dict.fromkeys(place for place, name in enumerate(names) if wanted in name)
    if not places:
        found = process.extract(wanted, names, scorer=fuzz.WRatio, limit=None, score_cutoff=_LEAST_SIMILAR)
        # One shared short word is as much to WRatio as all words misspelt: what is alike on the whole comes first.
        found = [row for row in found if _has_word_like(wanted, row[0])]
        found.sort(key=lambda row: (-row[1], -fuzz.token_set_ratio(wanted, row[0]), row[2]))
        places |= dict.fromkeys(place for _, _, place in found)
    return [newest[place] for place in places][:limit]


def same_name(name: str | None, typed: str) -> bool:
    """Return True if ``typed`` is ``name`` but for letter case, accents, spaces and punctuation."""
    return same_letters(name or "", typed)


def _shares(
    typed: str, episodes: Sequence[EpisodeRecord], *, shortest_beginning: int = _SHORTEST_BEGINNING
) -> dict[int, float]:
    """Return by place how much of ``typed`` names each episode, above 0 up to 1; a rare word is more than a common one.

    Words that only an episode's subjects have count for half, and are looked for where its name has another word.
    """
    words = [token.word for token in tokenize(typed)]
    content_words = [word for word in words if word not in FUNCTION_WORDS and word not in _GENERIC_WORDS]
    words = list(dict.fromkeys(content_words or words))
    held: list[dict[int, float]] = []
    for word in words:
        holders = {
            place: match
            for place, episode in enumerate(episodes)
            if (match := _match(word, _name(episode), shortest_beginning))
        }
        held.append(holders)
    for at, (first, second) in enumerate(pairwise(words)):
        for place, episode in enumerate(episodes):
            if first + second in _words_of(_name(episode)):  # "nano gpt" of a title with "NanoGPT"
                held[at][place] = held[at + 1][place] = 1.0
    if any(held):
        kept = [at for at, word in enumerate(words) if held[at] or word not in FILLERS]
        words, held = [words[at] for at in kept], [held[at] for at in kept]
    weights = [
        math.log1p(len(episodes) / (1 + len(holders))) * (1.0 if holders else _UNKNOWN) for holders in held
    ]
    scores: dict[int, float] = {}
    for holders, weight in zip(held, weights, strict=True):
        for place, match in holders.items():
            scores[place] = scores.get(place, 0.0) + weight * match
    for place in sorted(scores, key=lambda place: -scores[place])[:_MOST_READ]:
        subjects = _subjects(episodes[place])
        for word, holders, weight in zip(words, held, weights, strict=True):
            if place not in holders and stem(word) in subjects:
                scores[place] += weight * _SUBJECT
    total = sum(weights)
    shows = _shows_named(set(words), episodes)
    return {
        place: score / total
        for place, score in scores.items()
        if not shows or any(show <= _words_of(_name(episodes[place])).keys() for show in shows)
    }


def _shows_named(words: set[str], episodes: Sequence[EpisodeRecord]) -> set[frozenset[str]]:
    """Return the telling words of every show that ``words`` name, if they have others beside."""
    shows = {_telling_words(source) for source in {episode.about.source for episode in episodes} if source}
    return {show for show in shows if show and show < words}


@lru_cache(maxsize=2_000)
def _telling_words(name: str) -> frozenset[str]:
    return frozenset(_words_of(name)) - FUNCTION_WORDS - _GENERIC_WORDS


def _match(word: str, name: str, shortest_beginning: int) -> float:
    """Return how well ``word`` is one of the words of ``name``: 1 for the very word, 0 for none."""
    names = _words_of(name)
    if word in names or (len(word) >= _SHORTEST_JOINED and word in _joined_words_of(name)):
        return 1.0
    if any(map(str.isdigit, word)):  # 38.5 is like 3.5, and another episode
        begun = word if shortest_beginning == 1 else f"{word}."
        return _BEGINNING if any(other.startswith(begun) for other in names) else 0.0
    if word.removesuffix("s") in names or stem(word) in names.values():
        return _STEM
    if len(word) >= shortest_beginning and any(name.startswith(word) for name in names):
        return _BEGINNING
    if len(word) >= _SHORTEST_ALIKE and any(
        abs(len(name) - len(word)) <= 2 and fuzz.ratio(name, word) >= _ALIKE for name in names
    ):
        return _BEGINNING
    return 0.0


def _like_a_guest(wanted: str, episode: EpisodeRecord) -> float:
    """Return how like ``wanted``, which is folded, the name of a guest is: 0, unless it is much, up to 100."""
    return max(
        (fuzz.ratio(wanted, fold(guest), score_cutoff=_LIKE_A_NAME) for guest in episode.about.guests),
        default=0.0,
    )


def _has_word_like(wanted: str, name: str) -> bool:
    """Return True if a word of ``wanted`` that asks for something is like one of ``name``; both are folded.

    Of a long name some letters are like any text.
    """
    words = [token.word for token in tokenize(wanted)]
    telling = [word for word in words if word not in FUNCTION_WORDS and word not in _GENERIC_WORDS]
    others = [token.word for token in tokenize(name)]
    return any(fuzz.ratio(word, other) >= _LIKE_A_NAME for word in telling or words for other in others)


def _subjects(episode: EpisodeRecord) -> frozenset[str]:
    """Return the stems of what an episode talks of."""
    words = " ".join((*episode.about.tags, *episode.terms, episode.about.summary or ""))
    return frozenset(token.stem for token in tokenize(words))


def _name(episode: EpisodeRecord) -> str:
    about = episode.about
    numbers = _numbers_of(about.video_id or "", *(file.original_name or "" for file in about.transcripts))
    return " ".join((about.title, *about.guests, *about.hosts, about.source or "", episode.slug, *numbers))


@lru_cache(maxsize=20_000)
def _numbers_of(video_id: str, *files: str) -> tuple[str, ...]:
    """Return the numbers in the names that files came under, without days and the video's id."""
    return tuple(
        ".".join(filter(None, found.groups()))
        for file in files
        for found in _NUMBER.finditer(_DAY.sub(" ", file.replace(video_id, " ") if video_id else file))
    )


@lru_cache(maxsize=20_000)
def _words_of(name: str) -> Mapping[str, str]:
    """Return the words of a name with their stems."""
    return {token.word: token.stem for token in tokenize(name)}


@lru_cache(maxsize=20_000)
def _joined_words_of(name: str) -> frozenset[str]:
    """Return each two neighbouring words of a name as one: “Look-Ahead” is “lookahead”, too."""
    return frozenset(first + second for first, second in pairwise(token.word for token in tokenize(name)))
