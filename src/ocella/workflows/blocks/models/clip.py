"""A vector of an image or a text, by CLIP."""

from ocella.types import Embedding, Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._clip_names import ClipVersion, clip_model
from ocella.workflows.blocks.models._embedder import EmbedderBlock

__all__ = ["UNITS"]


class Clip(EmbedderBlock):
    """Turn an image or a text into a vector with CLIP, both in one space: compare them with `cosine_similarity`."""

    type = "clip@v1"
    output = "embedding"
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "clip", "name": "embed", "data": "$inputs.image"}],
        "outputs": [{"type": "JsonField", "name": "vector", "selector": "$steps.embed.embedding"}],
    }

    version: ClipVersion = "ViT-B-32"

    def run(self, data: Batch[Image | str]) -> Batch[Embedding]:
        """The vector of each image or text."""
        with self.leased(clip_model(self.version)) as model:
            return self.vectors(model, data)


UNITS = (Clip,)
