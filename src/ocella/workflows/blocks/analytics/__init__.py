"""Blocks that count and measure over time."""
