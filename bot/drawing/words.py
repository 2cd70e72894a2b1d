"""The words in pictures, and the words that stand for them: alternative texts that say the shape."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from bot.texts.language import Language
from index.coverage import Coverage, Gap, Subject
from index.passages import Found
from index.records import EpisodeRecord, SliceRecord
from index.relations import Counterbalance
from scoring.profile import Profile
from scoring.shape import stretches

LONGEST_ALT = 1024
"""Characters of an alternative text, as Discord has it."""

_ACRONYMS = frozenset({"ai", "agi", "llm", "llms", "gpt", "ml", "rlhf", "eu"})


def by_line(episode: EpisodeRecord, language: Language) -> str:
    """Source, guests and date."""
    about = episode.about
    guests = ", ".join(name for name in about.guests if name.casefold() not in about.title.casefold())
    date = about.published and language.say(
        "picture.date",
        day=about.published.day,
        month=language.say(f"picture.month.{about.published.month}"),
        year=about.published.year,
    )
    return " · ".join(part for part in (about.source, guests or None, date) if part)


def place_of(record: SliceRecord, language: Language) -> str:
    """When a slice is said, or which one it is where the transcript has no times."""
    piece = record.piece
    if piece.start_s is None:
        return language.say("picture.place.in", number=piece.ordinal + 1)
    return language.say("picture.place.at", second=piece.start_s)


def short_place_of(record: SliceRecord, language: Language) -> str:
    """As ``place_of``, where it stands alone."""
    piece = record.piece
    if piece.start_s is None:
        return language.say("picture.place.slice", number=piece.ordinal + 1)
    return language.say("picture.place.at", second=piece.start_s)


def slices_of(n_slices: int, language: Language) -> str:
    """A number of slices."""
    return language.count("picture.slices", n_slices)


def range_of(profile: Profile, language: Language) -> str:
    """The line of statistics."""
    return language.say(
        "picture.range",
        median=profile.median,
        mean=profile.mean,
        low=profile.min,
        high=profile.max,
        p10=profile.p10,
        p90=profile.p90,
    )


def shares_of(share: float, band: str, language: Language) -> str:
    """A band's share of the slices."""
    return language.say("picture.share", share=share, band=language.band_within(band))


def most_of(pole: str, language: Language) -> str:
    """What the marker at a pole is called."""
    most = language.say("picture.most", pole=language.pole(pole))
    return language.named("picture.most_at", pole, most)


def lens_of(profile: Profile, language: Language) -> str:
    """The lens."""
    return language.say("picture.lens", lens=language.lens(profile.lens).lower())


def shape_in_words(profile: Profile, slices: Sequence[SliceRecord], language: Language, most: int = 6) -> str:
    """How the arc goes: ``starts mixed, falls to risk-forward at 12:40, ends mixed from 17:20``.

    An arc that turns more than ``most`` times is told by its first turns and its end.
    """
    axis = language.axis
    told = stretches(profile.arc, axis)
    if not told:
        return language.say("picture.shape.none")
    first = language.band_within(told[0].band)
    if len(told) == 1:
        return language.say("picture.shape.stays", band=first)
    shown = told if len(told) <= most else (*told[: most - 1], told[-1])
    parts = [language.say("picture.shape.starts", band=first)]
    for before, one in pairwise(shown):
        band, record = language.band_within(one.band), slices[one.start]
        if one is not told[-1]:
            way = "falls" if axis.bands.index(one.band) < axis.bands.index(before.band) else "rises"
            parts.append(language.say(f"picture.shape.{way}", band=band, place=place_of(record, language)))
            continue
        if len(shown) < len(told):
            parts.append(language.say("picture.shape.to_and_fro"))
        parts.append(language.say("picture.shape.ends", band=band, place=_since(record, language)))
    return ", ".join(parts)


def _since(record: SliceRecord, language: Language) -> str:
    piece = record.piece
    if piece.start_s is None:
        return language.say("picture.place.from_slice", number=piece.ordinal + 1)
    return language.say("picture.place.from", second=piece.start_s)


