"""Blocks of classical computer vision."""
