"""Checkpoints in the forms of the libraries that made them, opened, and the names that they carry."""
