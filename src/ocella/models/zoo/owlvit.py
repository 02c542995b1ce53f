"""OWL-ViT: the first open-vocabulary detector with one box for each patch of the image."""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import Accuracy, ModelCard
from ocella.models.detection.owl_detection import OwlDetector, pick
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.prompt_table import corners
from ocella.types import Image

__all__ = ["UNITS", "OwlVit"]

Floats = npt.NDArray[np.float32]

_README = "github.com/google-research/scenic, OWL-ViT README"
_NETWORK = "OwlViTForObjectDetection"

_CARD = ModelCard(
    name="owlvit-base-patch32",
    task="detect",
    summary="finds what short English texts name, or what looks like example images; few patches, so fast",
    checkpoint="hub: google/owlvit-base-patch32 (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=153_231_879,
    megabytes=612.9,
    input_hw=(768, 768),
    open_vocabulary=True,
    threshold=0.1,
    extra="torch",
    aliases=("owl-vit", "owlvit"),
    accuracy=(Accuracy("AP", 0.193, "LVIS", _README), Accuracy("AP rare", 0.169, "LVIS", _README)),
    good_at="example images as the prompt; long lists of classes: the texts are read once, not for every image",
    bad_at="small things: its patches are 32 pixels; its confidences are low, so a threshold is worth choosing",
    superseded_by="owlv2-base-patch16-ensemble",
    run_here="small self-made checkpoints only",
    data={"hub": "google/owlvit-base-patch32", "revision": "main"},
    system="OWL-ViT",
    library="transformers",
    prompts=("text", "image"),
    speed="medium",
    memory_gb=2,
)


class OwlVit(OwlDetector):
    """The image squeezed into a square."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        super().__init__(card, options, kind="owlvit", network=_NETWORK)
        self._images = self._opened.part("OwlViTImageProcessorPil")

    def _prepare(self, image: Image) -> Floats:
        made = self._images(image.pixels, input_data_format="channels_last", return_tensors="np")
        return np.asarray(made["pixel_values"][0], np.float32)

    def _frame(self, size_hw: tuple[int, int]) -> tuple[int, int]:
        return size_hw

    def _whole(self, features: Any, grid: Any, vectors: Any) -> int | None:
        """The patch whose box is most of the image."""
        boxes = corners(self._opened.network.box_predictor(features, grid)[0].float().cpu().numpy(), (1, 1))
        return pick(boxes, vectors[0].float().cpu().numpy(), np.array([0, 0, 1, 1], np.float32))


UNITS = (ModelEntry(_CARD, partial(OwlVit, _CARD), (_NETWORK,)),)
