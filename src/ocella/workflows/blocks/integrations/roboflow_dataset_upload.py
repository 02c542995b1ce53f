"""What definitions of the hosted platform send to its data sets, kept in one here."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from ocella.errors import OcellaError
from ocella.types import Classification, Detections, Image, Source
from ocella.workflows.block import Block
from ocella.workflows.blocks.integrations._collection import Caps, Collection, Want, dataset_folder

__all__ = ["UNITS"]

_SAMPLED = 2**32
_BATCHES = {"never": "", "daily": "_%Y_%m_%d", "weekly": "_%G_%V", "monthly": "_%Y_%m"}


class Registered(NamedTuple):
    """Whether something went wrong, and what happened."""

    error_status: bool
    message: str


class RoboflowDatasetUpload(Block):
    """Keep images and predictions in the local data set `target_project`, below the folder that the operator lets workflows write
    to; nothing is sent anywhere. Limits count the images of one `usage_quota_name` in the last minute, hour and day; of all
    images `data_percentage` percent are kept, chosen by their content. See collect for the form of Ocella.
    """

    type = "roboflow_dataset_upload@v2"
    aliases = ("RoboflowDatasetUpload",)
    stateful = True
    slow = True
    ignored = frozenset({"fire_and_forget"})
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_dataset_upload",
                "name": "keep",
                "images": "$inputs.image",
                "target_project": "street",
                "usage_quota_name": "street",
            }
        ],
        "outputs": [{"type": "JsonField", "name": "said", "selector": "$steps.keep.message"}],
    }

    target_project: str
    usage_quota_name: str
    data_percentage: Annotated[float, Field(ge=0, le=100)] = 100.0
    minutely_usage_limit: int = 10
    hourly_usage_limit: int = 100
    daily_usage_limit: int = 1000
    max_image_size: list[int] = [1920, 1080]  # a default, never changed
    compression_level: Annotated[int, Field(gt=0, le=100)] = 95
    registration_tags: list[str] = []
    persist_predictions: bool = True
    disable_sink: bool = False
    labeling_batch_prefix: str = "workflows_data_collector"
    labeling_batches_recreation_frequency: Literal["never", "daily", "weekly", "monthly"] = "never"
    image_name: str | None = None
    metadata: dict[str, Any] = {}

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """The first version made images smaller and coarser."""
        return {"max_image_size": [512, 512], "compression_level": 75, **step} if version < 2 else step

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """A size has two sides."""
        size = step.get("max_image_size", (1, 1))
        fine = not isinstance(size, list) or (len(size) == 2 and all(isinstance(v, str) or v > 0 for v in size))
        return [] if fine else [("max_image_size", "[width, height]", "Give both, like [1920, 1080].")]

    def setup(self) -> None:
        """Refuse where writing is off."""
        self._collections: dict[str, Collection] = {}
        if not self.services.sinks_off and not self.disable_sink:
            self.services.require("write-files", f"Step '{self.step}'")

    def run(self, images: Image, predictions: Detections | Classification | None = None) -> Registered:
        """What became of the image."""
        if self.disable_sink or self.services.sinks_off:
            return Registered(error_status=False, message="Nothing was kept: the sink is switched off.")
        if not self._is_sampled(images):
            return Registered(error_status=False, message="Nothing was kept: the image is not in the sample.")
        try:
            folder = dataset_folder(self.services, self.target_project, f"Step '{self.step}'")
            now = self.services.now()
            value = predictions if self.persist_predictions else None
            collection = self._collections.setdefault(self.target_project, Collection(folder))
            outcome = collection.add(images, value, self._want(now), now)
        except OcellaError as error:
            return Registered(error_status=True, message=str(error))
        said = f"Kept as {outcome.file}." if outcome.saved else f"Nothing was kept: {outcome.reason}."
        return Registered(error_status=False, message=said)

    def _is_sampled(self, image: Image) -> bool:
        place = int.from_bytes(hashlib.sha256(image.pixels.tobytes()).digest()[:4], "big")
        return place < self.data_percentage / 100 * _SAMPLED

    def _want(self, now: datetime) -> Want:
        batch = self.labeling_batch_prefix + now.strftime(_BATCHES[self.labeling_batches_recreation_frequency])
        about: dict[str, Any] = {"step": self.step, "batch": batch}
        about |= {"tags": list(self.registration_tags)} if self.registration_tags else {}
        about |= {"metadata": dict(self.metadata)} if self.metadata else {}
        return Want(
            Source("model", "workflow", run=self.step, time=now.isoformat()),
            Caps(self.minutely_usage_limit, self.hourly_usage_limit, self.daily_usage_limit),
            quota=self.usage_quota_name,
            near=0,
            quality=self.compression_level,
            most_wh=(self.max_image_size[0], self.max_image_size[1]),
            name=self.image_name or "",
            about=about,
        )


UNITS = (RoboflowDatasetUpload,)
