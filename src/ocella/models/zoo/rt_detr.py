"""RT-DETR: a DETR fast enough for video, in its first and second version."""

from dataclasses import replace
from functools import partial

from ocella.models.card import Accuracy, ModelCard
from ocella.models.detection.detr_family import Family, QueryDetector, best_pairs
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_SETTINGS = {"size": {"height": 640, "width": 640}, "do_normalize": False}
_V2 = Family("rt_detr_v2", "RTDetrV2ForObjectDetection", best_pairs, settings=_SETTINGS)
_V1 = Family("rt_detr", "RTDetrForObjectDetection", best_pairs, settings=_SETTINGS)
_SOURCE = "github.com/lyuwenyu/RT-DETR README"
_R18 = ModelCard(
    name="rt-detr-v2-r18vd",
    try_order=3,
    advice="COCO's classes, easy to train further",
    task="detect",
    summary="80 everyday classes (COCO), exact and fast on a graphics card",
    checkpoint="hub: PekingU/rtdetr_v2_r18vd (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=20_174_608,
    megabytes=80.7,
    input_hw=(640, 640),
    threshold=0.5,
    extra="torch",
    accuracy=(Accuracy("AP", 0.481, "COCO val2017", _SOURCE),),
    good_at="people, vehicles, animals and household things in photographs and video",
    bad_at="very small things in large images (tile the image); long, narrow images, which it squeezes to a square",
    run_here="small self-made checkpoints only",
    data={"hub": "PekingU/rtdetr_v2_r18vd", "revision": "main"},
    system="RT-DETR",
    library="transformers",
    vocabulary="coco",
    speed="medium",
    memory_gb=1,
)


def _size(name: str, hub: str, parameters: int, average: float, summary: str) -> ModelCard:
    """The card of another checkpoint."""
    return replace(
        _R18,
        name=name,
        summary=summary,
        checkpoint=f"hub: PekingU/{hub} (revision main)",
        parameters=parameters,
        megabytes=round(parameters * 4e-6, 1),
        accuracy=(Accuracy("AP", average, "COCO val2017", _SOURCE),),
        data={"hub": f"PekingU/{hub}", "revision": "main"},
    )


_R34 = _size("rt-detr-v2-r34vd", "rtdetr_v2_r34vd", 31_424_388, 0.499, "as rt-detr-v2-r18vd, a size larger")
_R50 = _size("rt-detr-v2-r50vd", "rtdetr_v2_r50vd", 42_891_372, 0.534, "as rt-detr-v2-r18vd, two sizes larger")
_R101 = replace(
    _size("rt-detr-v2-r101vd", "rtdetr_v2_r101vd", 76_556_268, 0.543, "as rt-detr-v2-r18vd, the largest"),
    speed="slow",
)
_FIRST = replace(
    _size("rt-detr-r18vd", "rtdetr_r18vd", 20_174_608, 0.465, "the first version of rt-detr-v2-r18vd"),
    superseded_by="rt-detr-v2-r18vd",
)

UNITS = (
    *(
        ModelEntry(card, partial(QueryDetector, _V2, card), ("RTDetrV2ForObjectDetection",))
        for card in (_R18, _R34, _R50, _R101)
    ),
    ModelEntry(_FIRST, partial(QueryDetector, _V1, _FIRST), ("RTDetrForObjectDetection",)),
)
