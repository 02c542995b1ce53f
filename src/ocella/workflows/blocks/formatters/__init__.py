"""Blocks that read and write text and data."""
