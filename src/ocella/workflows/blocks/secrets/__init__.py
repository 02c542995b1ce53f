"""Blocks that hand over secrets."""
