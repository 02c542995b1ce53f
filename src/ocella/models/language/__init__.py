"""What language models say: generated, parsed, and taken for boxes."""
