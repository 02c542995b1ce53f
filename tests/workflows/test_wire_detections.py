"""Objects to JSON and back: nothing is lost, and what other servers send is read."""

import json
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from ocella.errors import InvalidValue
from ocella.types import COCO_PERSON, Detections, Keypoints, Masks, Origin
from ocella.types.arrays import same_arrays
from ocella.workflows.wire_detections import detection_ids, read_detections, write_detections

HEIGHT, WIDTH = 24, 32


def through_json(found: Detections, **options: Any) -> Detections:
    return read_detections(json.loads(json.dumps(write_detections(found, **options), allow_nan=False)))


@st.composite
def sets(draw: st.DrawFn) -> Detections:
    n = draw(st.integers(0, 4))
    seed = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    corners = np.sort(seed.uniform(0, 1, (n, 2, 2)), axis=1) * (WIDTH, HEIGHT)
    xyxy = corners.reshape(n, 4).astype(np.float32)
    scores = seed.random((n, 18)).astype(np.float32)
    classes = draw(st.sampled_from([("cat",), ("cat", "dog", "cup"), ("a b", "ü")]))
    points = Keypoints(
        seed.uniform(0, 9, (n, 17, 2)).astype(np.float32), scores[:, 1:], seed.random((n, 17)) > 0.5, COCO_PERSON
    )
    columns = {
        "time_in_zone": seed.random(n),
        "count": seed.integers(0, 9, n),
        "ok": seed.random(n) > 0.5,
        "name": np.array([f"n{i}" for i in range(n)], np.str_),
        "width": seed.random(n),
        "confidence": seed.random(n),
        "velocity": seed.random((n, 2)),
        "detection_id": np.array([f"id{i}" for i in range(n)], np.str_),
    }
    data = {name: c for name, c in columns.items() if n and draw(st.booleans())}
    crop = Origin("photo.jpg", (5.0, 2.5), (0.5, 0.25), (480, 640))
    return Detections(
        xyxy,
        scores[:, 0],
        seed.integers(0, len(classes), n),
        classes,
        Masks.from_dense(seed.random((n, HEIGHT, WIDTH)) > 0.5) if draw(st.booleans()) else None,
        points if draw(st.booleans()) else None,
        np.arange(n) if n and draw(st.booleans()) else None,
        data,
        draw(st.sampled_from([None, Origin("photo.jpg"), crop])),
        draw(st.sampled_from([None, (HEIGHT, WIDTH)])),
    )


@settings(max_examples=50)
@given(sets())
def test_nothing_is_lost(found: Detections) -> None:
    back = through_json(found)
    assert np.abs(back.xyxy - found.xyxy).max(initial=0) < 1e-3
    assert np.array_equal(back.confidence, found.confidence)
    assert (back.classes, back.origin, back.size_hw) == (found.classes, found.origin, found.size_hw)
    assert np.array_equal(back.class_id, found.class_id)
    assert back.masks == found.masks
    assert back.keypoints == found.keypoints
    assert same_arrays(back.track_id, found.track_id)
    assert set(back.data) - {"detection_id"} == set(found.data) - {"detection_id"}
    for name in set(found.data) - {"detection_id"}:
        assert np.array_equal(back.data[name], found.data[name])
    assert detection_ids(back) == detection_ids(found)


