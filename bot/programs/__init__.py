"""The library as programs ask it: each operation once (``operations``), offered to assistants (``mcp_server``).

Answers are the JSON contracts of ``bot.render.json_models``. What is for people alone, and what writes, is not here.
"""
