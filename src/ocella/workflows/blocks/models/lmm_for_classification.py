"""OpenAI asked what images show, in the form of older definitions."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import Field

from ocella.models.language.answer import find_json
from ocella.types import Image
from ocella.workflows.block import Batch
from ocella.workflows.blocks.models._fields import ABSENT, about
from ocella.workflows.blocks.models._lmm import LmmBlock
from ocella.workflows.blocks.models._model import ParentId
from ocella.workflows.kinds import Is

__all__ = ["UNITS"]


class Named(NamedTuple):
    """The class of one image, and the text that told it."""

    raw_output: str
    top: Annotated[str, Is("top_class")]
    parent_id: ParentId
    root_parent_id: ParentId
    image: Annotated[dict[str, Any], Is("image_metadata")]
    prediction_type: Annotated[str, Is("prediction_type")]


class LmmForClassification(LmmBlock):
    """Ask a GPT model which of the classes each image shows, for definitions that have this block; `open_ai` has newer
    models. `top` is not_detected where the answer is none of the classes.
    """

    type = "lmm_for_classification@v1"
    aliases = ("LMMForClassification",)
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "key"}],
        "steps": [
            {
                "type": "lmm_for_classification",
                "name": "name",
                "images": "$inputs.image",
                "lmm_type": "gpt_4v",
                "classes": ["cat", "dog"],
                "remote_api_key": "$inputs.key",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "class", "selector": "$steps.name.top"}],
    }

    classes: Annotated[list[str], Field(min_length=1)]

    def run(self, images: Batch[Image]) -> Batch[Named]:
        """The class of each image."""
        told = self.told(images, self._prompt())
        return [self._named(t.text, i) for t, i in zip(told, images, strict=True)]

    def _prompt(self) -> str:
        listed = ", ".join(f'"{name}"' for name in self.classes)
        return (
            f"Which one of these classes does the image show: {listed}? Answer with JSON and nothing else: "
            '{"top": "class"}.'
        )

    def _named(self, text: str, image: Image) -> Named:
        found = find_json(text).value
        top = found.get("top") if isinstance(found, Mapping) else None
        facts = about(image)
        return Named(
            text,
            top if top in self.classes else ABSENT,
            facts["parent_id"],
            facts["root_parent_id"],
            facts["image"],
            "classification",
        )


UNITS = (LmmForClassification,)
