"""The library as programs ask it: each operation once, offered to assistants and over HTTP.

``operations`` has them, ``mcp_server`` and ``http_api`` offer them; ``counterpoint`` does so for Python.
Answers are the JSON contracts of ``bot.render.json_models``. What is for people alone, and what writes, is not here.
"""
