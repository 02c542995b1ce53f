"""What segmenters of several families share."""
