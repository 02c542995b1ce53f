"""One file a target family."""
