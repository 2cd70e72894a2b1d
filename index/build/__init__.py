"""Building an edition from the library: what changed, preparation of episodes, segments, progress."""
