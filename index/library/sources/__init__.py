"""Fetching by link: episodes of followed sources and their texts; no other package of the library uses the network.

One small module a source: ``youtube`` and ``youtube_lists``, ``feeds``, ``folders`` (git repositories too), over
``web``, which checks every address. ``ladder`` chooses among an episode's texts, ``followed`` has all of it behind two
calls.
"""

from index.library.sources.fetching import Fetched, Fetcher, TranscriptSource, in_daemon_thread
from index.library.sources.followed import EpisodeSources, FollowedSources, source_of
from index.library.sources.listing import FollowKind, Known, Listed, Listing
from index.library.sources.youtube import YouTubeSource

__all__ = [
    "EpisodeSources",
    "Fetched",
    "Fetcher",
    "FollowKind",
    "FollowedSources",
    "Known",
    "Listed",
    "Listing",
    "TranscriptSource",
    "YouTubeSource",
    "in_daemon_thread",
    "source_of",
]
