"""Blocks that decide what runs."""
