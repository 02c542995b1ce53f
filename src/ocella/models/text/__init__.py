"""Text encoders and what they are used for: matching prompts, ConSE."""