def ring() -> Detections:
    """A square with a hole, and a part of its own."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[4:16, 4:16] = True
    mask[8:12, 8:12] = False
    mask[20:22, 26:30] = True
    return Detections(
        np.array([[4, 4, 30, 22]]), np.array([0.5]), np.array([0]), ("ring",), masks=Masks.from_dense(mask[None]),
        size_hw=(HEIGHT, WIDTH),
    )  # fmt: skip


def test_holes_and_parts_survive_as_run_lengths() -> None:
    found = ring()
    assert found.masks is not None
    assert through_json(found, masks="rle").masks == found.masks
    packed = write_detections(found)["predictions"][0]["rle_mask"]
    dense = np.asfortranarray(found.masks.dense()[0].astype(np.uint8))
    assert packed == {"size": [HEIGHT, WIDTH], "counts": coco.encode(dense)["counts"].decode()}


def test_points_are_the_largest_part_without_holes() -> None:
    found = ring()
    rows = write_detections(found, "points")["predictions"][0]
    assert "rle_mask" not in rows
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(canvas, [np.array([[p["x"], p["y"]] for p in rows["points"]], np.int32)], (1,))
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[4:16, 4:16] = True
    assert np.array_equal(canvas > 0, expected)
    back = through_json(found, masks="points")
    assert back.masks is not None
    assert np.array_equal(back.masks.dense()[0], expected)


def test_an_empty_set_keeps_size_classes_and_origin() -> None:
    found = Detections.empty(("cat", "dog")).replace(origin=Origin("a", (3.0, 0.0), root_hw=(9, 9)), size_hw=(5, 7))
    written = write_detections(found)
    assert written["image"] == {"width": 7, "height": 5}
    assert written["predictions"] == []
    assert through_json(found) == found


SENT: dict[str, Any] = {
    "image": {"width": 640, "height": 480},
    "predictions": [
        {"x": 100.0, "y": 60.0, "width": 40.0, "height": 20.0, "confidence": 0.75, "class": "dog", "class_id": 2},
        {
            "x": 10,
            "y": 10,
            "width": 4,
            "height": 4,
            "confidence": 0.5,
            "class": "cat",
            "class_id": 0,
            "detection_id": "x",
        },
    ],
}


def test_a_response_of_another_server_is_read() -> None:
    found = read_detections(SENT)
    assert found.xyxy.tolist() == [[80, 50, 120, 70], [8, 8, 12, 12]]
    assert found.names == ["dog", "cat"]
    assert found.classes == ("cat", "class_1", "dog")
    assert found.class_id.tolist() == [2, 0]
    assert found.size_hw == (480, 640)
    assert found.origin is None


def test_names_count_where_ids_contradict_them() -> None:
    rows = [{**SENT["predictions"][0], "class": name, "class_id": i} for name, i in (("A", 0), ("B", 0), ("C", 2**62))]
    found = read_detections({"image": {}, "predictions": rows})
    assert found.names == ["A", "B", "C"]
    assert found.classes == ("A", "B", "C")


def test_points_and_keypoints_of_another_server_are_read() -> None:
    square = [{"x": x, "y": y} for x, y in ((2, 2), (6, 2), (6, 5), (2, 5))]
    points = [{"x": 3.0, "y": 4.0, "confidence": 0.5, "class_id": 1, "class": "tail"}]
    row = {**SENT["predictions"][0], "points": square, "keypoints": points}
    found = read_detections({"image": {"width": 10, "height": 8}, "predictions": [row]})
    assert found.masks is not None
    assert found.masks.area.tolist() == [5 * 4]
    assert found.keypoints is not None
    assert found.keypoints.skeleton.names == ("point_0", "tail")
    assert found.keypoints.xy[0].tolist() == [[0, 0], [3, 4]]
    assert found.keypoints.visible.tolist() == [[False, True]]


def test_the_sides_of_a_turned_rectangle_take_the_place_of_the_boxs() -> None:
    data = {"width": np.array([5.0]), "height": np.array([2.0]), "angle": np.array([30.0])}
    found = Detections(np.array([[1, 1, 9, 7]]), np.array([1.0]), np.array([0]), ("a",), data=data)
    row = write_detections(found)["predictions"][0]
    assert (row["width"], row["height"], row["angle"], row["box"]) == (5.0, 2.0, 30.0, [1, 1, 9, 7])
    assert through_json(found).xyxy.tolist() == [[1, 1, 9, 7]]


def test_names_of_objects_are_made_from_what_they_are() -> None:
    found = read_detections(SENT).replace(data={})
    names = detection_ids(found)
    assert names == detection_ids(found)
    assert len(set(detection_ids(Detections.concatenate([found, found])))) == 4
    assert detection_ids(found[[1]]) == names[1:]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (3, "expected detections, got int"),
        ({"image": {}}, '"predictions"'),
        ({"predictions": [{"x": 1, "y": 1, "width": "a", "height": 1}]}, r"predictions\[0\].width must be a number"),
        ({"predictions": [{"x": 1, "y": 1, "width": -1, "height": 1}]}, "at least 0"),
        ({"predictions": [{**SENT["predictions"][0], "points": []}]}, "image's width and height"),
        (
            {"image": {"width": 4, "height": 4}, "predictions": [{**SENT["predictions"][0], "points": []}, SENT["predictions"][1]]},
            r"predictions\[1\] has neither rle_mask nor points",
        ),
        ({"predictions": [{**SENT["predictions"][0], "rle_mask": {"size": [2, 2], "counts": "1"}}]}, "add up to 4"),
        ({"predictions": [{**SENT["predictions"][0], "tracker_id": 1}, SENT["predictions"][1]]}, "has no tracker_id"),
        ({"predictions": [SENT["predictions"][0]], "parent_origin": {"offset_x": "a"}}, "expected an origin"),
    ],
)  # fmt: skip
def test_a_wrong_form_is_told_by_row(value: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        read_detections(value)
