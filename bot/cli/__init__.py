"""The terminal face: commands, and how their answers are printed."""
