"""Blocks that put several values together."""
