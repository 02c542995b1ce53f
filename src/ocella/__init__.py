"""Ocella: from a folder of unlabelled images to a small vision model you can trust."""

__version__ = "0.1.0"
