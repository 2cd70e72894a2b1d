"""Questions answered by processes that can be ended: why is in ARCHITECTURE.md, "Why workers".

Here: the service that the bot asks (``pooled_service``), the pool that starts, ends and replaces processes (``pool``),
a process as its parent sees it (``process``), the program that it runs (``main``), what both send each other
(``protocol``), which questions are refused (``stopped_questions``), and how long a process waited for a core
(``core_waits``). Not here: what a question is and how it is answered (``bot.app.edition_requests``).
"""
