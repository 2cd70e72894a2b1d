"""Transcripts as values: cues, links, alignment of two texts; formats/ parses caption files into them."""
