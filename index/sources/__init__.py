"""Where transcripts come from when nobody hands a file over: the one room that uses the network."""

from index.sources.fetching import Fetcher
from index.sources.source import Fetched, TranscriptSource
from index.sources.youtube import YouTubeSource

__all__ = ["Fetched", "Fetcher", "TranscriptSource", "YouTubeSource"]
