"""The lexical reader: phrases with weights, clauses, negation and other scopes.

Here: the notation of a lexicon file, its tables, and how the words of a text are read by them. The words themselves are
data (``data/axes/<axis>/lexicon.toml``).
"""
