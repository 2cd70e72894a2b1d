"""Transcripts as values: cues, links into recordings, alignment of two texts of one talk.

``formats`` parses files into them. Not here: where a transcript lies and what else is known of its episode
(``index.library``), slices and windows (``index.text``).
"""
