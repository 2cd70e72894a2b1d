"""Building an edition from the library.

Here: what changed since the last one (``changes``, ``previous_edition``), slicing, embedding and reading of the rest
(``preparation``), the steps in order (``builder``), the segment they fill (``segment_builder``), the judge's turn at
the end (``judge_stage``), and what a build says of itself (``progress``). Not here: the files of an edition
(``index.storage``).
"""
