"""Blocks that use the rest of the system."""
