"""The Discord face: commands, buttons and what they show."""
