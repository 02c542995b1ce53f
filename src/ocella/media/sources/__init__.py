"""Frames from files, folders, cameras, addresses and the screen, each with its moment."""
