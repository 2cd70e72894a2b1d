"""The library on disk: episodes as folders, change stamps, the write lock. It imports nothing of the index."""
