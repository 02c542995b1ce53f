"""Blocks, one a file, in folders by what they are for."""
