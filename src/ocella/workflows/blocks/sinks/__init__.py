"""Blocks that send and store."""
