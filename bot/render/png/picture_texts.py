"""The words in pictures, and the alternative texts that tell a picture to those who do not see it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.i18n.language import End, Language
from bot.i18n.message_catalogue import shown_difference
from bot.render.text import term_text
from index.search.answers import Found, Passage
from index.search.coverage import Coverage, Gap, Subject
from index.search.related import Counterbalance
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.profile import ArcStretch, Profile, stretches


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


def confidence_of(profile: Profile, language: Language) -> str:
    """Say how sure the position is, or that it was not read for its language."""
    is_unread = profile.evidence == "other language"
    return language.say("picture.unread" if is_unread else f"confidence.{profile.confidence}")


def extreme_of(end: End, position: float, language: Language) -> str:
    """Return the name of an episode's lowest or highest slice: "most" of a pole if it gets to its band."""
    if language.extreme(end, position) is None:
        return language.say(f"picture.{end}est")
    return most_of(language.axis.low_pole if end == "low" else language.axis.high_pole, language)


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
        is_all = {axis.band_of(position) for position in profile.arc} == {told[0].band}
        return language.say("picture.shape.stays" if is_all else "picture.shape.mostly", band=first)
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


def whole_in_words(episode: EpisodeRecord, language: Language, most: int = 3) -> str:
    """Say where an episode stands, and how its arc goes in ``most`` stretches; 0 leaves it out."""
    profile = episode.profile
    band = language.band_within(profile.band)
    if not most:
        return language.say("picture.headline", position=profile.headline, band=band)
    shape = shape_in_words(profile, None, language, most)
    return language.say("picture.whole", position=profile.headline, band=band, shape=shape)


def name_of(subject: Subject, language: Language) -> str:
    """Return a subject's name as a heading."""
    if subject.name is None:
        return language.say("picture.other_subjects")
    name = term_text(subject.name)
    return name[:1].upper() + name[1:]


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
    terms = shown(", ".join(map(term_text, gap.shared[:2])))
    key = "picture.gap.nearest" if gap.nearest.profile.n_slices else "picture.gap.add"
    return f"{told} " + language.say(
        key,
        who=who,
        position=gap.nearest.profile.headline,
        shared=language.say("picture.gap.shared", terms=terms) if gap.shared else "",
    )


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
        confidence=confidence_of(profile, language),
    )
    if not slices:
        return clipped(language.say("picture.alt.bare_card", title=title, stand=stand))
    by = by_line(episode, language)
    title = f"{title} ({by})" if by else title
    if not profile.apart:
        counted = slices_of(profile.n_slices, language)
        return clipped(language.say("picture.alt.short_card", title=title, stand=stand, slices=counted))
    low, middle, high = profile.apart
    return clipped(
        language.say(
            "picture.alt.card",
            title=title,
            stand=stand,
            slices=slices_of(profile.n_slices, language),
            shape=shape_in_words(profile, slices, language),
            range=range_of(profile, language),
            most_low=extreme_of("low", profile.arc[low], language),
            low=profile.arc[low],
            low_place=place_of(slices[low], language),
            median_place=place_of(slices[middle], language),
            most_high=extreme_of("high", profile.arc[high], language),
            high=profile.arc[high],
            high_place=place_of(slices[high], language),
        )
    )


def balance_alt(answer: Counterbalance, language: Language) -> str:
    """Describe the counterbalance plot in words."""
    own = answer.standing.position
    told = [
        language.say(
            "picture.alt.balance" if answer.outcome == "crux" else "picture.alt.near_by",
            title=answer.episode.about.title,
            position=own,
            band=language.band(language.axis.band_of(own)),
            mirror=answer.mirror,
        )
    ]
    if answer.standing_of_near is not None:
        told.append(language.say(f"nearby.{answer.standing_of_near}"))
    told += [
        language.say(
            "picture.alt.pick" if pick.crux is None else "picture.alt.crux",
            number=number,
            title=pick.episode.about.title,
            position=pick.standing.position,
            difference=shown_difference(own, pick.standing.position),
            question=pick.crux.question if pick.crux is not None else "",
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
    told, n_arcs = _FoundTold.of(answer, language), len(answer.episodes)
    barest = [(*_FOUND_DETAILS[-1], fewer) for fewer in reversed(range(n_arcs))]
    for n_chars, n_stretches, n_told in (*((*detail, n_arcs) for detail in _FOUND_DETAILS), *barest):
        text = told.text(n_chars, n_stretches, n_told)
        if len(text) <= LONGEST_ALT:
            break
    return clipped(text)


@dataclass(frozen=True, slots=True)
class _FoundTold:
    """What was found, in words that are the same at every detail: bands, and passages by the place of their episode."""

    answer: Found
    language: Language
    bands: str
    passages: Sequence[str]
    wholes: dict[tuple[int, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Found, language: Language) -> "_FoundTold":
        told = {passage.rank: _passage_told(passage, language) for passage in answer.passages}
        return cls(
            answer,
            language,
            _by_band([passage.reading.band for passage in answer.passages], language),
            ["; ".join(told[rank] for rank in hit.ranks if rank in told) for hit in answer.episodes],
        )

    def text(self, n_chars: int, n_stretches: int, n_arcs: int) -> str:
        """Describe the first ``n_arcs`` episodes with their arcs, the others with their headlines alone."""
        query = clipped(self.answer.query, 2 * n_chars)
        told = [self.language.say("picture.alt.found", query=query, bands=self.bands)]
        for number, (hit, passages) in enumerate(zip(self.answer.episodes, self.passages, strict=True)):
            title = clipped(hit.episode.about.title, n_chars)
            whole = self._whole(number, n_stretches if number < n_arcs else 0)
            told.append(
                self.language.say("picture.alt.found_in", title=title, whole=whole, passages=passages)
            )
        return " ".join(told)

    def _whole(self, number: int, n_stretches: int) -> str:
        key = number, n_stretches
        if key not in self.wholes:
            episode = self.answer.episodes[number].episode
            self.wholes[key] = whole_in_words(episode, self.language, n_stretches)
        return self.wholes[key]


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
