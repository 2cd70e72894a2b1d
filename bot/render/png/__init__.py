"""Pictures of where a conversation stands: values in, PNG bytes out. Nothing is read, kept or sent.

A module for each picture (``episode_card``, ``quote_card``, ``counterbalance_plot``, ``find_strip``, ``map``), and
what they share: the canvas, marks on a scale, lettering, and the words in pictures and in their alternative texts.
"""
