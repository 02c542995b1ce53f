import numpy as np
import pytest
import torch

from ocella.models.depth.output import from_disparity, input_size, own_size


def test_inverse_depth_is_turned_around() -> None:
    found = from_disparity(np.array([[9, 1], [4, 0]], np.float32))
    assert found.depth.tolist() == [[0, 8], [5, 9]]
    assert not found.metric


def test_a_map_is_brought_to_the_image_s_size() -> None:
    slope = torch.arange(8, dtype=torch.float32).repeat(4, 1)
    sized = own_size(slope, (6, 16))
    assert sized.shape == (6, 16)
    assert (np.diff(sized, axis=1) > 0).all()
    np.testing.assert_allclose(own_size(slope, (4, 8)), slope.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("size_hw", "multiple", "shape", "expected"),
    [
        ((480, 640), 14, "kept", (518, 686)),
        ((640, 480), 14, "kept", (686, 518)),
        ((3000, 4000), 14, "kept", (518, 686)),
        ((1, 300), 14, "kept", (14, 518)),
        ((300, 1), 14, "kept", (518, 14)),
        ((1, 1), 14, "kept", (518, 518)),
        ((480, 640), 14, "as wanted", (518, 518)),
        ((480, 640), 1 / 32, "kept", (518, 690)),
    ],
)
def test_input_sizes(size_hw: tuple[int, int], multiple: float, shape: str, expected: tuple[int, int]) -> None:
    assert input_size(size_hw, (518, 518), multiple, keep_shape=shape == "kept") == expected
