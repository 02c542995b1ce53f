"""What detectors and pose models of several families share."""
