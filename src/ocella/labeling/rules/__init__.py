"""One file a hygiene rule."""
