"""The community database: what members and moderators made, which no rebuild touches.

Here: where it is read and written (``store``: a file; ``postgres_store``: a server), how it is opened and moved on
to a newer schema (``migrations``) and copied (``copying``), what it holds (``database``: settings and stored
questions; ``*_tables``, ``outbox`` and ``job_log``: votes, follows, news, alerts, digests, unanswered questions,
messages to send, jobs, servers that the bot has left). Not here: what follows from it, such as looking at sources
(``bot.app.source_poller``) and sending messages (``bot.app.outbox_sender``).
"""

from bot.app.community.database import (
    KEY_LENGTH,
    QUESTIONS_KEPT_FOR,
    CommunityDatabase,
    ServerSettings,
    follows_in,
    key_of,
    moderating_in,
    votes_in,
)
from bot.app.community.job_log import Job, JobMessage, Outcome
from bot.app.community.migrations import (
    DATABASE_FILE,
    MIGRATIONS,
    CommunityDamaged,
    PostgresMissing,
    has_community,
)
from bot.app.community.store import CommunityUnavailable

__all__ = [
    "DATABASE_FILE",
    "KEY_LENGTH",
    "MIGRATIONS",
    "QUESTIONS_KEPT_FOR",
    "CommunityDamaged",
    "CommunityDatabase",
    "CommunityUnavailable",
    "Job",
    "JobMessage",
    "Outcome",
    "PostgresMissing",
    "ServerSettings",
    "follows_in",
    "has_community",
    "key_of",
    "moderating_in",
    "votes_in",
]
