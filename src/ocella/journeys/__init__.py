"""The long roads through several rooms."""
