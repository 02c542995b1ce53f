"""What depth estimators share."""
