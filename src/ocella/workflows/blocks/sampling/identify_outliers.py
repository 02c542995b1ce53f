"""Embeddings that point elsewhere."""

from collections import deque
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.workflows.block import Block
from ocella.workflows.kinds import Unit
from ocella.workflows.vectors import Vector, as_vector

__all__ = ["UNITS"]


class Standing(NamedTuple):
    """The share of the embeddings in the window that are less like their mean direction than this one."""

    is_outlier: bool
    percentile: Unit
    warming_up: bool


class IdentifyOutliers(Block):
    """Find embeddings that are among the least, or the most, like the mean direction of the last `window_size` (all, with
    null): `threshold_percentile` at each end. The first `warmup` - 1 never count.
    """

    type = "identify_outliers@v1"
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "embedding", "kind": ["embedding"]}],
        "steps": [{"type": "identify_outliers", "name": "odd", "embedding": "$inputs.embedding", "warmup": 10}],
        "outputs": [{"type": "JsonField", "name": "odd", "selector": "$steps.odd.is_outlier"}],
    }

    threshold_percentile: Unit = 0.05
    warmup: Annotated[int, Field(ge=0)] = 3
    window_size: Annotated[int, Field(ge=1)] | None = 32

    _seen = 0

    def setup(self) -> None:
        """Nothing seen."""
        self._window: deque[npt.NDArray[np.float64]] = deque(maxlen=self.window_size)

    def run(self, embedding: Vector) -> Standing:
        """The embedding among those of the window, which it joins first."""
        vector = as_vector(embedding)
        length = float(np.linalg.norm(vector))
        self._window.append(vector / length if length else vector)
        self._seen += 1
        if self._seen < self.warmup:
            return Standing(False, 0.5, True)
        vectors = np.stack(list(self._window))
        mean = vectors.sum(axis=0)
        size = float(np.linalg.norm(mean))
        alike = vectors @ (mean / size if size else vectors[-1])
        percentile = float((alike < alike[-1]).mean())
        outlier = percentile < self.threshold_percentile or percentile > 1 - self.threshold_percentile
        return Standing(outlier, percentile, False)


UNITS = (IdentifyOutliers,)
