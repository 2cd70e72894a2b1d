"""What an answer looks like apart from Discord and terminal: colours, pictures, JSON."""
