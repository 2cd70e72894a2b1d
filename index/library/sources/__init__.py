"""Where transcripts come from when nobody hands a file over: the one room that uses the network."""

from index.library.sources.fetching import Fetcher
from index.library.sources.source import Fetched, TranscriptSource
from index.library.sources.youtube import YouTubeSource

__all__ = ["Fetched", "Fetcher", "TranscriptSource", "YouTubeSource"]
