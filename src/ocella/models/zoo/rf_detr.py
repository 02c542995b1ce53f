"""RF-DETR: a DETR on a DINOv2 backbone, for boxes and for outlines."""

from dataclasses import replace
from functools import partial

from ocella.models.card import Accuracy, ModelCard, Speed
from ocella.models.detection.detr_family import Family, QueryDetector, best_pairs
from ocella.models.detection.detr_prepare import prepare_unblurred
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_BOXES = Family(
    "rf_detr",
    "RfDetrForObjectDetection",
    best_pairs,
    # As the authors' package and RfDetrImageProcessor do it. Early checkpoints declare DETR's processor, which averages.
    prepare_unblurred,
    {"size": {"height": 560, "width": 560}},
)
_OUTLINES = replace(_BOXES, network="RfDetrForInstanceSegmentation", outlines=True)
_SOURCE = "rfdetr.roboflow.com, table of pretrained checkpoints"
_NANO = ModelCard(
    name="rf-detr-nano",
    try_order=1,
    advice="COCO's classes: accurate for its time and free to use",
    task="detect",
    summary="80 everyday classes (COCO); learns a new task fast, because its backbone saw far more than COCO",
    checkpoint="hub: Roboflow/rf-detr-nano (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=30_467_298,
    megabytes=121.9,
    input_hw=(384, 384),
    threshold=0.5,
    extra="torch",
    aliases=("rfdetr-nano",),
    accuracy=(Accuracy("AP", 0.484, "COCO val2017", _SOURCE),),
    good_at="everyday things; a start for training on data unlike COCO",
    bad_at="very small things in large images (tile the image); long, narrow images, which it squeezes to a square",
    run_here="small self-made checkpoints only",
    data={"hub": "Roboflow/rf-detr-nano", "revision": "main"},
    system="RF-DETR",
    library="transformers",
    vocabulary="coco",
    speed="medium",
    memory_gb=1,
)


def _size(size: str, side: int, parameters: int, average: float = 0, speed: Speed = "medium") -> ModelCard:
    """The card of another size; an `average` precision of 0 is not known."""
    return replace(
        _NANO,
        name=f"rf-detr-{size}",
        summary=f"as rf-detr-nano, at {side} pixels",
        checkpoint=f"hub: Roboflow/rf-detr-{size} (revision main)",
        parameters=parameters,
        megabytes=round(parameters * 4e-6, 1),
        input_hw=(side, side),
        aliases=(f"rfdetr-{size}",),
        accuracy=(Accuracy("AP", average, "COCO val2017", _SOURCE),) if average else (),
        data={"hub": f"Roboflow/rf-detr-{size}", "revision": "main"},
        speed=speed,
    )


def _outlined(size: str, side: int, parameters: int, average: float, speed: Speed = "medium") -> ModelCard:
    card = _size(f"seg-{size}", side, parameters, average, speed)
    return replace(
        card,
        summary=f"80 everyday classes (COCO) with their outlines, at {side} pixels",
        advice="COCO's classes with their outlines, free to use",
        accuracy=(Accuracy("mask AP", average, "COCO val2017", _SOURCE),),
        good_at="outlines of everyday things, without a second model",
        outlines=True,
    )


_BASE = replace(_size("base", 560, 32_174_530), superseded_by="rf-detr-medium")
_DETECTORS = (
    _NANO,
    _size("small", 512, 32_111_170, 0.53),
    _BASE,
    _size("medium", 576, 33_687_458, 0.547),
    _size("large", 704, 33_933_218, 0.565),
)
_SEGMENTERS = (
    _outlined("nano", 312, 33_577_475, 0.403),
    _outlined("small", 384, 33_711_107, 0.431),
    _outlined("medium", 432, 35_694_259, 0.453),
    _outlined("large", 504, 36_211_971, 0.471),
    _outlined("xlarge", 624, 38_113_635, 0.488),
    replace(_outlined("xxlarge", 768, 38_648_163, 0.499, "slow"), aliases=("rfdetr-seg-2xlarge",)),
)

UNITS = (
    *(ModelEntry(card, partial(QueryDetector, _BOXES, card), ("RfDetrForObjectDetection",)) for card in _DETECTORS),
    *(
        ModelEntry(card, partial(QueryDetector, _OUTLINES, card), ("RfDetrForInstanceSegmentation",))
        for card in _SEGMENTERS
    ),
)
