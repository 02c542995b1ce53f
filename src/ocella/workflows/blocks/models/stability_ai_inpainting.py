"""Objects of a picture replaced by what words say."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from ocella.types import Image
from ocella.workflows.blocks.models._stability import Preset, StabilityBlock
from ocella.workflows.kinds import Instances

__all__ = ["UNITS"]


class StabilityInpainting(StabilityBlock):
    """Have what masks cover painted anew by Stability AI, as `prompt` says, with your own key; with
    `invert_segmentation_mask` everything else.
    """

    type = "stability_ai_inpainting@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "key"}],
        "steps": [
            {
                "type": "roboflow_instance_segmentation_model",
                "name": "find",
                "images": "$inputs.image",
                "model_id": "rf-detr-seg-nano",
            },
            {
                "type": "stability_ai_inpainting",
                "name": "paint",
                "image": "$inputs.image",
                "segmentation_mask": "$steps.find.predictions",
                "prompt": "grass",
                "api_key": "$inputs.key",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "picture", "selector": "$steps.paint.image"}],
    }

    prompt: str
    negative_prompt: str | None = None
    invert_segmentation_mask: bool = False
    preset: Preset | None = None
    seed: Annotated[int, Field(ge=0, le=2**32 - 2)] | None = None

    def run(self, image: Image, segmentation_mask: Instances) -> Image:
        """The picture."""
        masks = segmentation_mask.masks
        covered = np.zeros(image.size_hw, bool) if masks is None else masks.dense().any(axis=0)
        painted = np.asarray(covered != self.invert_segmentation_mask, np.uint8) * 255
        mask = Image(np.repeat(painted[:, :, None], 3, axis=2).astype(np.uint8))
        said = {
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "style_preset": self.preset,
            "seed": self.seed,
            "output_format": "png",
        }
        made = self.made("edit/inpaint", said, {"image": image, "mask": mask})
        return image.derive(made.pixels) if made.size_hw == image.size_hw else made


UNITS = (StabilityInpainting,)
