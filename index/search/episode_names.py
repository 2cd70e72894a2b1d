"""Finding an episode by its slug, video id, link, or words of its title, people and source."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import islice, pairwise, takewhile
from pathlib import PurePosixPath
from urllib.parse import unquote, urldefrag, urlsplit

from rapidfuzz import fuzz, process

from index.errors import EpisodeAmbiguous, EpisodeLinkUnknown, EpisodeUnknown, VideoUnknown
from index.storage.records import EpisodeRecord
from index.text.source_names import same_letters
from index.text.stopwords import FILLERS, FUNCTION_WORDS
from index.text.tokens import fold, stem, tokenize
from index.transcripts.links import is_web_link, normalized_address, video_id_in, video_id_of

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
_FEWEST_WORDS_OF_A_LINKED_TITLE = 2
_UNKNOWN, _FILLER, _SUBJECT, _BEGINNING, _STEM = 0.5, 0.3, 0.5, 0.8, 0.9
_GENERIC_WORDS = frozenset("episode episodes podcast podcasts interview talk conversation show video".split())
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(\d{1,4})(?:[._](\d{1,2}))?(?![A-Za-z0-9])")
"""An episode's number as files are called by it: ``38_5`` is 38.5."""


class EpisodeNames:
    """The names of an edition's episodes by their words: made once, so that each key typed looks up a few words alone.

    Args:
        episodes: the episodes, in the order of their ids.
    """

    def __init__(self, episodes: Iterable[EpisodeRecord]) -> None:
        self._episodes = list(episodes)
        names = [_name(episode) for episode in self._episodes]
        self._folded = [fold(name) for name in names]
        self._guests = [[fold(guest) for guest in episode.about.guests] for episode in self._episodes]
        published = [str(episode.about.published or "") for episode in self._episodes]
        newest = sorted(range(len(names)), key=published.__getitem__, reverse=True)
        self._newest = {place: rank for rank, place in enumerate(newest)}
        self._words: list[frozenset[str]] = []
        self._with_word: dict[str, list[int]] = {}
        self._with_stem: dict[str, list[int]] = {}
        self._with_joined: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            tokens = tokenize(name)
            words = {token.word: token.stem for token in tokens}
            joined = {first.word + second.word for first, second in pairwise(tokens)}
            self._words.append(frozenset(words))
            for held, places in (
                (words, self._with_word),
                ({*words.values()}, self._with_stem),
                (joined, self._with_joined),
            ):
                for word in held:
                    places.setdefault(word, []).append(place)
        self._alphabet = sorted(self._with_word)
        sources = {episode.about.source for episode in self._episodes if episode.about.source}
        self._shows = {show for source in sources if (show := _telling_words_of(source))}

    def meant(self, text: str) -> EpisodeRecord:
        """Return the episode that ``text`` names.

        A slug or a video (its id, or a link to it) names an episode; so does a link to its recording or page, or one
        that has every word of its title, and no other link. So does its title, and so do words of its title,
        people, source and subjects, whole, begun or nearly right, if no other episode has nearly as many of them. A
        number must be whole, be it of the title or of the file that the episode came from, and where a show is named,
        only its episodes are meant, or those that have its name themselves.

        Raises:
            EpisodeAmbiguous: if several episodes match.
            VideoUnknown: if it is a link to a video that no episode is of; EpisodeLinkUnknown: if it is another link
                that leads to none; EpisodeUnknown: if no episode matches.
        """
        wanted = text.strip()[:LONGEST_NAME]
        video_id = video_id_of(wanted)
        for episode in self._episodes:
            if wanted == episode.slug or (video_id is not None and episode.about.video_id == video_id):
                return episode
        if video_id_in(wanted) is not None:
            raise VideoUnknown(received=wanted, nearest=[])
        if is_web_link(wanted):
            return self._linked(wanted)
        folded = fold(wanted)
        meant = [
            episode
            for episode in self._episodes
            if fold(episode.about.title)[:LONGEST_NAME].strip() == folded
        ]
        if not meant:
            shares = self._shares(wanted)
            best = max(shares.values(), default=0.0)
            if best >= _LEAST_SHARE:
                ranked = sorted(shares, key=lambda place: (-shares[place], place))
                meant = [self._episodes[place] for place in ranked if shares[place] >= _LEAD * best]
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise EpisodeAmbiguous.among(wanted, {episode.slug: episode.about.title for episode in meant})
        near = self.suggestions(wanted, _MOST_NAMED)
        raise EpisodeUnknown(
            received=wanted,
            nearest=[episode.about.title for episode in near],
            **({"slugs": [episode.slug for episode in near]} if near else {}),
        )

    def _linked(self, link: str) -> EpisodeRecord:
        """Return the episode whose recording or page is at ``link``, or that is named in it in full.

        Raises:
            EpisodeLinkUnknown: there is none, or several are named alike.
        """
        address, path = _address(link), unquote(_path(link))
        slug = PurePosixPath(path).name.removesuffix(".html")
        for episode in self._episodes:
            if episode.slug == slug or (episode.about.url and _address(episode.about.url) == address):
                return episode
        in_path = {token.word for token in tokenize(path)}
        named = [
            (len(words), episode)
            for episode in self._episodes
            if len(words := _telling_words_of(episode.about.title)) >= _FEWEST_WORDS_OF_A_LINKED_TITLE
            and words <= in_path
        ]
        most = max((n_words for n_words, _ in named), default=0)
        fullest = [episode for n_words, episode in named if n_words == most]
        if len(fullest) != 1:
            raise EpisodeLinkUnknown(received=link, nearest=[])
        return fullest[0]

    def suggestions(self, typed: str, limit: int) -> list[EpisodeRecord]:
        """Return episodes that ``typed`` may become, best first; the newest if nothing is typed.

        Those come first whose title, people or source have most of its words, of these those whose guest's name is most
        like it; then those whose name has its letters one after the other or is alike. Ties keep the order of
        publication, newest first.
        """
        typed = typed[:LONGEST_NAME]
        wanted = fold(typed)
        if not wanted:
            return [self._episodes[place] for place in islice(self._newest, limit)]
        shares = self._shares(typed, shortest_beginning=1)
        places = dict.fromkeys(
            sorted(
                shares,
                key=lambda place: (
                    -round(shares[place], 6),
                    -self._like_a_guest(wanted, place),
                    self._newest[place],
                ),
            )
        )
        if len(places) < limit:
            places |= dict.fromkeys(place for place in self._newest if wanted in self._folded[place])
        if not places:
            alike = process.extract(
                wanted, self._folded, scorer=fuzz.WRatio, limit=None, score_cutoff=_LEAST_SIMILAR
            )
            # One shared short word is as much to WRatio as all words misspelt: what is alike on the whole comes first.
            found = [row for row in alike if _has_word_like(wanted, row[0])]
            found.sort(key=lambda row: (-row[1], -fuzz.token_set_ratio(wanted, row[0]), self._newest[row[2]]))
            places |= dict.fromkeys(place for _, _, place in found)
        return [self._episodes[place] for place in islice(places, limit)]

    def _shares(self, typed: str, *, shortest_beginning: int = _SHORTEST_BEGINNING) -> dict[int, float]:
        """Return by place how much of ``typed`` names each episode, above 0 up to 1; a rare word is more than a common.

        A filler such as *thing* is less than a word that tells. Words that only an episode's subjects have count for
        half, and are looked for where its name has another word.
        """
        words = [token.word for token in tokenize(typed)]
        words = list(dict.fromkeys(_telling(words) or words))
        held = [self._holders(word, shortest_beginning) for word in words]
        for at, (first, second) in enumerate(pairwise(words)):
            for place in self._with_word.get(first + second, ()):  # "nano gpt" of a title with "NanoGPT"
                held[at][place] = held[at + 1][place] = 1.0
        if any(held):
            kept = [at for at, word in enumerate(words) if held[at] or word not in FILLERS]
            words, held = [words[at] for at in kept], [held[at] for at in kept]
        weights = [
            math.log1p(len(self._episodes) / (1 + len(holders)))
            * (1.0 if holders else _UNKNOWN)
            * (_FILLER if word in FILLERS else 1.0)
            for word, holders in zip(words, held, strict=True)
        ]
        scores: dict[int, float] = {}
        for holders, weight in zip(held, weights, strict=True):
            for place, match in holders.items():
                scores[place] = scores.get(place, 0.0) + weight * match
        for place in nsmallest(_MOST_READ, scores, key=lambda place: (-scores[place], self._newest[place])):
            subjects = _subjects(self._episodes[place])
            for word, holders, weight in zip(words, held, weights, strict=True):
                if place not in holders and stem(word) in subjects:
                    scores[place] += weight * _SUBJECT
        total = sum(weights)
        shows = {show for show in self._shows if show < set(words)}
        return {
            place: score / total
            for place, score in scores.items()
            if not shows or any(show <= self._words[place] for show in shows)
        }

    def _holders(self, word: str, shortest_beginning: int) -> dict[int, float]:
        """Return by place how well ``word`` is one of the words of each name: 1 for the very word, never 0."""
        holders: dict[int, float] = {}

        def hold(match: float, places_of: Mapping[str, Sequence[int]], words: Iterable[str]) -> None:
            for held in words:
                holders.update(dict.fromkeys(places_of.get(held, ()), match))

        if any(map(str.isdigit, word)):  # 38.5 is like 3.5, and another episode
            hold(
                _BEGINNING, self._with_word, self._beginning(word if shortest_beginning == 1 else f"{word}.")
            )
        else:
            if len(word) >= _SHORTEST_ALIKE:
                hold(_BEGINNING, self._with_word, self._alike(word))
            if len(word) >= shortest_beginning:
                hold(_BEGINNING, self._with_word, self._beginning(word))
            hold(_STEM, self._with_word, [word.removesuffix("s")])
            hold(_STEM, self._with_stem, [stem(word)])
        if len(word) >= _SHORTEST_JOINED:
            hold(1.0, self._with_joined, [word])
        hold(1.0, self._with_word, [word])
        return holders

    def _beginning(self, letters: str) -> Iterator[str]:
        """Yield the words of the names that begin with ``letters``."""
        first = bisect_left(self._alphabet, letters)
        return takewhile(lambda word: word.startswith(letters), islice(self._alphabet, first, None))

    def _alike(self, word: str) -> Iterator[str]:
        """Yield the words of the names that are like ``word``, and nearly as long."""
        found = process.extract(word, self._alphabet, scorer=fuzz.ratio, limit=None, score_cutoff=_ALIKE)
        return (other for other, _, _ in found if abs(len(other) - len(word)) <= 2)

    def _like_a_guest(self, wanted: str, place: int) -> float:
        """Return how like ``wanted``, which is folded, the name of a guest is: 0, unless it is much, up to 100."""
        return max(
            (fuzz.ratio(wanted, guest, score_cutoff=_LIKE_A_NAME) for guest in self._guests[place]),
            default=0.0,
        )


