"""Names of COCO's classes in published checkpoints."""

from collections.abc import Mapping

import pytest

from ocella.models.checkpoints.coco_labels import coco_names
from ocella.models.checkpoints.labels import label_columns
from ocella.models.starter import starter_text

OWN = starter_text("coco80.txt")
PASCAL = {"motorcycle": "motorbike", "airplane": "aeroplane", "couch": "sofa", "potted plant": "pottedplant"}
PASCAL |= {"dining table": "diningtable", "tv": "tvmonitor"}


def test_nameless_outputs_are_coco_s_numbers() -> None:
    named = coco_names({i: f"LABEL_{i}" for i in range(91)})
    names, columns = label_columns(named)
    assert names == OWN
    assert (named[0], named[1], named[17], named[18], named[90]) == ("N/A", "person", "cat", "dog", "toothbrush")
    assert columns[:12].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13]


def test_pascal_s_spelling_is_coco_s() -> None:
    assert tuple(coco_names(dict(enumerate(PASCAL.get(n, n) for n in OWN))).values()) == OWN
    assert tuple(coco_names(dict(enumerate(OWN))).values()) == OWN


@pytest.mark.parametrize(
    "labels",
    [
        {0: "LABEL_0", 1: "LABEL_1"},
        {i: f"part {i}" for i in range(91)},
        {0: "sofa", 1: "motorbike"},
        dict(enumerate((*OWN[:-1], "sofa"))),
    ],
    ids=["nameless, not 91", "91 others", "furniture shop", "80 others"],
)
def test_other_lists_stay(labels: Mapping[int, str]) -> None:
    assert coco_names(labels) == labels
