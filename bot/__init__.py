"""The faces of Counterpoint: Discord and the terminal."""
