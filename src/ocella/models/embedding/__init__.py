"""What classifiers and embedders of several families share."""
