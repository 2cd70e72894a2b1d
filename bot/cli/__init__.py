"""The command ``counterpoint``: what its commands are called, what they take, and what they print.

A module for a group of commands (``ask``, ``adding``, ``indexing``, ``backup``, ``evaluate``, ``votes``, ``run``);
``printed_answers`` and ``charts`` print. Not here: finding an answer (``bot.app.service``) and JSON
(``bot.render.json_models``).
"""
