"""Pure functions on values: geometry and drawing."""
