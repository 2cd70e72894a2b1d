"""Questions over an open edition: candidates, ranking, excerpts, related episodes, coverage."""
