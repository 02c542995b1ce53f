"""Images worth labelling, kept while a workflow runs."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from ocella.types import Classification, Detections, Image, Source
from ocella.workflows.block import Block
from ocella.workflows.blocks.integrations._collection import Caps, Collection, Want, dataset_folder

__all__ = ["UNITS"]

Most = Annotated[int, Field(ge=0)]


class Collected(NamedTuple):
    """Whether the image was kept, why not ("" where it was), its file in the data set, and how many that holds."""

    saved: bool
    reason: str
    file: str
    images: int


class Collect(Block):
    """Keep images, with predictions as proposed labels, in the data set `dataset` below the folder that the operator lets
    workflows write to: at most `per_hour` and `per_day`, none that differs from one already there in `near_duplicate_bits` of 256
    or less (-1 keeps them all). Where it came from, when, and which `model` proposed is written beside each. Put it behind
    continue_if to collect what a model is unsure of.
    """

    type = "collect@v1"
    stateful = True
    slow = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "collect",
                "name": "keep",
                "image": "$inputs.image",
                "predictions": "$steps.find.predictions",
                "dataset": "doubtful",
                "model": "nanodet-g",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "kept", "selector": "$steps.keep.saved"}],
    }

    dataset: str
    model: str = ""
    per_hour: Most = 100
    per_day: Most = 1000
    near_duplicate_bits: Annotated[int, Field(ge=-1, le=128)] = 24
    format: Literal["png", "jpeg"] = "png"
    split: Literal["", "train", "val", "test"] = ""
    tags: list[str] = []  # a default, never changed

    def setup(self) -> None:
        """Refuse where writing is off."""
        self._collections: dict[str, Collection] = {}
        if not self.services.sinks_off:
            self.services.require("write-files", f"Step '{self.step}'")

    def run(self, image: Image, predictions: Detections | Classification | None = None) -> Collected:
        """What became of the image."""
        if self.services.sinks_off:
            return Collected(saved=False, reason="sinks are switched off", file="", images=0)
        folder = dataset_folder(self.services, self.dataset, f"Step '{self.step}'")
        collection = self._collections.setdefault(self.dataset, Collection(folder))
        now = self.services.now()
        source = Source("model", self.model or "workflow", run=self.step, time=now.isoformat())
        want = Want(
            source,
            Caps(hour=self.per_hour, day=self.per_day),
            near=None if self.near_duplicate_bits < 0 else self.near_duplicate_bits,
            quality=0 if self.format == "png" else 95,
            split=self.split,
            about={"step": self.step, **({"tags": list(self.tags)} if self.tags else {})},
        )
        outcome = collection.add(image, predictions, want, now)
        return Collected(outcome.saved, outcome.reason, outcome.file, outcome.count)


UNITS = (Collect,)
