"""Blocks that keep values."""
