"""Fetching by link: episodes of followed sources and their texts; no other package of the library uses the network.

One small module a source: ``youtube`` and ``youtube_lists``, ``feeds``, ``folders`` (git repositories too), over
``public_web``, which checks every address. ``episode_text`` chooses among an episode's texts, ``episode_sources`` has
all of it behind two calls.
"""

from index.library.sources.episode_sources import EpisodeSources, WebAndFolderSources, source_of
from index.library.sources.fetching import Fetched, Fetcher, TranscriptSource, in_daemon_thread
from index.library.sources.listing import FollowKind, Known, Listed, Listing, same_source
from index.library.sources.youtube import YouTubeSource

__all__ = [
    "EpisodeSources",
    "Fetched",
    "Fetcher",
    "FollowKind",
    "Known",
    "Listed",
    "Listing",
    "TranscriptSource",
    "WebAndFolderSources",
    "YouTubeSource",
    "in_daemon_thread",
    "same_source",
    "source_of",
]
