"""Blocks that cut, move and change images and detections."""
