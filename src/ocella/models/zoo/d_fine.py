"""D-FINE: a DETR that refines where each edge of a box lies."""

from dataclasses import replace
from functools import partial

from ocella.models.card import Accuracy, ModelCard, Speed
from ocella.models.detection.detr_family import Family, QueryDetector, best_pairs
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_FAMILY = Family(
    "d_fine",
    "DFineForObjectDetection",
    best_pairs,
    settings={"size": {"height": 640, "width": 640}, "do_normalize": False},
)
_NANO = ModelCard(
    name="dfine-nano-coco",
    try_order=2,
    advice="COCO's classes in real time on a processor",
    task="detect",
    summary="80 everyday classes (COCO) in 4 million parameters",
    checkpoint="hub: ustc-community/dfine-nano-coco (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=3_770_421,
    megabytes=15.1,
    input_hw=(640, 640),
    threshold=0.5,
    extra="torch",
    aliases=("d-fine-nano",),
    accuracy=(Accuracy("AP", 0.428, "COCO val2017", "github.com/Peterande/D-FINE README"),),
    good_at="tight boxes; the best of its size on everyday things",
    bad_at="very small things in large images (tile the image); long, narrow images, which it squeezes to a square",
    run_here="small self-made checkpoints only",
    data={"hub": "ustc-community/dfine-nano-coco", "revision": "main"},
    system="D-FINE",
    library="transformers",
    vocabulary="coco",
    speed="fast",
    memory_gb=1,
)


def _size(size: str, parameters: int, average: float, speed: Speed = "medium") -> ModelCard:
    """The card of another size."""
    return replace(
        _NANO,
        name=f"dfine-{size}-coco",
        summary=f"as dfine-nano-coco, with {parameters / 1e6:.0f} million parameters",
        checkpoint=f"hub: ustc-community/dfine-{size}-coco (revision main)",
        parameters=parameters,
        megabytes=round(parameters * 4e-6, 1),
        aliases=(f"d-fine-{size}",),
        accuracy=(Accuracy("AP", average, "COCO val2017", "github.com/Peterande/D-FINE README"),),
        good_at="tight boxes on everyday things",
        data={"hub": f"ustc-community/dfine-{size}-coco", "revision": "main"},
        speed=speed,
    )


_CARDS = (
    _NANO,
    _size("small", 10_309_605, 0.485),
    _size("medium", 19_563_368, 0.523),
    _size("large", 31_244_152, 0.54),
    _size("xlarge", 62_621_560, 0.558, "slow"),
)

UNITS = tuple(ModelEntry(card, partial(QueryDetector, _FAMILY, card), ("DFineForObjectDetection",)) for card in _CARDS)
