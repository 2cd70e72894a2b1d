"""Plain text: tokens and stems, sentences, slices and windows, spelling, boilerplate, topics, receipts of quotes.

Pure functions on strings and cues. Not here: files, formats of transcripts (``index.transcripts``), search.
"""
