"""Workflows: models and small steps composed in JSON, run over images, batches and video."""
