"""The library as programs ask it: each operation once (``operations``), offered to assistants (``mcp_server``)
and over HTTP (``http_api``).

Answers are the JSON contracts of ``bot.render.json_models``. What is for people alone, and what writes, is not here.
"""
