"""The operations, one file a kind of value."""
