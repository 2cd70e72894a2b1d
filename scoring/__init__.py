"""Positions: text and vectors in, readings, profiles and picks out. Pure: numpy and the standard library.

Here: an axis and its scale, the two readers, an episode's profile and arc, the mirror rule. Not here:
    training and
measuring (``index.training``, ``index.evaluation``), and the sentences about positions (``bot.i18n``).
"""
