"""Objects that words name, by Moondream 2."""

from ocella.errors import InvalidValue
from ocella.types import Image, Ontology
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._detector import named
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelBlock, ModelId
from ocella.workflows.kinds import Objects

__all__ = ["UNITS"]

_DETECTS = {
    "moondream2/moondream2_2b_jul24": "moondream2-detect",
    "moondream2/moondream2-2b": "moondream2-detect",
    "moondream2": "moondream2-detect",
}


class Moondream2(ModelBlock):
    """Find what `prompt` names with Moondream 2, which brings code of its own: its code runs only where the operator loads it with
    leave. Another model of `ocella models --task detect` that takes any words does as well, like florence-2-base-detect.
    """

    type = "moondream2@v1"
    output = "predictions"
    example = example_on_images("moondream2", "predictions", prompt="dog", model_version="florence-2-base-detect")
    _tasks = ("detect",)

    model_version: ModelId = "moondream2/moondream2_2b_jul24"
    prompt: str | None = None

    def run(self, images: Batch[Image]) -> Batch[Objects]:
        """Objects of each image."""
        if not (self.prompt or "").strip():
            raise InvalidValue("'prompt' is empty: name what to find, like 'dog'.")
        name = _DETECTS.get(self.model_version.lower(), self.model_version)
        with self.leased(name) as model:
            found = model.predict(images, Ontology.of(str(self.prompt)))
        return [named(f).on(i) for f, i in zip(found, images, strict=True)]


UNITS = (Moondream2,)
