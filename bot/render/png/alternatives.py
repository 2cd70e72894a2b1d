"""Alternative texts: what a picture shows, for those who do not see it, within what Discord takes."""

from collections import Counter
from collections.abc import Sequence

from bot.i18n.language import Language
from bot.render.png.words import (
    by_line,
    lens_of,
    most_of,
    name_of,
    place_of,
    range_of,
    relation_of,
    shape_in_words,
    slices_of,
    whole_in_words,
)
from index.search.answers import Found, Passage
from index.search.coverage import Coverage
from index.search.related import Counterbalance
from index.storage.records import EpisodeRecord, SliceRecord

LONGEST_ALT = 1024
"""Characters of an alternative text, as Discord has it."""

_FOUND_DETAILS = ((100, 4), (70, 3), (45, 2), (30, 2))
"""Characters of a title, and stretches of an arc, in the words for what was found: from the fullest to the
barest."""


def card_alt(episode: EpisodeRecord, slices: Sequence[SliceRecord], language: Language) -> str:
    """Describe the episode card in words."""
    profile, title = episode.profile, episode.about.title
    stand = language.say(
        "picture.alt.stand",
        position=profile.headline,
        band=language.band(profile.band),
        lens=lens_of(profile, language),
        confidence=language.say(f"confidence.{profile.confidence}"),
    )
    if not slices:
        return clipped(language.say("picture.alt.bare_card", title=title, stand=stand))
    by = by_line(episode, language)
    low, middle, high = (profile.markers[place] for place in range(3))
    return clipped(
        language.say(
            "picture.alt.card",
            title=f"{title} ({by})" if by else title,
            stand=stand,
            slices=slices_of(profile.n_slices, language),
            shape=shape_in_words(profile, slices, language),
            range=range_of(profile, language),
            most_low=most_of(language.axis.low_pole, language),
            low=profile.arc[low],
            low_place=place_of(slices[low], language),
            median_place=place_of(slices[middle], language),
            most_high=most_of(language.axis.high_pole, language),
            high=profile.arc[high],
            high_place=place_of(slices[high], language),
        )
    )


def balance_alt(answer: Counterbalance, language: Language) -> str:
    """Describe the counterbalance plot in words."""
    own = answer.standing.position
    told = [
        language.say(
            "picture.alt.balance",
            title=answer.episode.about.title,
            position=own,
            band=language.band(language.axis.band_of(own)),
            mirror=answer.mirror,
        )
    ]
    told += [
        language.say(
            "picture.alt.pick",
            number=number,
            title=pick.episode.about.title,
            position=pick.standing.position,
            difference=pick.pick.difference,
            relation=relation_of(pick.pick.relation, language),
            topic=pick.pick.candidate.topic,
        )
        for number, pick in enumerate(answer.picks, start=1)
    ]
    if not answer.picks:
        told.append(language.say("picture.nobody"))
    return clipped(" ".join(told))


def found_alt(answer: Found, language: Language) -> str:
    """Describe the find strip: each episode with its arc, and its passages with places, positions and bands.

    Where that is too long, question and titles are shortened and arcs told in fewer words, then the last
    episodes' arcs left out; passages go last.
    """
    if not answer.passages:
        return clipped(language.say("picture.alt.nothing", query=answer.query))
    n_arcs, told = len(answer.episodes), ""
    barest = [(*_FOUND_DETAILS[-1], fewer) for fewer in reversed(range(n_arcs))]
    for n_chars, n_stretches, n_told in (*((*detail, n_arcs) for detail in _FOUND_DETAILS), *barest):
        told = _found_told(answer, language, n_chars, n_stretches, n_told)
        if len(told) <= LONGEST_ALT:
            break
    return clipped(told)


def _found_told(answer: Found, language: Language, n_chars: int, n_stretches: int, n_arcs: int) -> str:
    """Describe the first ``n_arcs`` episodes with their arcs, the others with their headlines alone."""
    bands = _by_band([passage.reading.band for passage in answer.passages], language)
    told = [language.say("picture.alt.found", query=clipped(answer.query, 2 * n_chars), bands=bands)]
    by_rank = {passage.rank: passage for passage in answer.passages}
    for number, hit in enumerate(answer.episodes):
        passages = "; ".join(_passage_told(by_rank[rank], language) for rank in hit.ranks if rank in by_rank)
        title = clipped(hit.episode.about.title, n_chars)
        whole = whole_in_words(hit.episode, language, n_stretches if number < n_arcs else 0)
        told.append(language.say("picture.alt.found_in", title=title, whole=whole, passages=passages))
    return " ".join(told)


def _passage_told(passage: Passage, language: Language) -> str:
    second = passage.quote.start_s
    best = passage.slices[passage.best]
    place = place_of(best, language) if second is None else language.say("picture.place.at", second=second)
    band = language.band_within(passage.reading.band)
    return language.say(
        "picture.alt.passage", rank=passage.rank, place=place, position=passage.reading.position, band=band
    )


def map_alt(coverage: Coverage, language: Language) -> str:
    """Describe the library map in words."""
    by = language.say(f"picture.alt.{coverage.by}")
    told = [
        language.say("picture.alt.map", episodes=language.count("count.episodes", coverage.n_episodes), by=by)
    ]
    for subject in coverage.subjects:
        bands = _by_band([episode.profile.band for episode in subject.episodes], language)
        told.append(f"{name_of(subject, language)}: {bands}.")
    return clipped(" ".join(told))


def clipped(text: str, most: int = LONGEST_ALT) -> str:
    """Return ``text`` within ``most`` characters, cut at a word where it has one."""
    if len(text) <= most:
        return text
    begun = text[: most - 1]
    return (begun.rpartition(" ")[0] or begun) + "…"


def _by_band(held: Sequence[str], language: Language) -> str:
    counts = Counter(held)
    return ", ".join(f"{counts[band]} {language.band_within(band)}" for band in language.axis.bands)
