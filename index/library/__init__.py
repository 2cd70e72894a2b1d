"""The library on disk: a folder an episode, with its transcripts untouched and an ``episode.json``.

Here: reading the folder (``episodes``), taking files in (``ingest``), and fetching by link (``sources``). Not here:
what a transcript file says (``index.transcripts``); nothing here knows editions or vectors.
"""
