"""A vector of an image or a text, by Perception Encoder."""

from ocella.errors import NotFound
from ocella.types import Embedding, Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._embedder import EmbedderBlock

__all__ = ["UNITS"]

_EMBEDDERS = {"PE-Core-T16-384": "pe-core-t-16-384-embed"}


class PerceptionEncoder(EmbedderBlock):
    """Turn an image or a text into a vector with Perception Encoder, both in one space: compare them with `cosine_similarity`.
    PE-Core-T16-384 is here, and taken where the step names none.
    """

    type = "perception_encoder@v1"
    output = "embedding"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "perception_encoder", "name": "embed", "data": "$inputs.image"}],
        "outputs": [{"type": "JsonField", "name": "vector", "selector": "$steps.embed.embedding"}],
    }

    version: str = "PE-Core-T16-384"

    def run(self, data: Batch[Image | str]) -> Batch[Embedding]:
        """The vector of each image or text."""
        if self.version not in _EMBEDDERS:
            raise NotFound(f"'{self.version}' is not here. Take {', '.join(_EMBEDDERS)}, or the block clip.")
        with self.leased(_EMBEDDERS[self.version]) as model:
            return self.vectors(model, data)


UNITS = (PerceptionEncoder,)
