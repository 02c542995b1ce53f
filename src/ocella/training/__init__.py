"""Small models from labels."""
