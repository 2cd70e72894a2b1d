"""Positions: text and vectors in, readings, profiles and picks out. Pure: numpy and the standard library.

Here: an axis and its scale (``axis``, ``position_arithmetic``), the readers (``lexicon``, ``semantic``, ``stance``;
``scorer`` joins the first two), an episode's profile and arc (``profile``), a person's move (``trend``), the mirror
rule (``mirror``), whether two passages answer one question (``crux_gate``) and the files that trained readers come in
(``stored_arrays``). Not here: training and measuring (``index.training``, ``index.evaluation``), and the sentences
about positions (``bot.i18n``).
"""
