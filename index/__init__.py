"""Retrieval: from a library of transcripts to an edition, and search over an edition.

In the order of the way: ``library`` (folders of episodes, taking files in, fetching them), ``transcripts`` (formats of
files), ``text`` (tokens, slices, windows), ``embedding`` (vectors), ``build``, ``storage`` (an edition's files),
``search`` (questions). Beside it: ``judge`` (a language model that reads pairs), ``training`` and ``evaluation``.
Not here: positions (``scoring``), and anything that a person reads (``bot``).
"""
