"""What the community database keeps of a person, in one place: counted for them, and deleted when they say so."""

from dataclasses import dataclass

from bot.app.community import CommunityDatabase


@dataclass(frozen=True, slots=True)
class Kept:
    """Counts of what is kept of a person.

    Attributes:
        n_votes: verdicts on readings.
        n_alerts: what they wait for.
        n_channel_alerts: alerts that they set for channels.
        n_messages: messages to them that were sent or wait.
        n_jobs: entries of the log of jobs that they asked for, as a moderator.
    """

    n_votes: int
    n_alerts: int
    n_channel_alerts: int
    n_messages: int
    n_jobs: int


async def kept_of(community: CommunityDatabase, person: int) -> Kept:
    """Return how much is kept of a person.

    Raises:
        CommunityUnavailable: the database cannot be read.
    """
    return Kept(
        await community.votes.count_of(person),
        len(await community.alerts.of(person)),
        await community.alerts.count_for_channels(person),
        await community.outbox.count_for(person),
        await community.job_log.count_of(person),
    )


async def forget(community: CommunityDatabase, person: int) -> Kept:
    """Delete all that is kept of a person. Returns what there was.

    Jobs stay in the log without who asked for them, alerts of channels without who set them.

    Raises:
        CommunityUnavailable: the database cannot be written; what was deleted by then stays so.
    """
    return Kept(
        await community.votes.forget(person),
        await community.alerts.forget(person),
        await community.alerts.forget_who_set(person),
        await community.outbox.forget(person),
        await community.job_log.forget(person),
    )
