"""The messages that alerts and digests send: passages of new episodes, with the way into the recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from discord import ui

from bot.app.community.alert_tables import Alert, Hit
from bot.app.community.outbox import OutMessage
from bot.app.notifications import MOST_TRIES, UNANSWERED, answer_to, hit_key, passages_on, topic_hit
from bot.app.one_line import one_line
from bot.app.outbox_sender import SendPointless
from bot.app.service import EpisodeCard
from bot.discord.context import Context
from bot.discord.features.alerts.rendering import (
    NewsAction,
    alert_line,
    alerts_ended_answer,
    news_button,
)
from bot.discord.ui.limits import Detail, cut, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import (
    Answer,
    Panel,
    byline,
    card_button,
    colour_at,
    panel,
    position_line,
    row,
    slice_place,
    slice_quote,
    title,
)
from bot.i18n.language import Language
from index.errors import EpisodeUnknown
from index.search.crux_pairs import Crux
from index.storage.records import EpisodeRecord, SliceRecord

_MOST_SPEAKING = 12
"""Episodes on a topic of which a digest shows the passages farthest to either side: the newest ones."""

_MOST_NAMED = 10
"""New episodes that a digest names beyond those that it shows."""

_MOST_CARDS = 8
"""Buttons to cards: more would take the components that a message may have."""


@dataclass(frozen=True, slots=True)
class Told:
    """A slice that is told of, with its episode.

    Attributes:
        episode, record: what is told of.
        alert: the reason, where it is an alert.
        answered: the crux with the passage that it answers and that one's episode, where the alert waits for that.
    """

    episode: EpisodeRecord
    record: SliceRecord
    alert: Alert | None = None
    answered: tuple[Crux, EpisodeRecord] | None = None


def news_marker(message: OutMessage) -> str:
    """Return the custom_id by which a message is found again: that of its first button."""
    payload = message.payload
    match message.kind:
        case "alert":
            return str(NewsAction("off", payload["hits"][0][0], payload["stamp"]))
        case "alerts_ended":
            return str(NewsAction("list", 0, payload["stamp"]))
        case _:
            return str(NewsAction("digest", 0, payload["stamp"]))


async def alert_message(context: Context, language: Language, message: OutMessage) -> Answer:
    """Return what a person, or a channel, waited for.

    Raises:
        SendPointless: they wait no longer, or the episodes are gone, or seem to answer no longer.
    """
    tables = context.community.alerts
    waiting = await (tables.of if message.goal == "person" else tables.of_channel)(message.goal_id)
    alerts = {alert.id: alert for alert in waiting}
    told = []
    for number, slug, ordinal, *key in message.payload["hits"]:
        card, alert = await _card(context, slug), alerts.get(number)
        if alert is None or card is None:
            continue
        if alert.kind == "topic":
            record = await _found(context, alert, card, Hit(number, slug, ordinal, *key))
            told += [] if record is None else [Told(card.episode, record, alert)]
        elif (found := answer_to(alert, await context.answerer.cruxes(slug))) is not None:
            told.append(Told(card.episode, found[0].here, alert, found))
    if not told:
        raise SendPointless("nobody waits for it any more")
    return alert_news_answer(language, told, alerts, message)


async def _found(context: Context, alert: Alert, card: EpisodeCard, hit: Hit) -> SliceRecord | None:
    """Return what an alert has found where it stands now; where its words are gone, what the episode says instead."""
    there = card.slices[hit.ordinal : hit.ordinal + 1]
    if hit.key is None:
        return there[0] if there else None
    held = next((record for record in (*there, *card.slices) if hit_key(record) == hit.key), None)
    if held is not None:
        return held
    try:
        again = await topic_hit(context.answerer, alert, card.episode.slug)
    except UNANSWERED:
        return None  # the other passages of the message are told
    return card.slices[again.ordinal] if again is not None and again.ordinal < len(card.slices) else None


async def alerts_ended_message(context: Context, language: Language, message: OutMessage) -> Answer:
    """Return that the alerts which a person set for a channel have ended, since it cannot be told."""
    del context
    payload = message.payload
    return alerts_ended_answer(language, payload["channel"], payload["words"], payload["stamp"])


async def digest_message(context: Context, language: Language, message: OutMessage) -> Answer:
    """Return what came in a week: on each topic both sides, or all of it.

    Raises:
        SendPointless: none of it is there any more.
    """
    answerer, topics = context.answerer, list(message.payload["topics"])
    known = {episode.slug: episode for episode in await answerer.episodes()}
    episodes = [known[slug] for slug in message.payload["slugs"] if slug in known]
    newest_first = [episode.slug for episode in reversed(episodes)]
    by_topic: dict[str, list[Told]] = {}
    for topic in topics:
        try:
            found = await passages_on(answerer, topic, newest_first, n_episodes=_MOST_SPEAKING)
        except UNANSWERED:
            if message.n_tries < MOST_TRIES:
                raise
            continue  # what has an answer is told
        by_topic[topic] = both_sides(
            [Told(passage.episode, passage.slices[passage.best]) for passage in found]
        )
    if not episodes or (topics and not any(by_topic.values())):
        raise SendPointless("nothing of it is there any more")
    return digest_news_answer(language, episodes, by_topic, message=message)


def both_sides(told: Sequence[Told]) -> list[Told]:
    """Return the passages that stand farthest to either side, the low one first; one where all stand on one side."""
    if not told:
        return []
    low = min(told, key=lambda entry: entry.record.reading.position)
    high = max(told, key=lambda entry: entry.record.reading.position)
    is_same_side = low.record.reading.position * high.record.reading.position > 0
    if low is high or is_same_side:
        return [max(told, key=lambda entry: abs(entry.record.reading.position))]
    return [low, high]


def alert_news_answer(
    language: Language, told: Sequence[Told], alerts: Mapping[int, Alert], message: OutMessage
) -> Answer:
    """Return the message to a person or a channel: each passage under its alert, and buttons to end them."""
    stamp = message.payload["stamp"]
    numbers = list(
        dict.fromkeys([message.payload["hits"][0][0], *(entry.alert.id for entry in told if entry.alert)])
    )

    def build(detail: Detail) -> Answer:
        shown, with_card = told[: detail.items], set[str]()
        panels = [
            _passage_panel(
                language,
                entry,
                detail,
                None if entry.alert is None else alert_line(language, entry.alert, detail),
                with_card=with_card,
            )
            for entry in shown
        ]
        buttons = [
            news_button(
                language,
                "alerts.off_about",
                NewsAction("off", number, stamp),
                words=cut(one_line(alerts[number].words), 40) if number in alerts else "–",
            )
            for number in numbers[:5]
        ]
        return Answer(
            f"## {language.say('alerts.news' if message.goal == 'person' else 'alerts.news_in_channel')}",
            *panels,
            "\n".join(_place(language, entry, detail) for entry in told[len(shown) :]),
            row(*buttons),
        )

    return fitted(build)


def digest_news_answer(
    language: Language,
    episodes: Sequence[EpisodeRecord],
    by_topic: Mapping[str, Sequence[Told]],
    *,
    message: OutMessage,
) -> Answer:
    """Return the message to a channel: on each topic the farthest passage of either side, or all new episodes."""
    action = NewsAction("digest", 0, message.payload["stamp"])

    def build(detail: Detail) -> Answer:
        with_card: set[str] = set()
        spoken = [(topic, told) for topic, told in by_topic.items() if told]
        panels = [
            _topic_panel(language, topic, told, detail, with_card=with_card)
            for topic, told in spoken[: detail.items]
        ]
        others = [
            f"**{safe(topic, detail.name)}**\n" + "\n".join(_place(language, entry, detail) for entry in told)
            for topic, told in spoken[detail.items :]
        ]
        if not by_topic:
            panels = [_episode_panel(language, episode, detail) for episode in episodes[: detail.items]]
            named = episodes[detail.items :]
            others = [f"- {safe(episode.about.title, detail.name)}" for episode in named[:_MOST_NAMED]]
            if len(named) > _MOST_NAMED:
                others.append(f"-# … +{len(named) - _MOST_NAMED}")
        return Answer(
            f"## {language.say('digest.heading')}\n{language.count('count.episodes', len(episodes))}",
            *panels,
            "\n".join(others),
            row(news_button(language, "digest.off", action)),
        )

    return fitted(build)


def _place(language: Language, told: Told, detail: Detail) -> str:
    """Return where a passage is that is told of without its words, and for which alert."""
    words = "" if told.alert is None else f" · *{safe(told.alert.words, detail.name)}*"
    when = slice_place(language, told.episode, told.record, detail)
    return f"- {when} {safe(told.episode.about.title, detail.name)}{words}"


def _topic_panel(
    language: Language, topic: str, told: Sequence[Told], detail: Detail, *, with_card: set[str]
) -> Panel:
    """Return the passages on a topic, the low side first."""
    positions = [entry.record.reading.position for entry in told]
    return panel(
        colour_at(language, max(positions, key=abs)),
        f"### {safe(topic, detail.name)}",
        *(_passage(language, entry, detail, with_card=with_card, heading="**") for entry in told),
    )


def _passage_panel(
    language: Language, told: Told, detail: Detail, why: str | None, *, with_card: set[str]
) -> Panel:
    return panel(
        colour_at(language, told.record.reading.position),
        f"-# {why}" if why else None,
        _passage(language, told, detail, with_card=with_card, heading="### "),
    )


def _passage(
    language: Language, told: Told, detail: Detail, *, with_card: set[str], heading: str
) -> ui.Section[Answer] | str:
    """Return a passage; the first of an episode has the button to its card, since a message takes a button once.

    Args:
        language: of the message.
        told: the passage.
        detail: how much of it is shown.
        with_card: slugs of the episodes whose button stands in the message already; this one's is added.
        heading: written before the title, ``**`` after it, too.
    """
    episode = told.episode
    words = "\n".join(
        (
            f"{heading}{title(episode, detail)}{heading if heading == '**' else ''}",
            byline(language, episode, detail),
            *_answered(language, told, detail),
            slice_quote(language, episode, told.record, detail),
        )
    )
    if episode.slug in with_card or len(with_card) == _MOST_CARDS:
        return words
    with_card.add(episode.slug)
    return ui.Section[Answer](words, accessory=card_button(language, episode))


def _answered(language: Language, told: Told, detail: Detail) -> tuple[str, ...]:
    """Return the question of a crux, the passage that is answered, and how far that is to be trusted."""
    if told.answered is None:
        return ()
    crux, other = told.answered
    outcome = "outcome.crux" if crux.judge is None else "outcome.crux_judged"
    return (
        language.say(outcome, judge=safe(crux.judge or "", detail.name)),
        language.say("counterbalance.question", question=safe(crux.question, detail.name)),
        f"**{language.say('alerts.waited_under')}** {title(other, detail)}\n"
        + slice_quote(language, other, crux.there, detail),
        f"**{language.say('alerts.answer')}**",
    )


def _episode_panel(language: Language, episode: EpisodeRecord, detail: Detail) -> Panel:
    return panel(
        colour_at(language, episode.profile.headline),
        ui.Section[Answer](
            f"### {title(episode, detail)}\n{byline(language, episode, detail)}",
            accessory=card_button(language, episode),
        ),
        position_line(language, episode.profile.headline),
    )


async def _card(context: Context, slug: str) -> EpisodeCard | None:
    try:
        return await context.answerer.episode(slug, exactly=True)
    except EpisodeUnknown:
        return None
