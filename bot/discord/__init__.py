"""The Discord face: commands, buttons and what they show.

From the top: ``runner`` starts the bot, ``client`` logs in and registers, ``features`` has a folder for each command,
``pipeline`` is what every command goes through (limits, acknowledgement, errors), ``context`` the parts of a running
bot, ``ui`` how messages look. Not here: what is answered (``bot.app``), sentences (``bot.i18n``) and pictures
(``bot.render.png``).
"""