def card_alt(episode: EpisodeRecord, slices: Sequence[SliceRecord], language: Language) -> str:
    """What the episode card shows, for those who do not see it."""
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
    """What the counterbalance plot shows."""
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
            title=one.episode.about.title,
            position=one.standing.position,
            difference=one.pick.difference,
            relation=relation_of(one.pick.relation, language),
            topic=one.pick.candidate.topic,
        )
        for number, one in enumerate(answer.picks, start=1)
    ]
    if not answer.picks:
        told.append(language.say("picture.nobody"))
    return clipped(" ".join(told))


def relation_of(relation: str, language: Language) -> str:
    """How a pick stands to its episode."""
    return language.say("relation." + relation.replace(" ", "_"))


def found_alt(answer: Found, language: Language) -> str:
    """What the find strip shows."""
    if not answer.passages:
        return clipped(language.say("picture.alt.nothing", query=answer.query))
    bands = _by_band([one.reading.band for one in answer.passages], language)
    told = [language.say("picture.alt.found", query=answer.query, bands=bands)]
    for one in answer.passages:
        second = one.quote.start_s
        key = "picture.alt.passage" if second is None else "picture.alt.passage_at"
        fields = {"rank": one.rank, "position": one.reading.position, "title": one.episode.about.title}
        told.append(language.say(key, second=second, **fields))
    return clipped(" ".join(told))


def name_of(subject: Subject, language: Language) -> str:
    """A subject's name as a heading: terms are kept in small letters."""
    if subject.name is None:
        return language.say("picture.other_subjects")
    words = [word.upper() if word in _ACRONYMS else word for word in subject.name.split(" ")]
    return " ".join((words[0][:1].upper() + words[0][1:], *words[1:]))


def map_alt(coverage: Coverage, language: Language) -> str:
    """What the library map shows."""
    by = language.say(f"picture.alt.{coverage.by}")
    told = [
        language.say(
            "picture.alt.map", episodes=language.count("picture.episodes", coverage.n_episodes), by=by
        )
    ]
    for subject in coverage.subjects:
        bands = _by_band([one.profile.band for one in subject.episodes], language)
        told.append(f"{name_of(subject, language)}: {bands}.")
    return clipped(" ".join(told))


def _by_band(held: Sequence[str], language: Language) -> str:
    counts = Counter(held)
    return ", ".join(f"{counts[band]} {language.band_within(band)}" for band in language.axis.bands)


def gaps_in_words(coverage: Coverage, language: Language) -> tuple[str, ...]:
    """For each wing that a subject lacks a sentence: what is missing, what would fill it, and where to begin."""
    return tuple(
        gap_in_words(subject, gap, language) for subject in coverage.subjects for gap in subject.gaps
    )


def gap_in_words(
    subject: Subject,
    gap: Gap,
    language: Language,
    *,
    shown: Callable[[str], str] = str,
    titled: Callable[[EpisodeRecord], str] | None = None,
) -> str:
    """What one wing of a subject lacks.

    Args:
        subject: with a name.
        gap: one of its own.
        language: to say it in.
        shown: applied to every text from the library, such as an escape for markup.
        titled: how the candidate's title is written; as ``shown`` has it if None.
    """
    told = language.count(
        "picture.gap.missing",
        len(subject.episodes),
        subject=shown(name_of(subject, language)),
        band=language.band_within(gap.band),
        wanted=gap.wanted,
    )
    if gap.nearest is None:
        return told
    about = gap.nearest.about
    who = titled(gap.nearest) if titled is not None else shown(about.title)
    named = [name for name in about.guests if name.casefold() not in about.title.casefold()]
    if named:
        who = language.say("picture.gap.guests", title=who, guests=shown(", ".join(named)))
    terms = shown(", ".join(gap.shared[:2]))
    key = "picture.gap.nearest" if gap.nearest.profile.n_slices else "picture.gap.add"
    return f"{told} " + language.say(
        key,
        who=who,
        position=gap.nearest.profile.headline,
        shared=language.say("picture.gap.shared", terms=terms) if gap.shared else "",
    )


def clipped(text: str) -> str:
    """``text`` within ``LONGEST_ALT`` characters, cut at a word."""
    if len(text) <= LONGEST_ALT:
        return text
    return text[: LONGEST_ALT - 1].rpartition(" ")[0] + "…"
