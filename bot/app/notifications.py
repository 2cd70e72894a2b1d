"""What is new in the library reaches who waits for it: alerts are matched, weekly digests are made.

An alert for a topic meets what a new episode says on it, found as any question is; of the other side alone, what
clearly takes that side. An alert for an answer to a passage meets a passage only if both are a crux: by the gate, or
by the judge's word where the library has a judge.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.app.community import CommunityDatabase
from bot.app.community.alert_tables import Alert, Hit
from bot.app.edition_answers import EpisodeCruxes
from bot.app.service import LibraryService
from bot.app.short_hash import short_hash
from bot.app.workers.process import WorkerFailed
from bot.app.workers.stopped_questions import QuestionCrashed, QuestionStopped
from index.errors import EditionMissing, EpisodeUnknown
from index.search.answers import Passage
from index.search.crux_pairs import Crux, is_claim
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.boilerplate import boilerplate_share
from index.text.tokens import holds_phrases, stems_in, terms_of
from scoring.errors import CodedError
from scoring.mirror import is_across

LOOKS_EVERY_S = 30.0

MOST_TRIES = 3
"""So often an episode is compared with topics of which one gets no answer, while the others do."""

UNANSWERED = (QuestionStopped, QuestionCrashed, WorkerFailed)
"""What becomes of one question and says nothing of others: one person's words keep nobody else from being told."""

LONGEST_PASSAGE = 1_000
"""Characters of a passage that an alert keeps; it is told by them again where its transcript was cut anew."""

_MOST_LOOKED_AT_AGAIN = 100
"""A judge reads new pairs after their episode is published, so answers are looked for again in so many news."""

_KEY_LENGTH = 12
_LOOKED_AT = 8
_LEAST_SCORE = 0.55
"""A passage of a new episode must score so well for the alert, as a share of the best in the whole library: one episode
alone always has a best passage."""

_MOST_BOILERPLATE = 0.25
"""Greetings, introductions and adverts name subjects, and say nothing on them."""

_log = logging.getLogger(__name__)


class Notifications:
    """Looks at newly published editions.

    Args:
        community: knows who waits for what, what is known already, and which episodes are taken in silently.
        answerer: finds passages.
    """

    def __init__(self, community: CommunityDatabase, answerer: LibraryService) -> None:
        self._alerts, self._news = community.alerts, community.news
        self._digests, self._followed = community.digests, community.followed_episodes
        self._answerer = answerer
        self._edition: str | None = None
        self._answered: str | None = None
        self._n_tries = Counter[str]()

    async def run(self) -> None:
        """Work until cancelled. What goes wrong is logged, and tried again."""
        while True:
            try:
                await self.round()
            except CodedError as error:
                _log.warning("news wait: %s", error)
            except Exception:
                _log.exception("news wait")
            await asyncio.sleep(LOOKS_EVERY_S)

    async def round(self) -> int:
        """Enter what a new edition brought, match it, and put what is due into the outbox; returns the messages."""
        await self._enter_edition()
        alerts = await self._alerts.all()
        topics = [alert for alert in alerts if alert.kind == "topic"]
        for slug in await self._news.unmatched():
            await self._match(topics, slug)
        await self._look_for_answers([alert for alert in alerts if alert.kind == "answer"])
        return await self._alerts.tell() + await self._digests.send_due()

    async def _match(self, topics: Sequence[Alert], slug: str) -> None:
        """Compare a new episode with all topics; again in the next round where one of them got no answer."""
        hits: list[Hit] = []
        self._n_tries[slug] += 1
        is_last = True
        for alert in topics:
            try:
                hit = await topic_hit(self._answerer, alert, slug)
            except UNANSWERED as error:
                is_last = self._n_tries[slug] >= MOST_TRIES
                again = "and is not again" if is_last else "and is again"
                _log.warning("%s was not compared with alert %d, %s: %s", slug, alert.id, again, error)
                continue
            hits += [] if hit is None else [hit]
        if is_last:
            await self._alerts.matched(slug, hits)
            del self._n_tries[slug]
        else:
            await self._alerts.found(hits)

    async def _enter_edition(self) -> None:
        try:
            edition = (await self._answerer.facts()).edition
        except EditionMissing:
            return
        if edition == self._edition:
            return
        slugs = [episode.slug for episode in await self._answerer.episodes()]
        await self._news.enter(slugs, silent=await self._followed.silent_slugs())
        self._edition = edition

    async def _look_for_answers(self, alerts: Sequence[Alert]) -> None:
        """Look for answers in the news, once an edition: an alert tells of an episode once, so none is told twice.

        An episode of which nobody can say is looked at with the next edition.
        """
        if not alerts or self._edition is None or self._answered == self._edition:
            return
        news = await self._news.since(min(alert.created_at for alert in alerts))
        for slug, known_at in news[-_MOST_LOOKED_AT_AGAIN:]:
            try:
                cruxes = await self._answerer.cruxes(slug)
            except EpisodeUnknown:
                continue  # removed meanwhile
            except UNANSWERED as error:
                _log.warning("nobody can say what answers %s: %s", slug, error)
                continue
            hits = [
                Hit(alert.id, slug, found[0].here.piece.ordinal)
                for alert in alerts
                if alert.created_at < known_at and (found := answer_to(alert, cruxes)) is not None
            ]
            await self._alerts.found(hits)
        self._answered = self._edition


