"""Retrieval: library -> transcript -> slices -> windows -> edition, and search over an edition."""
