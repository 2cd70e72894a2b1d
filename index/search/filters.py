"""Filters of a search, and the slices that pass them."""

import datetime
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from index.search.episode_names import same_name
from index.search.search_tables import SearchTables
from index.search.speaker_names import speakers_meant
from index.storage.edition import Edition
from index.storage.kept_rows import Mask
from index.storage.records import EpisodeRecord
from index.storage.vectors import Conditions
from scoring.axis import Axis


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits of an answer; None is no limit. They apply before results are cut off.

    Attributes:
        source, shelf, speaker: names; letter case and accents do not matter. A word of a speaker's name is enough, or
            the beginning of one; see ``speakers_meant``.
        lens, band: names of the axis's lenses and bands.
        since, until: dates of publication, both included; either leaves out episodes without a date.
        episode: id of the only episode to search.
    """

    source: str | None = None
    shelf: str | None = None
    speaker: str | None = None
    lens: str | None = None
    band: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    episode: int | None = None

    def __bool__(self) -> bool:
        return self != EVERYTHING

    def within_year(self, year: int) -> "Filters":
        """Return these filters with episodes published in ``year`` alone."""
        first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
        return replace(self, since=max(self.since or first, first), until=min(self.until or last, last))

    def pass_episode(self, episode: EpisodeRecord) -> bool:
        """Return True if ``episode`` is within the limits of source, shelf, date and episode."""
        about = episode.about
        if self.episode is not None and episode.id != self.episode:
            return False
        if self.source is not None and not same_name(about.source, self.source):
            return False
        if self.shelf is not None and not same_name(about.shelf, self.shelf):
            return False
        if self.since is not None and (about.published is None or about.published < self.since):
            return False
        return self.until is None or (about.published is not None and about.published <= self.until)


EVERYTHING = Filters()
"""No limits."""


class Passing(NamedTuple):
    """The slices that pass filters.

    Attributes:
        mask: in the order of the slice columns, shape (n_slices,); None if all pass.
        where: the same as conditions for a search that filters by itself; None if all pass.
        n_searched: slices among which the nearest is near by chance: those of the shows, days and speakers that pass,
            of any band and lens. For one episode it is all, since a message that links to it may be chatter.
    """

    mask: Mask | None
    where: Conditions | None
    n_searched: int


async def slices_passing(tables: SearchTables, axis: Axis, filters: Filters) -> Passing:
    """Return the slices of an edition that pass ``filters``.

    A speaker whom no transcript names passes with the episodes that have such a guest.

    Args:
        tables: the edition's tables.
        axis: the axis of its readings, whose order numbers bands and lenses.
        filters: with a band and lens of ``axis``, if any.

    Raises:
        ValueError: the axis has no such band or lens.
    """
    edition = tables.edition
    if not filters:
        return Passing(None, None, edition.facts.n_slices)
    columns = edition.columns
    episodes = np.array(
        [episode.id for episode in edition.episodes.values() if filters.pass_episode(episode)], np.int64
    )
    spoken: list[int] = []
    if filters.speaker is not None:
        spoken = await slices_spoken_by(tables, filters.speaker)
        if not spoken:
            episodes = np.intersect1d(
                episodes, np.array(_episodes_with_guest(edition, filters.speaker), np.int64)
            )
    allowed: Mask = np.isin(columns.slice_episode, episodes)
    if spoken:
        allowed &= np.isin(columns.slice_id, np.array(spoken, np.int64))
    n_searched = edition.facts.n_slices if filters.episode is not None else int(allowed.sum())
    band = None if filters.band is None else axis.bands.index(filters.band)
    lens = None if filters.lens is None else axis.lenses.index(filters.lens)
    if band is not None:
        allowed &= columns.slice_band == band
    if lens is not None:
        allowed &= columns.slice_lens == lens
    where = Conditions(
        episodes=None if len(episodes) == len(edition.episodes) else tuple(episodes.tolist()),
        band=band,
        lens=lens,
        slices=tuple(sorted(spoken)) or None,
    )
    return Passing(allowed, where, n_searched)


async def slices_spoken_by(tables: SearchTables, name: str) -> list[int]:
    """Return the ids of the slices in which a speaker whom ``name`` means speaks, ascending; see ``speakers_meant``."""
    by_speaker = await tables.spoken.by_speaker()
    return sorted({number for speaker in speakers_meant(name, by_speaker) for number in by_speaker[speaker]})


def _episodes_with_guest(edition: Edition, name: str) -> list[int]:
    """Return the ids of the episodes with a guest whom ``name`` means; see ``speakers_meant``."""
    episodes = edition.episodes.values()
    meant = {*speakers_meant(name, {guest for episode in episodes for guest in episode.about.guests})}
    return [episode.id for episode in episodes if not meant.isdisjoint(episode.about.guests)]
