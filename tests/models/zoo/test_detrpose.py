"""DETRPose beside numbers that the authors' network and post-processing gave, in double precision, for the same weights
and pictures.

The port was also run once beside that network with random weights of each of the five published sizes, loaded from its
own names, on random pictures of 640 x 640: in double precision logits and points differed by less than 1e-9.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.checkpoints.detrpose import make, tensors
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue, Mismatch, Refused
from ocella.models.networks.detrpose import _inverse_sigmoid, build
from ocella.models.networks.detrpose_weights import parted, rename
from ocella.models.zoo.detrpose import DetrPoseKeypoints, _read
from ocella.types import COCO_PERSON

NAME = "detrpose-hgnetv2-n"
TALL, WIDE = (90, 60, 1), (64, 200, 8)
SCORES = {
    TALL: (0.555125, 0.54236, 0.539537, 0.536052, 0.514362, 0.505626, 0.483551),
    WIDE: (0.527481, 0.514316, 0.513003, 0.499985, 0.493577, 0.486071, 0.466427),
}
"""Of the people among the best 12; the rest are of the category that there is none of."""
FIRST = {
    TALL: (
        (7.28, 68.117), (19.529, 69.59), (15.581, 70.144), (-7.952, 70.123), (20.808, 70.896), (20.766, 78.056),
        (-2.279, 64.407), (-1.962, 76.107), (-4.865, 71.193), (1.382, 72.826), (18.527, 73.112), (26.786, 72.871),
        (22.072, 66.193), (26.371, 75.737), (15.716, 69.448), (3.726, 76.994), (-12.405, 68.56),
    ),
    WIDE: (
        (57.817, 42.91), (67.471, 46.709), (59.467, 48.145), (47.99, 46.811), (60.785, 45.958), (87.438, 54.739),
        (-26.828, 49.725), (87.91, 50.105), (59.557, 47.628), (62.254, 50.067), (57.283, 49.069), (77.14, 46.392),
        (64.287, 43.608), (84.563, 51.381), (61.264, 49.545), (77.751, 52.347), (27.427, 47.733),
    ),
}  # fmt: skip
"""The first person's points, some of them beyond the picture."""
MEANS = {
    TALL: (
        (11.679, 71.434), (16.635, 56.798), (23.092, 69.52), (56.502, 71.438), (17.465, 66.728), (25.155, 65.967),
        (6.816, 37.894),
    ),
    WIDE: (
        (61.2, 48.404), (30.869, 37.322), (176.267, 43.517), (163.586, 40.32), (145.412, 39.824), (181.832, 36.958),
        (16.55, 38.337),
    ),
}  # fmt: skip
"""Of each person's points, those beyond the picture put on its border."""


def load(folder: Path, held: dict[str, Any] | None = None) -> DetrPoseKeypoints:
    options = make(folder, NAME)
    if held is not None:
        torch.save(held, options["weights"])
    loaded = ocella.load(NAME, device="cpu", **options)
    assert isinstance(loaded, DetrPoseKeypoints)
    return loaded


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> DetrPoseKeypoints:
    return load(tmp_path_factory.mktemp("tiny-detrpose"))


@pytest.mark.parametrize("asked", [TALL, WIDE])
def test_people_are_those_of_the_authors_network(model: DetrPoseKeypoints, asked: tuple[int, int, int]) -> None:
    height, width, seed = asked
    found = model.predict([picture(height, width, seed)], threshold=0)[0]
    points = model.points(found)
    limit = np.array([width, height])
    assert np.abs(found.confidence - SCORES[asked]).max() < 1e-5
    assert np.abs(points.xy[0] - np.clip(FIRST[asked], 0, limit)).max() < 1e-4 * width + 1e-3
    assert np.abs(points.xy.mean(axis=1) - MEANS[asked]).max() < 1e-4 * width + 1e-3
    assert np.allclose(found.xyxy, np.concatenate([points.xy.min(axis=1), points.xy.max(axis=1)], axis=1))
    assert points.skeleton == COCO_PERSON
    assert points.visible.all()
    assert (points.confidence == 1).all()


def test_images_of_several_sizes_go_together(tmp_path: Path) -> None:
    options = make(tmp_path, NAME)
    model = ocella.load(NAME, device="cpu", batch=2, **options)
    assert isinstance(model, DetrPoseKeypoints)
    together = model.predict([picture(*TALL), picture(*WIDE), picture(30, 30)], threshold=0)
    for asked, found in zip((TALL, WIDE), together, strict=False):
        assert np.abs(found.confidence - SCORES[asked]).max() < 1e-5
    assert len(together) == 3


