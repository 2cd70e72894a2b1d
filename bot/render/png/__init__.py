"""Pictures of where a conversation stands: values in, PNG bytes out. Nothing is read, kept or sent.

A module for each picture (``card``, ``balance``, ``found``, ``map``), and what they share: the canvas, marks
on a scale, lettering, and the words in pictures and in their alternative texts.
"""
