from typing import Any

import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.ops.crop import to_root
from ocella.types import Detections, Image, Keypoints, Masks, Moment, Origin, Skeleton
from ocella.workflows.compile import compile_workflow
from ocella.workflows.run import Session

PIXELS = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
IMAGE = Image(PIXELS, Origin("photo"), Moment("cam", 3, 0.3))


def objects(*boxes: list[float]) -> Detections:
    n = len(boxes)
    found = Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.linspace(0.9, 0.5, n, dtype=np.float32),
        np.arange(n) % 2,
        ("cat", "dog"),
        track_id=np.arange(n) + 10,
        data={"note": np.array([f"n{i}" for i in range(n)])},
    )
    return found.on(IMAGE)


def cut(found: Detections, name: str = "dynamic_crop", **fields: Any) -> tuple[list[Image], list[Detections]]:
    out = run_step(name, {"image": IMAGE, "predictions": found}, **fields)
    crops, inside = [o["crops"] for o in out], [o["predictions"] for o in out]
    return crops, inside


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        ([10, 20, 30, 50], (20, 50), (10, 30)),
        ([10.6, 20.2, 29.1, 49.9], (20, 50), (11, 29)),  # rounded
        ([-5, -5, 12, 7], (0, 7), (0, 12)),
        ([70, 50, 100, 90], (50, 60), (70, 80)),
        ([5, 5, 5.2, 5.2], (5, 6), (5, 6)),
    ],
)
@pytest.mark.parametrize("name", ["roboflow_core/dynamic_crop@v1", "DynamicCrop", "Crop"])
def test_pixels(name: str, box: list[float], rows: tuple[int, int], columns: tuple[int, int]) -> None:
    ((crop,), (inside,)) = cut(objects(box), name)
    assert (crop.pixels == PIXELS[slice(*rows), slice(*columns)]).all()
    assert crop.moment == IMAGE.moment
    assert list(crop.origin.offset_xy) == [columns[0], rows[0]]
    clipped = np.minimum(np.maximum(box, 0), [80, 60, 80, 60])
    wanted = np.clip(clipped - np.array([columns[0], rows[0]] * 2), 0, [crop.width, crop.height] * 2)
    assert inside.xyxy[0].tolist() == pytest.approx(wanted.tolist(), abs=1e-4)
    assert inside.size_hw == crop.size_hw


def test_the_way_back_to_the_image() -> None:
    found = objects([10.5, 20.25, 29, 49])
    ((crop,), (inside,)) = cut(found)
    assert to_root(inside, crop.origin).xyxy == pytest.approx(found.xyxy)


def test_order_and_what_objects_carry() -> None:
    found = objects([0, 0, 9, 9], [5, 5, 5, 20], [90, 0, 99, 9], [20, 20, 40, 40])
    crops, inside = cut(found)  # one is without area, one wholly outside
    assert [crop.size_hw for crop in crops] == [(9, 9), (20, 20)]
    assert [i.track_id.tolist() for i in inside if i.track_id is not None] == [[10], [13]]
    assert [i.names for i in inside] == [["cat"], ["dog"]]
    assert [i.data["note"].tolist() for i in inside] == [["n0"], ["n3"]]
    assert [float(i.confidence[0]) for i in inside] == pytest.approx([0.9, 0.5])


def test_masks_and_keypoints_move_with_the_crop() -> None:
    dense = np.zeros((1, 60, 80), bool)
    dense[0, 25:40, 15:25] = True
    points = Keypoints(
        np.array([[[12, 22], [30, 50]]], np.float32),
        np.ones((1, 2), np.float32),
        np.ones((1, 2), bool),
        Skeleton(("a", "b")),
    )
    found = objects([10, 20, 30, 50]).replace(masks=Masks.from_dense(dense), keypoints=points)
    (_, (inside,)) = cut(found)
    assert inside.masks is not None
    assert (inside.masks.dense() == dense[:, 20:50, 10:30]).all()
    assert inside.keypoints is not None
    assert inside.keypoints.xy.tolist() == [[[2, 2], [20, 30]]]


@pytest.mark.parametrize(
    ("opacity", "color", "outside"),
    [
        (1.0, "#ff8000", lambda p: np.broadcast_to([255, 128, 0], p.shape)),
        (1.0, [1, 2, 3], lambda p: np.broadcast_to([1, 2, 3], p.shape)),
        (0.25, "(100, 100, 100)", lambda p: np.rint(p * 0.75 + 25)),
        (0.0, "#ffffff", lambda p: p),
    ],
)
def test_what_is_around_the_object_fades(opacity: float, color: Any, outside: Any) -> None:
    dense = np.zeros((1, 60, 80), bool)
    dense[0, 25:40, 15:25] = True
    found = objects([10, 20, 30, 50]).replace(masks=Masks.from_dense(dense))
    ((crop,), _) = cut(found, mask_opacity=opacity, background_color=color)
    part, mask = PIXELS[20:50, 10:30].astype(np.float32), dense[0, 20:50, 10:30]
    assert (crop.pixels[mask] == part[mask]).all()
    assert (crop.pixels[~mask] == outside(part)[~mask]).all()
    assert (IMAGE.pixels == PIXELS).all()


def test_without_masks_nothing_fades() -> None:
    ((crop,), _) = cut(objects([10, 20, 30, 50]), mask_opacity=1.0)
    assert (crop.pixels == PIXELS[20:50, 10:30]).all()


def test_nothing_found() -> None:
    assert cut(Detections.empty(("cat",))) == ([], [])


def test_only_the_crops_are_asked_for_and_each_image_has_its_own() -> None:
    definition = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowBatchInput", "name": "found", "kind": ["object_detection_prediction"]},
        ],
        "steps": [{"type": "Crop", "name": "cut", "images": "$inputs.image", "predictions": "$inputs.found"}],
        "outputs": [{"type": "JsonField", "name": "crops", "selector": "$steps.cut.crops"}],
    }
    found = [objects([0, 0, 9, 9]), Detections.empty(("cat",)), objects([0, 0, 9, 9], [1, 1, 5, 4])]
    result = Session(compile_workflow(definition)).run({"image": [IMAGE] * 3, "found": found})
    assert [[c.size_hw for c in row["crops"]] for row in result] == [[(9, 9)], [], [(9, 9), (3, 4)]]


def test_wrong_fields() -> None:
    with pytest.raises(InvalidWorkflow, match=r"mask_opacity.*less than or equal to 1"):
        cut(objects([0, 0, 9, 9]), mask_opacity=2)
    found = objects([0, 0, 9, 9]).replace(masks=Masks.from_dense(np.zeros((1, 60, 80), bool)))
    with pytest.raises(InvalidValue, match="A colour must be like"):
        cut(found, mask_opacity=1.0, background_color="mauve-ish")
