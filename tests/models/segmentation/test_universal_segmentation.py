"""Masks of queries shared out among an image's pixels, beside the library's way on the same numbers."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate
from transformers.models.eomt.image_processing_pil_eomt import compute_segments

from ocella.models.segmentation.universal_segmentation import class_scores, segments

CLASSES = ("cat", "sky", "dog")


def discs(count: int, seed: int) -> torch.Tensor:
    """Logits (count, 32, 48) of discs anywhere, some of which overlap."""
    rng = np.random.default_rng(seed)
    ys, xs = np.mgrid[:32, :48]
    centres, radii = rng.uniform((0, 0), (32, 48), (count, 2)), rng.uniform(3, 12, count)
    far = [np.hypot(ys - y, xs - x) - r for (y, x), r in zip(centres, radii, strict=True)]
    return torch.tensor(-np.array(far), dtype=torch.float32)


@pytest.mark.parametrize("seed", range(6))
def test_segments_are_the_librarys(seed: int) -> None:
    size_hw = (75, 110)
    logits = discs(9, seed)
    rng = torch.Generator().manual_seed(seed)
    scores = torch.rand(9, generator=rng) * 0.5 + 0.5
    labels = torch.randint(0, 3, (9,), generator=rng)
    enlarged = interpolate(logits[None], size_hw, mode="bilinear", align_corners=False)[0]
    drawn, info = compute_segments(enlarged, scores, labels, stuff_classes=[1], target_size=size_hw)
    found = segments((scores, labels), logits, size_hw, np.arange(3), CLASSES, stuff={"sky"})
    assert found.masks is not None
    assert len(found) == len(info) > 2
    ours = {(n, m.tobytes()) for n, m in zip(found.names, found.masks.dense(), strict=True)}
    assert ours == {(CLASSES[s["label_id"]], (drawn == s["id"]).numpy().tobytes()) for s in info}
    np.testing.assert_allclose(found.confidence, sorted((s["score"] for s in info), reverse=True), atol=1e-5)
    assert found.names.count("sky") <= 1


def test_a_column_without_a_name_is_no_segment() -> None:
    found = segments((torch.tensor([0.9]), torch.tensor([7])), discs(1, 1), (32, 48), np.arange(3), CLASSES)
    assert len(found) == 0
    assert found.classes == CLASSES


def test_scores_are_sums_over_queries() -> None:
    logits, masks = torch.tensor([[2.0, 0, 1], [0, 3, 0]]), torch.rand(2, 4, 5)
    expected = sum(logits[q].softmax(0)[:2, None, None] * masks[q] for q in range(2))
    np.testing.assert_allclose(class_scores(logits, masks), expected, atol=1e-6)
