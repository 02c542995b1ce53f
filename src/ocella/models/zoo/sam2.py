"""SAM 2 and 2.1 on images: masks of whatever a box or points show."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import adopt_card, open_checkpoint
from ocella.models.entry import LoadOptions, ModelEntry
from ocella.models.segmentation.prompted_segmenter import PromptedSegmenter
from ocella.models.segmentation.sam2_pixels import input_hw, prepare
from ocella.models.segmentation.sam_prompts import PromptGroup
from ocella.types import Image

__all__ = ["UNITS", "Sam2"]

_TINY = ModelCard(
    name="sam2.1-hiera-tiny",
    try_order=1,
    advice="the outline of whatever a box or a click shows; the newest and smallest SAM 2",
    task="segment",
    summary="a mask of whatever each box or point shows; the smallest SAM 2.1",
    checkpoint="hub: facebook/sam2.1-hiera-tiny (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=31_440_721,
    megabytes=125.8,
    input_hw=(1024, 1024),
    threshold=0.5,
    extra="torch",
    good_at="clear outlines of things that a box or a click shows, of any kind; several times faster than the first SAM",
    bad_at="naming what it masks; thin structures",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/sam2.1-hiera-tiny", "revision": "main"},
    system="SAM 2",
    library="transformers",
    prompts=("box", "point"),
    score_kind="none",
    speed="medium",
    memory_gb=2,
)
_SIZES = {
    "tiny": (31_440_721, "the smallest"),
    "small": (38_538_577, "small"),
    "base-plus": (73_328_401, "of middle size"),
    "large": (216_924_865, "the largest"),
}


def _card(version: str, size: str) -> ModelCard:
    parameters, words = _SIZES[size]
    name = f"sam{version}-hiera-{size}"
    return replace(
        _TINY,
        name=name,
        summary=f"a mask of whatever each box or point shows; SAM {version}, {words}",
        checkpoint=f"hub: facebook/{name} (revision main)",
        parameters=parameters,
        megabytes=parameters * 4 / 1e6,
        aliases=(f"sam{version}-{size}", "sam2") if (version, size) == ("2.1", "tiny") else (f"sam{version}-{size}",),
        superseded_by=f"sam2.1-hiera-{size}" if version == "2" else "",
        data={"hub": f"facebook/{name}", "revision": "main"},
        speed="slow" if size == "large" else "medium",
        memory_gb=4 if size == "large" else 2,
    )


class Sam2(PromptedSegmenter):
    """The image is stretched to a square; features of three sizes make the mask."""

    def __init__(self, card: ModelCard, options: LoadOptions) -> None:
        super().__init__()
        self._opened = open_checkpoint(card, options, ("sam2", "sam2_video"), "Sam2Model")
        self._card = adopt_card(card, options, self._opened)

    def _encode(self, image: Image) -> Any:
        import torch

        pixels = prepare(image.pixels, self._opened.image).to(self._opened.device, self._opened.dtype)
        with torch.inference_mode():
            return self._opened.network.get_image_embeddings(pixels)

    def _decode(self, view: Any, size_hw: tuple[int, int], group: PromptGroup) -> tuple[Any, Any]:
        import torch

        height, width = input_hw(self._opened.image)
        scale = np.array([width / size_hw[1], height / size_hw[0]], np.float32)
        with torch.inference_mode():
            out = self._opened.network(
                image_embeddings=view,
                input_points=None if group.xy is None else self._tensor(group.xy * scale),
                input_labels=None if group.labels is None else self._tensor(group.labels),
                input_boxes=None if group.boxes is None else self._tensor(group.boxes * np.tile(scale, 2)),
                multimask_output=group.is_ambiguous,
            )
        return out.pred_masks[0].float(), out.iou_scores[0].float()

    def _enlarge(self, logits: Any, size_hw: tuple[int, int]) -> Any:
        from torch.nn.functional import interpolate

        return interpolate(logits[None, None], size_hw, mode="bilinear")[0, 0]

    def _tensor(self, array: npt.NDArray[Any]) -> Any:
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)[None]).to(self._opened.device)


_CARDS = tuple(_card(version, size) for version in ("2.1", "2") for size in _SIZES)
UNITS = tuple(ModelEntry(card, partial(Sam2, card), ("Sam2Model", "Sam2VideoModel")) for card in _CARDS)