async def topic_hit(answerer: LibraryService, alert: Alert, slug: str) -> Hit | None:
    """Return the best passage of an episode on an alert's topic, and of the side that it waits for; or None."""
    for passage in await passages_on(answerer, alert.words, [slug]):
        record = passage.slices[passage.best]
        if alert.side is None or (
            is_across(alert.side, record.reading.position)
            and is_claim(answerer.axis, passage.episode, record)
        ):
            return Hit(alert.id, slug, record.piece.ordinal, hit_key(record))
    return None


def hit_key(record: SliceRecord) -> str:
    """Return the key of the words of what an alert has found: the same wherever they stand in the episode."""
    return short_hash("hit", record.piece.text, _KEY_LENGTH)


async def passages_on(
    answerer: LibraryService, topic: str, slugs: Iterable[str], *, n_episodes: int | None = None
) -> list[Passage]:
    """Return the passages of episodes that speak on a topic nearly as well as the library does anywhere.

    Args:
        answerer: finds passages.
        topic: as a person typed it.
        slugs: of the episodes; those that are gone have none.
        n_episodes: no more are looked through once so many have such a passage; None for all.

    Returns:
        The passages in the order of the episodes, the best of each first.
    """
    found: list[Passage] = []
    n_speaking, best = 0, None
    for slug in slugs:
        try:
            here = await answerer.find(topic, n_passages=_LOOKED_AT, episode=slug)
        except EpisodeUnknown:
            continue
        if not here.passages:
            continue
        if best is None:
            everywhere = await answerer.find(topic, n_passages=1)
            best = max((passage.score for passage in everywhere.passages), default=0.0)
        speaking = [
            passage
            for passage in here.passages
            if passage.score >= _LEAST_SCORE * best
            and boilerplate_share(passage.slices[passage.best].piece) < _MOST_BOILERPLATE
        ]
        found += speaking
        n_speaking += bool(speaking)
        if n_speaking == n_episodes:
            break
    return found


def speaking_of(topic: str, passages: Sequence[Passage]) -> list[Passage]:
    """Return the ``passages`` that say a topic word for word; where none does, those with all its words, or else all.

    A search shows what is near to a topic as well; whoever waits for it wants to know who speaks of it.
    """
    terms = terms_of(topic)
    wanted = set(terms.stems)
    word_for_word = [passage for passage in passages if holds_phrases(passage.text, [terms.words])]
    with_all = [passage for passage in passages if wanted <= set(stems_in(passage.text))]
    return word_for_word or with_all or list(passages)


def answer_to(alert: Alert, cruxes: EpisodeCruxes) -> tuple[Crux, EpisodeRecord] | None:
    """Return the most probable crux of an episode with the passage that ``alert`` waits under, and that one's episode.

    The passage is known by its words, so that a transcript that was cut anew gives no answer to another passage.
    """
    return next(
        (
            (crux, other)
            for crux, other in cruxes.pairs
            if other.slug == alert.slug and crux.there.piece.text[:LONGEST_PASSAGE] == alert.words
        ),
        None,
    )
