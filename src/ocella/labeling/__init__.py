"""Labels from models, and their hygiene."""
