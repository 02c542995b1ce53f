"""Which model: by facts from the cards."""
