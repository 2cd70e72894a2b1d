"""What a person says in a library: where, how much, from which positions, and whether those moved."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.search.answers import Passage
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.boilerplate import is_aside
from index.text.sentences import is_question, sentence_ends
from index.text.slicing import Slice
from index.text.tokens import fold
from scoring.position_arithmetic import mean_position, whole
from scoring.trend import Trend, trend_of

LEAST_SLICES = 2
"""Slices of their own in an episode below which it counts for no trend: one minute is no position of a person."""


@dataclass(frozen=True, slots=True)
class PersonEpisode:
    """An episode that a person speaks in.

    Attributes:
        episode: the episode.
        slices: those in which they speak, in transcript order; without greetings and adverts, which are nobody's view,
            unless they say nothing else.
        own: those of ``slices`` of which they say more than half. In the others the position is somebody else's as
            well, and may be the opposite of theirs.
        on_topic: the passage of theirs that is most on the topic; None without a topic.
    """

    episode: EpisodeRecord
    slices: tuple[SliceRecord, ...]
    own: tuple[SliceRecord, ...]
    on_topic: Passage | None = None

    @property
    def position(self) -> float | None:
        """Return the mean position of the slices of which they say more than half; None without any."""
        return whole(mean_position([record.reading.position for record in self.own])) if self.own else None


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person in one edition.

    Attributes:
        edition: its name.
        name: as most transcripts write it.
        topic: what the slices are limited to, or None.
        appearances: newest first, those without a date last.
        position: mean over all slices of which they say more than half; None without any.
        lenses: these slices by lens, most first.
        trend: whether their positions moved from episode to episode.
    """

    edition: str
    name: str
    topic: str | None
    appearances: tuple[PersonEpisode, ...]
    position: float | None
    lenses: tuple[tuple[str, int], ...]
    trend: Trend

    @property
    def n_slices(self) -> int:
        """Return in how many slices they speak."""
        return sum(len(appearance.slices) for appearance in self.appearances)

    @property
    def n_own(self) -> int:
        """Return of how many slices they say more than half."""
        return sum(len(appearance.own) for appearance in self.appearances)


def person_card(
    edition: str,
    name: str,
    topic: str | None,
    found: Iterable[tuple[EpisodeRecord, Sequence[SliceRecord]]],
    passages: Iterable[Passage] = (),
) -> PersonCard:
    """Return the card of a person.

    Args:
        edition: name of the edition.
        name: that a speaker's name must be, however it is written.
        topic: what ``found`` was limited to, or None.
        found: episodes with slices in which the person speaks.
        passages: what was found on the topic, best first. Where the person's own words hold a word of it, in any of
            them, the others are left out: to ask a guest about a topic is to say nothing on it.
    """
    wanted, names = fold(name), Counter[str]()
    quoted = [passage for passage in passages if fold(passage.quote.speaker or "") == wanted]
    if spoken := [passage for passage in quoted if passage.quote.marks and not _asks(passage)]:
        quoted = spoken
        spoken_slices = {record.id for passage in spoken for record in passage.slices}
        found = [
            (episode, [record for record in slices if record.id in spoken_slices])
            for episode, slices in found
        ]
    best: dict[int, Passage] = {}
    for passage in quoted:
        best.setdefault(passage.episode.id, passage)
    appearances = []
    for episode, slices in found:
        shares = {record.id: share_said(record.piece, name) for record in slices}
        theirs = sorted(
            (record for record in slices if shares[record.id]), key=lambda record: record.piece.ordinal
        )
        views = tuple(record for record in theirs if not is_aside(record.piece)) or tuple(theirs)
        if views:
            for record in views:
                names.update(
                    speaker for _, speaker in record.piece.turns if speaker and fold(speaker) == wanted
                )
            own = tuple(record for record in views if shares[record.id] > 0.5)
            appearances.append(PersonEpisode(episode, views, own, best.get(episode.id)))
    appearances.sort(
        key=lambda appearance: (
            appearance.episode.about.published is None,
            -_day(appearance.episode),
            appearance.episode.id,
        )
    )
    dated = [
        (_day(appearance.episode), appearance.position)
        for appearance in appearances
        if appearance.episode.about.published
        and appearance.position is not None
        and len(appearance.own) >= LEAST_SLICES
    ]
    every = [record for appearance in appearances for record in appearance.own]
    lenses = Counter(record.reading.lens for record in every)
    return PersonCard(
        edition,
        names.most_common(1)[0][0] if names else name,
        topic,
        tuple(appearances),
        whole(mean_position([record.reading.position for record in every])) if every else None,
        tuple(lenses.most_common()),
        trend_of([day for day, _ in dated], [position for _, position in dated]),
    )


def share_said(piece: Slice, name: str) -> float:
    """Return the share, from 0 to 1, of a slice's characters that the person of this very name says."""
    wanted, said = fold(name), piece.chars_by_speaker()
    theirs = sum(n_chars for speaker, n_chars in said.items() if fold(speaker or "") == wanted)
    return theirs / max(1, sum(said.values()))


def _asks(passage: Passage) -> bool:
    """Return True if a passage's quote is nothing but a question."""
    quote = passage.quote.text
    return all(is_question(quote[:end]) for end in sentence_ends(quote))


def _day(episode: EpisodeRecord) -> int:
    return episode.about.published.toordinal() if episode.about.published else 0
