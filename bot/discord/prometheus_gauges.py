"""Figures for Prometheus that are read from the bot's own parts, the edition and the community database."""

from contextlib import suppress
from datetime import UTC, datetime

from bot.app.workers.pooled_service import PooledLibraryService
from bot.discord.context import Context
from index.errors import IndexingError
from index.storage.edition import current_name, read_facts


def add_gauges(context: Context) -> None:
    """Add the figures that are read from the bot's own parts."""
    metrics = context.metrics
    metrics.gauge(
        "counterpoint_questions_inside",
        "Questions that are worked on or wait.",
        lambda: context.limiter.inside,
    )
    metrics.counter(
        "counterpoint_late_acknowledgements_total",
        "Interactions that Discord no longer knew.",
        lambda: context.reporter.n_late,
    )
    metrics.counter(
        "counterpoint_unexpected_errors_total",
        "Errors without a sentence.",
        lambda: context.reporter.n_unexpected,
    )
    pool = context.answerer
    if isinstance(pool, PooledLibraryService):
        metrics.gauge(
            "counterpoint_workers", "Processes that answer questions.", lambda: len(pool.status.pids)
        )
        metrics.counter(
            "counterpoint_questions_stopped_total",
            "Questions that took too long.",
            lambda: pool.status.n_stopped,
        )
        metrics.counter(
            "counterpoint_workers_crashed_total",
            "Workers that ended by themselves.",
            lambda: pool.status.n_crashed,
        )
    metrics.counter(
        "counterpoint_pictures_drawn_total",
        "Pictures drawn since the start.",
        lambda: context.pictures.n_drawn,
    )


async def stored_figures(context: Context) -> dict[str, tuple[str, float]]:
    """Return the figures of the edition and of the community database.

    Raises:
        CommunityUnavailable: the database cannot be read.
    """
    found: dict[str, tuple[str, float]] = {}
    name = current_name(context.settings.state_folder)
    if name is not None:
        with suppress(IndexingError):
            facts = read_facts(context.settings.state_folder, name)
            age_s = (datetime.now(UTC) - datetime.fromisoformat(facts.built_at)).total_seconds()
            found["counterpoint_edition_age_seconds"] = ("Since the published index was built.", age_s)
            found["counterpoint_episodes"] = ("Episodes of the published index.", facts.n_episodes)
    follows = await context.community.follows.all()
    found["counterpoint_follows"] = ("Followed sources.", len(follows))
    found["counterpoint_follows_failing"] = (
        "Followed sources whose last look failed.",
        sum(entry.problem is not None for entry, _ in follows),
    )
    found["counterpoint_episodes_waiting"] = (
        "Followed episodes that are not in the index yet.",
        sum(counts.waiting for _, counts in follows),
    )
    found["counterpoint_outbox_waiting"] = (
        "Messages that wait to be sent.",
        await context.community.outbox.n_waiting(),
    )
    return found
