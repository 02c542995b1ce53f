"""Blocks that follow objects."""
