"""The library on disk: episodes as folders, change stamps, the write lock. Nothing here knows the index."""
