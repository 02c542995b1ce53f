"""COCO's classes by the names and numbers that published checkpoints give them."""

from collections.abc import Mapping

from ocella.models.starter import starter_text

__all__ = ["coco_names"]

_FREE = (0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
"""Numbers of 0..90 that COCO gave to no class."""
_SPELLED = {
    "motorbike": "motorcycle",
    "aeroplane": "airplane",
    "sofa": "couch",
    "pottedplant": "potted plant",
    "diningtable": "dining table",
    "tvmonitor": "tv",
}
"""As Pascal VOC spells them, which lists of the 80 classes took over."""


def coco_names(labels: Mapping[int, str]) -> Mapping[int, str]:
    """COCO's 80 classes under their own names: where a list of 80 spells some as Pascal VOC does, and where 91 outputs,
    numbered as COCO does, are named LABEL_0 to LABEL_90. Any other list is as it is.
    """
    if len(labels) == 91 and all(name == f"LABEL_{i}" for i, name in labels.items()):
        known = [i for i in range(91) if i not in _FREE]
        return {**dict.fromkeys(range(91), "N/A"), **dict(zip(known, starter_text("coco80.txt"), strict=True))}
    spelled = {i: _SPELLED.get(name, name) for i, name in labels.items()}
    return spelled if set(spelled.values()) == set(starter_text("coco80.txt")) else labels
