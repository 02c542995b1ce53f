"""Blocks that notice what is new."""
