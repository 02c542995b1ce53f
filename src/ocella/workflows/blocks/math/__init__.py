"""Blocks that compute."""
