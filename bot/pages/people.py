"""Who speaks or is named in which episodes: what the page of people lists."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.app.service import Appearance
from bot.pages.addresses import slice_anchor
from index.storage.records import EpisodeRecord
from index.text.tokens import fold


class PersonIn(NamedTuple):
    """A person in an episode; ``anchor`` is empty where they are named but do not speak."""

    episode: EpisodeRecord
    role: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person with the episodes in which they appear, newest first."""

    name: str
    appearances: tuple[PersonIn, ...]


def newest_first(episodes: Sequence[EpisodeRecord]) -> list[EpisodeRecord]:
    """Return episodes by date, newest first, ties by slug; those without a date come last."""
    by_slug = sorted(episodes, key=lambda episode: episode.slug)
    return sorted(by_slug, key=lambda episode: episode.about.published or datetime.date.min, reverse=True)


def people_of(episodes: Sequence[EpisodeRecord], appearances: Sequence[Appearance]) -> list[Person]:
    """Return everybody who speaks or is named as host or guest, in alphabetical order."""
    by_slug = {episode.slug: episode for episode in episodes}
    found: dict[str, tuple[str, dict[str, PersonIn]]] = {}

    def add(name: str, episode: EpisodeRecord, anchor: str) -> None:
        roles = {fold(host): "host" for host in episode.about.hosts}
        roles |= {fold(guest): "guest" for guest in episode.about.guests}
        _, own = found.setdefault(fold(name), (name, {}))
        own.setdefault(episode.slug, PersonIn(episode, roles.get(fold(name), "speaks"), anchor))

    for appearance in appearances:
        if appearance.slug in by_slug:
            add(appearance.name, by_slug[appearance.slug], slice_anchor(appearance.ordinal))
    for episode in episodes:
        for name in (*episode.about.hosts, *episode.about.guests):
            add(name, episode, "")
    people = []
    for _, (name, own) in sorted(found.items()):
        order = newest_first([appearance.episode for appearance in own.values()])
        people.append(Person(name, tuple(own[episode.slug] for episode in order)))
    return people