def test_a_person_is_kept_from_the_threshold_on(model: DetrPoseKeypoints) -> None:
    image = picture(*TALL)
    assert len(model.predict([image])[0]) == 6  # the card's 0.5
    every = model.predict([image], threshold=0)[0].confidence
    reached = model.predict([image], threshold=float(every[2]))[0]
    assert reached.confidence.tolist() == every[:3].tolist()
    nobody = model.predict([image], threshold=1)[0]
    assert (len(nobody), nobody.classes) == (0, ("person",))


@pytest.mark.parametrize(
    ("x", "y", "kept"),
    [((0.2, 0.4), (0.5, 0.7), True), ((0.9, 1.2), (0.5, 0.7), True), ((1.1, 1.2), (0.5, 0.7), False)],
)
def test_whom_nothing_of_is_inside_is_left_out(x: tuple[float, float], y: tuple[float, float], *, kept: bool) -> None:
    points = np.zeros((1, 17, 2), np.float32)
    points[0, :] = (x[0], y[0])
    points[0, 5] = (x[1], y[1])
    found = _read(np.array([[-3, 2]], np.float32), points, (10, 20), 0.5)
    boxes = [[20 * x[0], 10 * y[0], min(20 * x[1], 20), 10 * y[1]]] if kept else []
    assert np.allclose(found.xyxy, np.array(boxes).reshape(-1, 4))


def test_a_point_on_the_border_has_no_endless_place() -> None:
    shares = torch.tensor([-0.1, 0.0, 0.0005, 0.25, 1.0])
    expected = np.log(np.array([1e-3, 1e-3, 1e-3 / 0.9995, 1 / 3, 1e3]))
    assert np.allclose(_inverse_sigmoid(shares).numpy(), expected, atol=1e-5)


def test_averaged_weights_go_before_the_last_ones(tmp_path: Path) -> None:
    last = {name: torch.zeros_like(tensor) for name, tensor in tensors().items()}
    model = load(tmp_path, {"model": last, "ema": {"module": tensors(), "updates": 7}, "last_epoch": 3})
    assert np.abs(model.predict([picture(*TALL)], threshold=0)[0].confidence - SCORES[TALL]).max() < 1e-5


def test_each_published_tensor_has_its_place() -> None:
    published = tensors()
    names = [rename(name) for name in published]
    assert [n for n, own in zip(published, names, strict=True) if own is None] == [
        "transformer.label_enc.weight",
        "transformer.pose_enc.weight",
    ]
    kept = [name for name in names if name is not None]
    assert len(set(kept)) == len(kept)
    inner = parted({own: published[name] for name, own in zip(published, names, strict=True) if own is not None})
    assert {n: t.shape for n, t in build(inner).state_dict().items()} == {n: t.shape for n, t in inner.items()}
    heads = [n for n in kept if n not in inner]
    assert {n.split(".")[1] for n in heads} == {"class_embed", "lqe_embed"}
    assert torch.equal(inner["decoder.class_embed.weight"], published["transformer.class_embed.2.weight"])


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({n: t for n, t in tensors().items() if "pre_pose_embed.layers.2" not in n}, "lacks 2, like decoder.pre_pose"),
        (tensors() | {"transformer.more": torch.zeros(1)}, "has 1 more, like decoder.more"),
        (tensors() | {"transformer.anchors": torch.zeros(1, 9, 2)}, "of another shape, like decoder.valid_mask"),
        ({n: t for n, t in tensors().items() if "tgt_embed" not in n}, "no weights of a DETRPose"),
        ({"stem.weight": torch.zeros(3)}, "no weights of a DETRPose"),
        ({n: t for n, t in tensors().items() if "input_proj" not in n}, "encoder.input_proj.0"),
        (tensors(classes=3), "got 3 and 17"),
    ],
)
def test_other_weights_are_refused(held: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(Mismatch, match=said):
        load(tmp_path, {"model": held})


def test_a_pickle_needs_leave(tmp_path: Path) -> None:
    options = make(tmp_path, NAME)
    with pytest.raises(Refused, match="pickle=True"):
        ocella.load(NAME, device="cpu", weights=options["weights"])


def test_what_it_does_not_take_is_refused(model: DetrPoseKeypoints) -> None:
    with pytest.raises(Mismatch, match="without boxes"):
        model.predict([picture(30, 30)], [np.zeros((1, 4), np.float32)])
    with pytest.raises(InvalidValue, match=r"0\.\.1"):
        model.predict([picture(30, 30)], threshold=1.5)
