"""Scores of networks as probabilities."""

import numpy as np
import numpy.typing as npt

__all__ = ["softmax"]

Floats = npt.NDArray[np.float32]


def softmax(logits: Floats) -> Floats:
    """Rows (n, classes) that share 1."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
