"""ViTPose and ViTPose++: the 17 points of each person that a box is around."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.detection.pose_crops import cut, points_of
from ocella.models.detection.pose_in_boxes import Person, PoseInBoxes
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.types import COCO_PERSON, Image, Skeleton

__all__ = ["UNITS", "ViTPose"]

Floats = npt.NDArray[np.float32]

_README = "github.com/ViTAE-Transformer/ViTPose README"
_VAL = "COCO val2017 keypoints, boxes of a detector with 0.56 AP"
_SIMPLE = ModelCard(
    name="vitpose-base-simple",
    try_order=1,
    advice="the joints of each person in a box",
    task="keypoints",
    summary="17 body points of each person that a detector has found",
    checkpoint="hub: usyd-community/vitpose-base-simple (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=85_912_337,
    megabytes=343.6,
    input_hw=(256, 192),
    classes=("person",),
    threshold=0.0,
    extra="torch",
    accuracy=(Accuracy("AP", 0.755, _VAL, _README),),
    good_at="exact points of people in any pose; join it with a detector: nanodet-g+vitpose-base-simple",
    bad_at="whole pictures without boxes; people hidden behind others",
    run_here="small self-made checkpoints only",
    data={"hub": "usyd-community/vitpose-base-simple", "revision": "main"},
    system="ViTPose",
    library="transformers",
    vocabulary="person",
    prompts=("box",),
    speed="medium",
    memory_gb=1.5,
)
_CLASSIC = replace(
    _SIMPLE,
    name="vitpose-base",
    checkpoint="hub: usyd-community/vitpose-base (revision main)",
    parameters=89_994_513,
    megabytes=360,
    accuracy=(Accuracy("AP", 0.758, _VAL, _README),),
    data={"hub": "usyd-community/vitpose-base", "revision": "main"},
)


def _plus(size: str, parameters: int, **changes: Any) -> ModelCard:
    return replace(
        _SIMPLE,
        name=f"vitpose-plus-{size}",
        try_order=3,
        advice="the joints of each person in a box, from a network taught on several data sets",
        summary=f"17 body points of each person that a detector has found; trained on six data sets, {size}",
        checkpoint=f"hub: usyd-community/vitpose-plus-{size} (revision main)",
        parameters=parameters,
        megabytes=round(parameters * 4e-6, 1),
        accuracy=(),
        data={"hub": f"usyd-community/vitpose-plus-{size}", "revision": "main"},
        system="ViTPose++",
        **changes,
    )


_PLUS = (
    _plus("small", 33_143_697, memory_gb=1),
    _plus("base", 125_395_473),
    _plus("large", 434_404_625, speed="slow", memory_gb=3),
    _plus("huge", 899_404_049, speed="slow", memory_gb=5),
)
_COCO_EXPERT = 0
"""ViTPose++ has an expert for each data set of its training; that of COCO knows the 17 points of people."""


class ViTPose(PoseInBoxes):
    """The peaks of a heat map of each point of each crop."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        self._opened = open_checkpoint(card, options, "vitpose", "VitPoseForPoseEstimation")
        config = self._opened.network.config
        self._card = adopt_card(card, options, self._opened, classes=("person",))
        self._skeleton = skeleton_of(config.to_dict())
        self._input_hw = (int(config.backbone_config.image_size[0]), int(config.backbone_config.image_size[1]))
        self._experts = config.backbone_config.num_experts > 1
        self._mean, self._std = (
            np.array(self._opened.image.get(key) or standard, np.float32)
            for key, standard in (("image_mean", (0.485, 0.456, 0.406)), ("image_std", (0.229, 0.224, 0.225)))
        )
        self.batch = self._opened.batch(options, cpu=4, accelerator=32)

    def _points(self, images: Sequence[Image], people: Sequence[Person]) -> Floats:
        crops = [cut(images[p.image].pixels, p.crop, self._input_hw) for p in people]
        found = [points_of(h, p.crop) for h, p in zip(self._forward(np.stack(crops)), people, strict=True)]
        return np.stack([np.concatenate([xy, sure[:, None]], axis=1) for xy, sure in found]).astype(np.float32)

    def _forward(self, crops: npt.NDArray[np.uint8]) -> Floats:
        """Heat maps (n, k, h, w)."""
        import torch

        scaled = (crops.astype(np.float32) * np.float32(1 / 255) - self._mean) / self._std
        with torch.inference_mode():
            pixels = torch.from_numpy(scaled).permute(0, 3, 1, 2).contiguous()
            expert = torch.full((len(crops),), _COCO_EXPERT, device=self._opened.device) if self._experts else None
            out = self._opened.network(pixels.to(self._opened.device, self._opened.dtype), dataset_index=expert)
            return np.asarray(out.heatmaps.float().cpu().numpy(), np.float32)


def skeleton_of(config: dict[str, Any]) -> Skeleton:
    """COCO's for 17 points, else the checkpoint's own names and edges."""
    names = [str(name) for _, name in sorted((int(i), n) for i, n in config["id2label"].items())]
    if len(names) == len(COCO_PERSON.names):
        return COCO_PERSON
    return Skeleton(tuple(names), tuple((int(a), int(b)) for a, b in config.get("edges") or ()))


UNITS = tuple(
    ModelEntry(card, partial(ViTPose, card), ("VitPoseForPoseEstimation",)) for card in (_SIMPLE, _CLASSIC, *_PLUS)
)
