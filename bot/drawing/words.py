"""The words in pictures, and the words that stand for them: alternative texts that say the shape."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from bot.texts.catalogue import clock, signed
from index.coverage import Coverage
from index.passages import Found
from index.records import EpisodeRecord, SliceRecord
from index.relations import Counterbalance
from scoring.axis import Axis
from scoring.profile import Profile
from scoring.shape import stretches

LONGEST_ALT = 1024
"""Characters of an alternative text, as Discord has it."""


def by_line(episode: EpisodeRecord) -> str:
    """Source, guests and date."""
    about = episode.about
    guests = ", ".join(name for name in about.guests if name.casefold() not in about.title.casefold())
    date = f"{about.published.day} {about.published:%b %Y}" if about.published else None
    return " · ".join(part for part in (about.source, guests or None, date) if part)


def place_of(record: SliceRecord) -> str:
    """When a slice is said, or which one it is where the transcript has no times."""
    if record.piece.start_s is None:
        return f"in slice {record.piece.ordinal + 1}"
    return f"at {clock(record.piece.start_s)}"


def slices_of(n_slices: int) -> str:
    """A number of slices."""
    return "1 slice" if n_slices == 1 else f"{n_slices} slices"


def range_of(profile: Profile) -> str:
    """The line of statistics."""
    return (
        f"median {signed(profile.median)} · mean {signed(profile.mean)}"
        f" · range {signed(profile.min)} to {signed(profile.max)}"
        f" (p10 to p90 {signed(profile.p10)} to {signed(profile.p90)})"
    )


def shares_of(share: float, band: str) -> str:
    """A band's share of the slices."""
    return f"{share:.0%} {band.lower()}"


def shape_in_words(profile: Profile, slices: Sequence[SliceRecord], axis: Axis, most: int = 6) -> str:
    """How the arc goes: ``starts mixed, falls to risk-forward at 12:40, ends mixed``.

    An arc that turns more than ``most`` times is told by its first turns and its end.
    """
    told = stretches(profile.arc, axis)
    if not told:
        return "no transcript, so no arc"
    if len(told) == 1:
        return f"stays {told[0].band.lower()} throughout"
    shown = told if len(told) <= most else (*told[: most - 1], told[-1])
    parts = [f"starts {told[0].band.lower()}"]
    for before, one in pairwise(shown):
        verb = "falls" if axis.bands.index(one.band) < axis.bands.index(before.band) else "rises"
        if one is told[-1]:
            skipped = "turns to and fro, " if len(shown) < len(told) else ""
            parts.append(f"{skipped}ends {one.band.lower()} from {_point(slices[one.start])}")
        else:
            parts.append(f"{verb} to {one.band.lower()} {place_of(slices[one.start])}")
    return ", ".join(parts)


def _point(record: SliceRecord) -> str:
    return place_of(record).removeprefix("at ").removeprefix("in ")


def card_alt(episode: EpisodeRecord, slices: Sequence[SliceRecord], axis: Axis) -> str:
    """What the episode card shows, for those who do not see it."""
    profile = episode.profile
    stand = f"headline {signed(profile.headline)}, {profile.band}, {profile.lens} lens, {profile.confidence} confidence"
    if not slices:
        return clipped(
            f"{episode.about.title}: {stand}. No transcript is stored; it rests on title and summary."
        )
    low, middle, high = (profile.markers[place] for place in range(3))
    return clipped(
        f"Perspective card of {episode.about.title} ({by_line(episode)}): {stand}. "
        f"The arc of {slices_of(profile.n_slices)} {shape_in_words(profile, slices, axis)}; {range_of(profile)}. "
        f"Most risk-forward {signed(profile.arc[low])} {place_of(slices[low])}, "
        f"median {place_of(slices[middle])}, "
        f"most opportunity-forward {signed(profile.arc[high])} {place_of(slices[high])}."
    )


def balance_alt(answer: Counterbalance, axis: Axis) -> str:
    """What the counterbalance plot shows."""
    own = answer.standing.position
    told = (
        f"Counterbalance to {answer.episode.about.title}, which stands at {signed(own)} ({axis.band_of(own)}); "
        f"its mirror point is {signed(answer.mirror)}."
    )
    picks = (
        f" {number}: {one.episode.about.title} at {signed(one.standing.position)}, "
        f"difference {signed(one.pick.difference)}, {one.pick.relation}, topic match {one.pick.candidate.topic:.2f}."
        for number, one in enumerate(answer.picks, start=1)
    )
    return clipped(told + ("".join(picks) or " Nobody in the library talks of the same."))


def found_alt(answer: Found, axis: Axis) -> str:
    """What the find strip shows."""
    if not answer.passages:
        return clipped(f"Nothing in the library on “{answer.query}”.")
    counts = Counter(one.reading.band for one in answer.passages)
    bands = ", ".join(f"{counts[band]} {band.lower()}" for band in axis.bands)
    told = f"Passages on “{answer.query}” on the axis: {bands}."
    for one in answer.passages:
        second = one.quote.start_s
        when = f" at {clock(second)}" if second is not None else ""
        told += f" {one.rank}: {signed(one.reading.position)}, {one.episode.about.title}{when}."
    return clipped(told)


def map_alt(coverage: Coverage, axis: Axis) -> str:
    """What the library map shows."""
    told = f"Map of {coverage.n_episodes} episodes by headline and {coverage.by}."
    for subject in coverage.subjects:
        counts = Counter(one.profile.band for one in subject.episodes)
        bands = ", ".join(f"{counts[band]} {band.lower()}" for band in axis.bands)
        told += f" {subject.name or 'Other subjects'}: {bands}."
    return clipped(told)


def gaps_in_words(coverage: Coverage) -> tuple[str, ...]:
    """For each wing that a subject lacks a sentence: what is missing, what would fill it, and where to begin."""
    told = []
    for subject in coverage.subjects:
        for gap in subject.gaps:
            sentence = f"{subject.name}: nobody {gap.band.lower()} in {_episodes(len(subject.episodes))}"
            sentence += f"; wanted, a conversation at about {signed(gap.wanted)}."
            if gap.nearest is not None:
                about = gap.nearest.about
                named = [name for name in about.guests if name.casefold() not in about.title.casefold()]
                who = f" with {', '.join(named)}" if named else ""
                lead = "Add the transcript of" if not gap.nearest.profile.n_slices else "Nearest voice:"
                shared = f", which also talks of {', '.join(gap.shared[:2])}" if gap.shared else ""
                sentence += f" {lead} {about.title}{who} ({signed(gap.nearest.profile.headline)}){shared}."
            told.append(sentence)
    return tuple(told)


def _episodes(n_episodes: int) -> str:
    return "1 episode" if n_episodes == 1 else f"{n_episodes} episodes"


def clipped(text: str) -> str:
    """``text`` within ``LONGEST_ALT`` characters, cut at a word."""
    if len(text) <= LONGEST_ALT:
        return text
    return text[: LONGEST_ALT - 1].rpartition(" ")[0] + "…"
