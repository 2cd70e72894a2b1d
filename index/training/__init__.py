"""Training and calibrating the semantic reader of an axis."""
