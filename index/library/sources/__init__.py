"""Fetching transcripts by link; no other package of the library uses the network."""

from index.library.sources.fetching import Fetched, Fetcher, TranscriptSource
from index.library.sources.youtube import YouTubeSource

__all__ = ["Fetched", "Fetcher", "TranscriptSource", "YouTubeSource"]
