"""Answers as Discord shows them: values in, messages out. Nothing here asks, waits or sends."""
