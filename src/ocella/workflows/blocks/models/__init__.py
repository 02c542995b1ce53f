"""Blocks that run models."""
