"""Workflows over video: feeds that read, a stream that runs, sinks that take what came out."""
