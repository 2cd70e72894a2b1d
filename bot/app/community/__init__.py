"""The community database: what members and moderators made, which no rebuild touches.

Here: where it is read and written (``store``: a file; ``postgres``: a server), how it is opened, moved on to a newer
schema (``opening``) and copied (``copying``), what it holds (``database``: settings and stored questions; boxes with
tables of their own for votes, follows, alerts, the outbox, unanswered questions and jobs). Not here: what follows from
it, such as looking at sources (``bot.app.follower``) and sending messages (``bot.app.sender``).
"""

from bot.app.community.database import (
    KEPT_FOR,
    KEY_LENGTH,
    CommunityDatabase,
    ServerSettings,
    follows_in,
    key_of,
    moderating_in,
    votes_in,
)
from bot.app.community.job_log import Job, JobMessage, Outcome
from bot.app.community.opening import DATABASE_FILE, MIGRATIONS, CommunityDamaged, PostgresMissing
from bot.app.community.store import CommunityUnavailable

__all__ = [
    "DATABASE_FILE",
    "KEPT_FOR",
    "KEY_LENGTH",
    "MIGRATIONS",
    "CommunityDamaged",
    "CommunityDatabase",
    "CommunityUnavailable",
    "Job",
    "JobMessage",
    "Outcome",
    "PostgresMissing",
    "ServerSettings",
    "follows_in",
    "key_of",
    "moderating_in",
    "votes_in",
]
