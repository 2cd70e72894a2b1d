"""The faces of Counterpoint: Discord, terminal, pages, programs; ``web`` serves the last two together."""
