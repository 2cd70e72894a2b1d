"""What every face shares: the terminal, Discord, web pages, and programs.

Here: settings and the container that makes all parts of them; the library as every face asks it (``service``,
``edition_requests``, ``edition_answers``) and checks of what people type (``input_validation``); worker processes,
limits and background jobs; the community database and what follows from it: votes, followed sources, alerts. Not here:
what an answer looks like (``bot.render``, ``bot.cli``, ``bot.discord``, ``bot.pages``), and any sentence
(``bot.i18n``).
"""
