"""The library as web pages: written to a folder (``site``) or answered by a server (``server``), by the same code.

Here belongs what is told to a browser: HTML, feeds, the static search index. What a page tells is asked from
``bot.app.service``, as every face does; colours come from ``bot.render.theme``. Pages work without
JavaScript; scripts and styles are files of their own, so that a strict Content-Security-Policy holds.
"""
