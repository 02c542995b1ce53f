import math
from typing import Any

import pytest
import torch

from ocella.training.losses import distribution_focal, generalised_iou, mean_distance, quality_focal


@pytest.mark.parametrize(
    ("logit", "quality", "loss"),
    [
        (0.0, 0.0, math.log(2) * 0.25),
        (0.0, 1.0, math.log(2) * 0.25),
        (0.0, 0.5, 0.0),
        (math.log(3), 0.0, math.log(4) * 0.75**2),
    ],
)
def test_quality_focal(logit: float, quality: float, loss: float) -> None:
    found = quality_focal(torch.tensor([logit]), torch.tensor([quality]))
    assert float(found) == pytest.approx(loss, abs=1e-6)


@pytest.mark.parametrize(
    ("box", "target", "iou", "giou"),
    [
        ([0, 0, 2, 2], [0, 0, 2, 2], 1.0, 1.0),
        ([0, 0, 2, 2], [1, 0, 3, 2], 1 / 3, 1 / 3),
        ([0, 0, 1, 1], [2, 0, 3, 1], 0.0, -1 / 3),
        ([0, 0, 2, 2], [1, 1, 3, 3], 1 / 7, 1 / 7 - 2 / 9),
    ],
)
def test_generalised_iou(box: list[int], target: Any, iou: float, giou: float) -> None:
    found = generalised_iou(torch.tensor([box], dtype=torch.float32), torch.tensor([target], dtype=torch.float32))
    assert [float(f) for f in found] == pytest.approx([iou, giou], abs=1e-6)


@pytest.mark.parametrize("target", [0.0, 2.5, 9.0])
def test_distribution_focal_of_an_even_guess_is_the_logarithm_of_the_bins(target: Any) -> None:
    found = distribution_focal(torch.zeros(1, 44), torch.full((1, 4), target))
    assert float(found) == pytest.approx(math.log(11), abs=1e-5)


def test_distribution_focal_is_least_at_the_share_between_the_bins() -> None:
    logits = torch.full((1, 4, 11), -20.0)
    logits[..., 3], logits[..., 4] = math.log(0.75), math.log(0.25)
    best = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert float(distribution_focal(logits.reshape(1, 44), torch.full((1, 4), 3.25))) == pytest.approx(best, abs=1e-4)
    assert mean_distance(logits.reshape(1, 44)).tolist()[0] == pytest.approx([3.25] * 4, abs=1e-4)
