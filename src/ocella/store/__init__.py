"""Records on disk that survive a crash."""
