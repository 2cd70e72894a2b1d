"""Positions: text and vectors in, readings, profiles and picks out. Pure: numpy and the standard library."""
