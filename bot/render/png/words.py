"""The words in pictures, and how a position, an arc or a gap is told in a sentence."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from bot.i18n.language import Language
from index.search.coverage import Coverage, Gap, Subject
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.arc import ArcStretch, stretches
from scoring.profile import Profile

_ACRONYMS = frozenset({"ai", "agi", "llm", "llms", "gpt", "ml", "rlhf", "eu"})


def by_line(episode: EpisodeRecord, language: Language) -> str:
    """Say source, guests and date."""
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
    """Say when a slice is said, or its number where the transcript has no times."""
    piece = record.piece
    if piece.start_s is None:
        return language.say("picture.place.in", number=piece.ordinal + 1)
    return language.say("picture.place.at", second=piece.start_s)


def short_place_of(record: SliceRecord, language: Language) -> str:
    """Say as ``place_of``, where it stands alone."""
    piece = record.piece
    if piece.start_s is None:
        return language.say("picture.place.slice", number=piece.ordinal + 1)
    return language.say("picture.place.at", second=piece.start_s)


def slices_of(n_slices: int, language: Language) -> str:
    """Say a number of slices."""
    return language.count("count.slices", n_slices)


def range_of(profile: Profile, language: Language) -> str:
    """Say the statistics."""
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
    """Say a band's share of the slices."""
    return language.say("picture.share", share=share, band=language.band_within(band))


def most_of(pole: str, language: Language) -> str:
    """Return the name of the marker at a pole."""
    most = language.say("picture.most", pole=language.pole(pole))
    return language.named("picture.most_at", pole, most)


def lens_of(profile: Profile, language: Language) -> str:
    """Say the lens."""
    return language.say("picture.lens", lens=language.lens(profile.lens).lower())


def shape_in_words(
    profile: Profile, slices: Sequence[SliceRecord] | None, language: Language, most: int = 6
) -> str:
    """Say how the arc goes: ``starts mixed, falls to risk-forward at 12:40, ends mixed from 17:20``.

    Without ``slices`` places are parts of the whole: ``falls to risk-forward 40% in, ends mixed from 80%``.
    An arc of more than ``most`` stretches, at least 2, is told by its first ones and its end.
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
    for before, stretch in pairwise(shown):
        band = language.band_within(stretch.band)
        if stretch is not told[-1]:
            way = "falls" if axis.bands.index(stretch.band) < axis.bands.index(before.band) else "rises"
            place = _turned(stretch, profile, slices, language)
            parts.append(language.say(f"picture.shape.{way}", band=band, place=place))
            continue
        if len(shown) < len(told):
            parts.append(language.say("picture.shape.to_and_fro"))
        place = _since(stretch, profile, slices, language)
        parts.append(language.say("picture.shape.ends", band=band, place=place))
    return ", ".join(parts)


def _turned(
    stretch: ArcStretch, profile: Profile, slices: Sequence[SliceRecord] | None, language: Language
) -> str:
    if slices is None:
        return language.say("picture.place.part", share=stretch.start / len(profile.arc))
    return place_of(slices[stretch.start], language)


def _since(
    stretch: ArcStretch, profile: Profile, slices: Sequence[SliceRecord] | None, language: Language
) -> str:
    if slices is None:
        return language.say("picture.place.from_part", share=stretch.start / len(profile.arc))
    piece = slices[stretch.start].piece
    if piece.start_s is None:
        return language.say("picture.place.from_slice", number=piece.ordinal + 1)
    return language.say("picture.place.from", second=piece.start_s)


def relation_of(relation: str, language: Language) -> str:
    """Say how a pick stands to its episode."""
    return language.say("relation." + relation.replace(" ", "_"))


def whole_in_words(episode: EpisodeRecord, language: Language, most: int = 3) -> str:
    """Say where an episode stands, and how its arc goes in ``most`` stretches; 0 leaves it out."""
    profile = episode.profile
    band = language.band_within(profile.band)
    if not most:
        return language.say("picture.headline", position=profile.headline, band=band)
    shape = shape_in_words(profile, None, language, most)
    return language.say("picture.whole", position=profile.headline, band=band, shape=shape)


def name_of(subject: Subject, language: Language) -> str:
    """Return a subject's name as a heading: terms are kept in small letters."""
    if subject.name is None:
        return language.say("picture.other_subjects")
    words = [word.upper() if word in _ACRONYMS else word for word in subject.name.split(" ")]
    return " ".join((words[0][:1].upper() + words[0][1:], *words[1:]))


def gaps_in_words(coverage: Coverage, language: Language) -> tuple[str, ...]:
    """Say for each missing wing what is missing, what would fill it, and where to begin."""
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
    """Say what a missing wing of a subject lacks.

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
