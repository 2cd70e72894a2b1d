"""Answers as a person or a program sees them: values in, text, JSON or PNG out.

Here: colours and the scale of drawn positions (``theme``), positions in letters (``text``), JSON
(``json_models``), pictures (``png``). Not here: Discord's messages (``bot.discord``) and the terminal's layout
(``bot.cli``).
"""
