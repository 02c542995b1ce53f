"""How alike two embeddings are."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ocella.workflows.block import Block
from ocella.workflows.vectors import Vector, cosine

__all__ = ["UNITS"]


class CosineSimilarity(Block):
    """How alike two embeddings of one model are: 1 the same, 0 unrelated, -1 opposite."""

    type = "cosine_similarity@v1"
    output = "similarity"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [
            {"type": "WorkflowBatchInput", "name": "a", "kind": ["embedding"]},
            {"type": "WorkflowBatchInput", "name": "b", "kind": ["embedding"]},
        ],
        "steps": [
            {"type": "cosine_similarity", "name": "alike", "embedding_1": "$inputs.a", "embedding_2": "$inputs.b"}
        ],
        "outputs": [{"type": "JsonField", "name": "similarity", "selector": "$steps.alike.similarity"}],
    }

    def run(self, embedding_1: Vector, embedding_2: Vector) -> float:
        """The cosine of the angle between them."""
        return cosine(embedding_1, embedding_2)


UNITS = (CosineSimilarity,)
