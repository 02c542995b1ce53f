"""Networks written here for published weights; they import torch, and are imported when a model is built."""
