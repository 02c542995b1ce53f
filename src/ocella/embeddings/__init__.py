"""What vectors are good for."""
