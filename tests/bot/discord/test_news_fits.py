"""What the bot says by itself fits into a message, whatever texts it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from bot.app.community.alert_tables import MOST_HITS, Alert
from bot.app.community.outbox import OutMessage
from bot.app.service import EpisodeCard, LocalLibraryService
from bot.discord.features.alerts.messages import Told, alert_news_answer, digest_news_answer
from bot.discord.ui.parts import Answer
from bot.i18n.language import Language
from index.search.crux_pairs import Crux

from .test_rendering_fits import (
    CATALOGUE,
    HOSTILE,
    LANGUAGES,
    SLOW,
    URLS,
    check,
    hostile_episode,
    hostile_slice,
    parts_of,
)


@pytest.fixture
async def card(answerer: LocalLibraryService) -> EpisodeCard:
    """An episode of the sample."""
    return await answerer.episode("gunnar-eziokwu-on-what-cannot-be-recalled")


def n_told_in(answer: Answer, in_panel: int) -> int:
    """How many passages or episodes are told of: so many in each panel, and one in each line of the list below."""
    components = answer.to_components()
    texts = [part["content"] for part in components if "content" in part]
    n_lines = sum(line.startswith("- ") for text in texts for line in text.splitlines())
    return in_panel * sum(part["type"] == 17 for part in components) + n_lines


@SLOW
@given(HOSTILE, URLS, LANGUAGES)
def test_what_the_bot_says_by_itself_fits_and_has_each_button_once(
    answerer: LocalLibraryService, card: EpisodeCard, text: str, url: str | None, locale: str
) -> None:
    """Several passages of a message may be of one episode; Discord refuses a button that stands there twice."""
    language = Language(CATALOGUE, locale, answerer.axis)
    episode = hostile_episode(card.episode, text, url)
    records = [hostile_slice(record, text) for record in card.slices]
    crux = Crux(text, 0.4, records[0], records[1], text)
    now = datetime(2026, 11, 29, tzinfo=UTC)
    waited = [
        Alert(number, 1, kind, text, side, episode.slug, 0, is_prompt=False, locale=locale, created_at=now)
        for number, (kind, side) in enumerate(
            [("topic", None), ("topic", 40.0), ("answer", 40.0), ("answer", -40.0)]
        )
    ]
    told = [
        Told(episode, record, alert, (crux, episode) if alert.kind == "answer" else None)
        for alert, record in zip(waited * 3, records * 3, strict=False)
    ][:MOST_HITS]
    hits = [[alert.id, episode.slug, 0] for alert in waited]
    payload = {"hits": hits, "locale": locale, "stamp": "20261129T120000"}
    message = OutMessage(1, "alert", "a", "person", 1, payload, "n", "waiting", now, None, 0)
    by_id = {alert.id: alert for alert in waited}
    topics = {f"{text}{number}": [Told(episode, record) for record in records[:2]] for number in range(5)}
    several = [replace(episode, slug=f"{number}") for number in range(11)]
    for answer, in_panel, n_told in (
        (alert_news_answer(language, told, by_id, message), 1, len(told)),
        (digest_news_answer(language, [episode], topics, message=message), 2, 10),
        (digest_news_answer(language, several, {}, message=message), 1, len(several)),
    ):
        check(answer)
        assert n_told_in(answer, in_panel) == n_told, "all that is told of can be found in it"
        custom_ids = [part["custom_id"] for part in parts_of(answer.to_components()) if "custom_id" in part]
        assert len(set(custom_ids)) == len(custom_ids) >= 1