def same_name(name: str | None, typed: str) -> bool:
    """Return True if ``typed`` is ``name`` but for letter case, accents, spaces and punctuation."""
    return same_letters(name or "", typed)


def _address(link: str) -> str:
    """Return ``link`` in one spelling, without the place in the recording or on the page."""
    return normalized_address(urldefrag(link).url).rstrip("/")


def _path(link: str) -> str:
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


def _telling(words: Iterable[str]) -> list[str]:
    return [word for word in words if word not in FUNCTION_WORDS and word not in _GENERIC_WORDS]


def _telling_words_of(name: str) -> frozenset[str]:
    return frozenset(_telling(token.word for token in tokenize(name)))


def _has_word_like(wanted: str, name: str) -> bool:
    """Return True if a word of ``wanted`` that asks for something is like one of ``name``; both are folded.

    Of a long name some letters are like any text.
    """
    words = [token.word for token in tokenize(wanted)]
    others = [token.word for token in tokenize(name)]
    return any(
        fuzz.ratio(word, other) >= _LIKE_A_NAME for word in _telling(words) or words for other in others
    )


def _subjects(episode: EpisodeRecord) -> frozenset[str]:
    """Return the stems of what an episode talks of."""
    words = " ".join((*episode.about.tags, *episode.terms, episode.about.summary or ""))
    return frozenset(token.stem for token in tokenize(words))


def _name(episode: EpisodeRecord) -> str:
    about = episode.about
    numbers = _numbers_of(about.video_id or "", *(file.original_name or "" for file in about.transcripts))
    return " ".join((about.title, *about.guests, *about.hosts, about.source or "", episode.slug, *numbers))


def _numbers_of(video_id: str, *files: str) -> tuple[str, ...]:
    """Return the numbers in the names that files came under, without days and the video's id."""
    return tuple(
        ".".join(filter(None, found.groups()))
        for file in files
        for found in _NUMBER.finditer(_DAY.sub(" ", file.replace(video_id, " ") if video_id else file))
    )
