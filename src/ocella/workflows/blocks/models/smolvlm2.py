"""SmolVLM2, asked about images."""

from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._asker import AskerBlock
from ocella.workflows.blocks.models._cloud import LanguageOutput
from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelId

__all__ = ["UNITS"]


class SmolVlm2(AskerBlock):
    """Ask SmolVLM2, which runs here, about each image. Smaller ones than the usual 2.2 billion: smolvlm2-256m-video-instruct,
    smolvlm2-500m-video-instruct.
    """

    type = "smolvlm2@v1"
    output = "parsed_output"
    example = example_on_images("smolvlm2", "parsed_output", prompt="What is this?")

    model_version: ModelId = "smolvlm2/smolvlm-2.2b-instruct"

    def run(self, images: Batch[Image]) -> Batch[LanguageOutput]:
        """The answer about each image."""
        return self.texts(self.model_version, images, self.prompt)


UNITS = (SmolVlm2,)
