"""DETR: the first detector that needs no anchors and no NMS."""

from dataclasses import replace
from functools import partial

from ocella.models.card import Accuracy, ModelCard
from ocella.models.detection.detr_family import Family, QueryDetector, best_class
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_FAMILY = Family(
    "detr", "DetrForObjectDetection", best_class, settings={"size": {"shortest_edge": 800, "longest_edge": 1333}}
)
_R50 = ModelCard(
    name="detr-resnet-50",
    task="detect",
    summary="80 everyday classes (COCO); the classic, for comparison with what the literature reports",
    checkpoint="hub: facebook/detr-resnet-50 (revision no_timm)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=41_524_768,
    megabytes=166.1,
    input_hw=(800, 1333),
    threshold=0.5,
    extra="torch",
    accuracy=(Accuracy("AP", 0.42, "COCO val2017", "github.com/facebookresearch/detr README"),),
    good_at="large things and whole scenes; keeps the image's shape",
    bad_at="small things; a new task, which it learns slowly (RT-DETR, D-FINE and RF-DETR learn fast)",
    superseded_by="rf-detr-medium",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/detr-resnet-50", "revision": "no_timm"},
    system="DETR",
    library="transformers",
    vocabulary="coco",
    speed="slow",
    memory_gb=2,
)
_R101 = replace(
    _R50,
    name="detr-resnet-101",
    summary="as detr-resnet-50, with a deeper backbone",
    checkpoint="hub: facebook/detr-resnet-101 (revision no_timm)",
    parameters=60_464_672,
    megabytes=241.9,
    accuracy=(Accuracy("AP", 0.435, "COCO val2017", "github.com/facebookresearch/detr README"),),
    data={"hub": "facebook/detr-resnet-101", "revision": "no_timm"},
)

UNITS = tuple(
    ModelEntry(card, partial(QueryDetector, _FAMILY, card), ("DetrForObjectDetection",)) for card in (_R50, _R101)
)
