"""How a message looks and what Discord accepts: limits, markup, gauges, components, parts of messages, sending.

Belongs here: what several features show alike. What one feature shows is in its folder.
"""
