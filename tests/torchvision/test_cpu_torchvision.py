"""The stand-in for torchvision's compiled part."""

import torch
from tests.torchvision.cpu_torchvision import make_importable, suppress
from torchvision.ops import box_iou, nms


def test_suppression_keeps_what_no_better_box_overlaps() -> None:
    torch.manual_seed(0)
    boxes = torch.rand(200, 4) * 100
    boxes[:, 2:] += boxes[:, :2]
    scores = torch.rand(200)
    overlaps = box_iou(boxes, boxes)
    expected: list[int] = []
    for i in scores.argsort(descending=True).tolist():
        if all(overlaps[i, j] <= 0.5 for j in expected):
            expected.append(i)
    assert suppress(boxes, scores, 0.5).tolist() == expected
    assert nms(boxes, scores, 0.5).tolist() == expected
    assert suppress(boxes[:0], scores[:0], 0.5).tolist() == []


def test_asking_twice_changes_nothing() -> None:
    make_importable()
    make_importable()
