"""Changes of pace in a row of embeddings."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from ocella.workflows.block import Block
from ocella.workflows.blocks.sampling._spread import STRATEGIES, Spread, Strategy
from ocella.workflows.kinds import Unit
from ocella.workflows.vectors import Numbers, Vector, as_vector, cosine

__all__ = ["UNITS"]


class Change(NamedTuple):
    """How an embedding stands among those before it: `percentile` of its likeness to their average (near 0: more alike than
    usual, near 1: less), `z_score` in standard deviations; average and spread of the embeddings with it.
    """

    is_outlier: bool
    percentile: Unit
    z_score: float
    average: Numbers
    std: Numbers
    warming_up: bool


class IdentifyChanges(Block):
    """Find embeddings that are more, or less, like the average so far than usual: `threshold_percentile` of both ends together.
    The first `warmup` never count. `strategy` says how the past is averaged: fading by `smoothing_factor`, all of it, or
    the last `window_size`.
    """

    type = "identify_changes@v1"
    stateful = True
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowBatchInput", "name": "embedding", "kind": ["embedding"]}],
        "steps": [{"type": "identify_changes", "name": "change", "embedding": "$inputs.embedding", "warmup": 10}],
        "outputs": [{"type": "JsonField", "name": "changed", "selector": "$steps.change.is_outlier"}],
    }

    strategy: Strategy = "Exponential Moving Average (EMA)"
    threshold_percentile: Unit = 0.2
    warmup: Annotated[int, Field(ge=0)] = 3
    smoothing_factor: Unit = 0.1
    window_size: Annotated[int, Field(ge=1)] = 10

    _seen = 0

    def setup(self) -> None:
        """Nothing seen."""
        self._vectors: Spread | None = None
        self._likeness: Spread | None = None

    def run(self, embedding: Vector) -> Change:
        """The embedding against those before it, which it then joins."""
        vector = as_vector(embedding)
        length = float(np.linalg.norm(vector))
        vector = vector / length if length else vector
        z = 0.0
        if self._vectors is None or self._likeness is None:
            make = STRATEGIES[self.strategy]
            self._vectors, self._likeness = (
                make(self.smoothing_factor, self.window_size),
                make(self.smoothing_factor, self.window_size),
            )
        else:
            z = self._score(cosine(vector, self._vectors.average), self._likeness)
        self._vectors.add(vector)
        percentile = 1 - 0.5 * (1 + math.erf(z / math.sqrt(2)))
        warming_up, half = self._seen < self.warmup, self.threshold_percentile / 2
        self._seen += 1
        outlier = not warming_up and (percentile <= half or percentile >= 1 - half)
        return Change(outlier, percentile, z, self._vectors.average.tolist(), self._vectors.std.tolist(), warming_up)

    @staticmethod
    def _score(value: float, spread: Spread) -> float:
        spread.add(np.array(value))
        std = float(spread.std)
        return (value - float(spread.average)) / std if std > 0 else 0.0


UNITS = (IdentifyChanges,)
