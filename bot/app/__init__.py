"""What every face shares: settings, the container of parts, answering, limits, jobs, the community database."""
