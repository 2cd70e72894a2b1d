"""Which episode a person means: a slug, a video id, a link, or enough of the title."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from index.errors import EpisodeAmbiguous, EpisodeUnknown
from index.storage.records import EpisodeRecord
from index.text.tokens import fold, tokenize
from index.transcripts.links import video_id_of

LONGEST_NAME = 200
"""Characters that are looked at of what a person types for an episode."""

_MOST_NAMED = 5
_LEAST_SIMILAR = 55.0


def episode_meant(text: str, episodes: Iterable[EpisodeRecord]) -> EpisodeRecord:
    """The one episode that ``text`` names.

    A slug or a video (its id, or a link to it) names an episode; so does its title, and so do words of its title,
    guests and source that no other episode has together.

    Raises:
        EpisodeAmbiguous: several are meant.
        EpisodeUnknown: none is.
    """
    known = list(episodes)
    text = text.strip()[:LONGEST_NAME]
    wanted = text
    video_id = video_id_of(wanted)
    for one in known:
        if wanted == one.slug or (video_id is not None and one.about.video_id == video_id):
            return one
    exact = [one for one in known if fold(one.about.title) == fold(wanted)]
    if len(exact) == 1:
        return exact[0]
    words = {token.word for token in tokenize(wanted)}
    matching = exact or [one for one in known if words and words <= _name_words(one)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        named = matching[:_MOST_NAMED]
        raise EpisodeAmbiguous(
            received=text,
            candidates=[episode.about.title for episode in named],
            slugs=[episode.slug for episode in named],
        )
    raise EpisodeUnknown(
        received=text, nearest=[one.about.title for one in suggestions(text, known, _MOST_NAMED)]
    )


def suggestions(typed: str, episodes: Sequence[EpisodeRecord], limit: int) -> list[EpisodeRecord]:
    """Episodes whose title, guests or source ``typed`` may become, best first; the newest if nothing is typed.

    Fuzzy: letters may be missing or wrong. Ties keep the order of publication, newest first.
    """
    newest = sorted(episodes, key=lambda one: str(one.about.published or ""), reverse=True)
    wanted = fold(typed[:LONGEST_NAME])
    if not wanted:
        return newest[:limit]
    names = [fold(_name(one)) for one in newest]
    found = process.extract(wanted, names, scorer=fuzz.WRatio, limit=None, score_cutoff=_LEAST_SIMILAR)
    # One shared short word is as much to WRatio as all words misspelt: what is alike on the whole comes first.
    found.sort(key=lambda one: (-one[1], -fuzz.token_set_ratio(wanted, one[0]), one[2]))
    starts = [place for place, name in enumerate(names) if wanted in name]
    places = dict.fromkeys([*starts, *(place for _, _, place in found)])
    return [newest[place] for place in places][:limit]


def _name(one: EpisodeRecord) -> str:
    return " ".join((one.about.title, *one.about.guests, one.about.source or ""))


def _name_words(one: EpisodeRecord) -> set[str]:
    return {token.word for token in tokenize(_name(one))}
