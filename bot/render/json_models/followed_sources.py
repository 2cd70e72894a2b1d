"""The JSON of followed sources: ``follows --json``."""

from collections.abc import Callable

from bot.app.community.follow_tables import Follow, FollowCounts
from bot.render.json_models.base import Count, Json, JsonModel, as_json
from scoring.errors import CodedError


class FollowedJson(JsonModel):
    """A followed source with what came of it."""

    number: int
    kind: str
    address: str
    title: str | None
    source: str | None
    channel: str | None
    channels: list[str]
    followed_at: str
    looked_at: str | None
    next_look_at: str
    taken_in: Count
    waiting: Count
    textless: Count
    failures: Count
    problem: str | None


def followed(follow: Follow, counts: FollowCounts, sentence: Callable[[CodedError], str]) -> Json:
    """Return a line of ``follows --json``; ``sentence`` says an error."""
    named = {follower.channel for follower in follow.followers if follower.channel is not None}
    channels = [str(channel) for channel in sorted(named)]
    model = FollowedJson(
        number=follow.id,
        kind=follow.kind,
        address=follow.address,
        title=follow.title,
        source=follow.source,
        channel=channels[0] if channels else None,
        channels=channels,
        followed_at=follow.followed_at.isoformat(),
        looked_at=None if follow.looked_at is None else follow.looked_at.isoformat(),
        next_look_at=follow.next_look_at.isoformat(),
        taken_in=counts.done,
        waiting=counts.waiting,
        textless=counts.no_text + counts.failed,
        failures=follow.n_failures,
        problem=None if follow.problem is None else sentence(follow.problem),
    )
    return as_json(model)
