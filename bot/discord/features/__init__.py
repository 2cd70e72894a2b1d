"""What the bot can do, one folder a feature: its commands, its components, its rendering.

A feature imports nothing of another feature. Shared parts are in ``bot.discord.ui`` and ``bot.discord``.
"""
