"""Measuring: questions with known answers, and agreement with labels and with people's votes.

Here: what counts as found or as agreeing, and the figures. Not here: what is measured (``index.search``, ``scoring``),
and how figures are printed (``bot.cli.evaluate``).
"""
