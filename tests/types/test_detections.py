import dataclasses
import json
import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import supervision
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue, Mismatch
from ocella.types import COCO_PERSON, Detections, Keypoints, Masks, Skeleton

CLASSES = ("cat", "dog")


def make(n: int, seed: int = 0, *, full: bool = True, size_hw: tuple[int, int] = (6, 5)) -> Detections:
    random = np.random.default_rng(seed)
    corners = random.random((n, 2, 2)) * 100
    points = random.random((n, 17)).astype(np.float32)
    columns: dict[str, Any] = {}
    if full:
        columns = {
            "masks": Masks.from_dense(random.random((n, *size_hw)) < 0.5),
            "keypoints": Keypoints(random.random((n, 17, 2)).astype(np.float32), points, points > 0.5, COCO_PERSON),
            "track_id": random.integers(0, 99, n),
            "data": {"iscrowd": random.random(n) < 0.5, "note": np.array([f"n{i}" for i in range(n)], "<U9")},
        }
    return Detections(
        np.sort(corners, axis=1).reshape(n, 4).astype(np.float32),
        random.random(n).astype(np.float32),
        random.integers(0, 2, n),
        CLASSES,
        **columns,
    )


def made_of(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...] = CLASSES, **columns: Any
) -> Detections:
    """Whatever people hand in."""
    return Detections(xyxy, confidence, class_id, classes, **columns)


BOX = [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (([BOX] * 2, [0.5] * 3, [0] * 2), r"confidence must have shape \(2,\), got \(3,\)"),
        (([BOX] * 2, [0.5] * 2, [0]), r"class_id must have shape \(2,\), got \(1,\)"),
        (([[0, 0, 1]], [0.5], [0]), r"xyxy must have shape \(n, 4\), got \(1, 3\)"),
        ((BOX, [0.5], [0]), r"xyxy must have shape \(n, 4\), got \(4,\)"),
        (([[0, 5, 1, 1]], [0.5], [0]), r"x1 <= x2 and y1 <= y2, got \[0.0, 5.0, 1.0, 1.0\]"),
        (([[0, 0, float("nan"), 1]], [0.5], [0]), "xyxy must be finite"),
        (([BOX], [float("inf")], [0]), "confidence must be finite"),
        (([BOX], [0.5], [2]), "class_id must point into 2 classes, got 2"),
        (([BOX], [0.5], [-1]), "class_id must point into 2 classes, got -1"),
        (([BOX], [1.5], [0]), "confidence must be within 0..1, got 1.5"),
        (([BOX], [-0.1], [0]), "confidence must be within 0..1, got -0.1"),
        (([BOX], ["high"], [0]), "confidence must be numbers of type float32, got list"),
        (([BOX], [0.5], [0.7]), "class_id must be whole numbers"),
    ],
)
def test_refused(values: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        made_of(*values)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"masks": Masks.empty((3, 3))}, "masks must have 1 rows, one a detection, got 0"),
        ({"keypoints": Keypoints.empty(COCO_PERSON)}, "keypoints must have 1 rows"),
        ({"track_id": [1, 2]}, r"track_id must have shape \(1,\), got \(2,\)"),
        ({"data": {"iscrowd": np.array([True, False])}}, "iscrowd must have 1 rows"),
    ],
)
def test_columns_refused(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        made_of([BOX], [0.5], [0], **columns)


def test_lists_become_arrays_of_one_type() -> None:
    found = made_of([BOX], [1], [0], track_id=[4])
    assert found.track_id is not None
    assert [a.dtype for a in (found.xyxy, found.confidence, found.class_id, found.track_id)] == [
        np.float32,
        np.float32,
        np.int64,
        np.int64,
    ]


def test_frozen_and_read_only() -> None:
    found = make(2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.classes = ("bird",)  # type: ignore[misc]
    for array in (found.xyxy, found.confidence, found.class_id, found.track_id, *found.data.values()):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(TypeError):
        found.data["x"] = np.zeros(2)  # type: ignore[index]
    with pytest.raises(TypeError, match="unhashable"):
        hash(found)


def test_no_copy_of_arrays_that_fit_and_the_owner_may_still_write() -> None:
    xyxy = np.zeros((3, 4), np.float32)
    found = made_of(xyxy, np.zeros(3, np.float32), np.zeros(3, np.int64))
    assert np.shares_memory(found.xyxy, xyxy)
    assert xyxy.flags.writeable


@pytest.mark.parametrize(
    ("index", "rows"),
    [
        (0, [0]),
        (-1, [4]),
        (np.int64(2), [2]),
        (slice(1, 3), [1, 2]),
        (slice(None, None, -1), [4, 3, 2, 1, 0]),
        ([3, 0, 0], [3, 0, 0]),
        ([], []),
        (np.array([True, False, True, False, False]), [0, 2]),
        ([True, False, True, False, False], [0, 2]),
        (np.zeros(5, bool), []),
        (np.array([4, 1]), [4, 1]),
    ],
)
def test_indexing_takes_every_column_along(index: Any, rows: list[int]) -> None:
    found = make(5)
    part = found[index]
    assert found.masks is not None
    assert found.keypoints is not None
    assert found.track_id is not None
    assert part.keypoints is not None
    assert part.masks == Masks.from_dense(found.masks.dense()[rows])
    assert (part.xyxy == found.xyxy[rows]).all()
    assert (part.confidence == found.confidence[rows]).all()
    assert (part.class_id == found.class_id[rows]).all()
    assert (part.keypoints.xy == found.keypoints.xy[rows]).all()
    assert part.track_id is not None
    assert (part.track_id == found.track_id[rows]).all()
    assert all((part.data[k] == found.data[k][rows]).all() for k in found.data)
    assert part.classes == CLASSES


def test_indices_beyond_the_end() -> None:
    with pytest.raises(IndexError):
        make(2)[2]


def test_names_area_and_replace() -> None:
    found = made_of([[0, 0, 2, 3], [1, 1, 1, 4]], [0.5, 1], [1, 0])
    assert found.names == ["dog", "cat"]
    assert found.area.tolist() == [6, 0]
    assert found.replace(classes=("x", "y")).names == ["y", "x"]
    with pytest.raises(InvalidValue, match=r"shape \(2,\)"):
        found.replace(confidence=np.zeros(1, np.float32))


def test_nothing_found_keeps_the_classes() -> None:
    none = Detections.empty(CLASSES)
    assert (len(none), none.classes, none.names) == (0, CLASSES, [])
    assert make(3)[[]].classes == CLASSES
    assert Detections.from_json(none.to_json()) == none


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_json_comes_back_bit_for_bit(n: int, full: bool) -> None:  # noqa: FBT001  # a table's column
    found = make(n, full=full)
    assert Detections.from_json(json.loads(json.dumps(found.to_json()))) == found


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=2), st.floats(0, 1, width=32))
def test_json_of_any_number(corner: list[float], confidence: float) -> None:
    found = made_of([[*corner, *corner]], [confidence], [1])
    assert Detections.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_concatenate() -> None:
    a, b = make(3, 1), make(2, 2)
    joined = Detections.concatenate([a, Detections.empty(CLASSES), b])
    assert joined[:3] == a
    assert joined[3:] == b


def test_concatenate_drops_columns_that_are_not_on_every_part() -> None:
    joined = Detections.concatenate([make(3, 1), make(2, 2, full=False)])
    assert (joined.masks, joined.keypoints, joined.track_id, dict(joined.data)) == (None, None, None, {})
    assert len(joined) == 5


def test_concatenate_of_nothing() -> None:
    assert len(Detections.concatenate([])) == 0
    assert Detections.concatenate([Detections.empty(CLASSES)] * 2) == Detections.empty(CLASSES)


def test_concatenate_refuses_what_does_not_belong_together() -> None:
    with pytest.raises(Mismatch, match="different classes"):
        Detections.concatenate([make(1), Detections.empty(("bird",))])
    with pytest.raises(Mismatch, match="different image sizes"):
        Detections.concatenate([make(1), make(1, size_hw=(9, 9))])
    other = Keypoints.empty(Skeleton(("tip",)))
    row = make(1, full=False)
    point = np.zeros((1, 1), np.float32)
    with pytest.raises(Mismatch, match="different skeletons"):
        Detections.concatenate(
            [
                make(1),
                row.replace(keypoints=Keypoints(np.zeros((1, 1, 2), np.float32), point, point > 0, other.skeleton)),
            ]
        )


def test_equality_sees_every_field() -> None:
    found = make(2)
    assert found == make(2)
    assert found.masks is not None
    assert found.keypoints is not None
    changes: list[dict[str, Any]] = [
        {"xyxy": found.xyxy + 1},
        {"confidence": found.confidence / 2},
        {"class_id": 1 - found.class_id},
        {"classes": ("a", "b")},
        {"masks": None},
        {"masks": found.masks[::-1]},
        {"keypoints": found.keypoints[::-1]},
        {"track_id": None},
        {"data": {}},
        {"data": {**found.data, "iscrowd": ~found.data["iscrowd"]}},
    ]
    for change in changes:
        assert found.replace(**change) != found, change


def test_supervision_and_back() -> None:
    found = make(4).replace(keypoints=None)
    there = found.to_supervision()
    assert isinstance(there, supervision.Detections)
    assert there.data["class_name"].tolist() == found.names
    assert Detections.from_supervision(there) == found


@pytest.mark.parametrize("full", [True, False])
def test_supervision_and_back_with_nothing(full: bool) -> None:  # noqa: FBT001  # a table's column
    found = make(0, full=full).replace(keypoints=None)
    assert Detections.from_supervision(found.to_supervision()) == found


def test_supervision_shares_memory_both_ways() -> None:
    found = make(3)
    there = found.to_supervision()
    back = Detections.from_supervision(there)
    for name, other in (
        ("xyxy", "xyxy"),
        ("confidence", "confidence"),
        ("class_id", "class_id"),
        ("track_id", "tracker_id"),
    ):
        assert np.shares_memory(getattr(found, name), getattr(there, other)), name
        assert np.shares_memory(getattr(found, name), getattr(back, name)), name
    assert np.shares_memory(there.data["iscrowd"], found.data["iscrowd"])


def test_supervision_without_names_or_scores() -> None:
    there = supervision.Detections(xyxy=np.array([[0, 0, 5, 5]], np.float32), class_id=np.array([2]))
    assert Detections.from_supervision(there).classes == ("class_0", "class_1", "class_2")
    assert Detections.from_supervision(there, ("a", "b", "c")).names == ["c"]
    assert Detections.from_supervision(there).confidence.tolist() == [1]
    there.data["class_name"] = np.array(["cup"])
    assert Detections.from_supervision(there).names == ["cup"]
    assert len(Detections.from_supervision(supervision.Detections.empty(), ("a",))) == 0


def test_supervision_annotators_draw_ours() -> None:
    found = made_of([[5, 5, 20, 20]], [0.5], [1])
    scene: npt.NDArray[np.uint8] = np.zeros((40, 40, 3), np.uint8)
    drawn = supervision.BoxAnnotator().annotate(scene.copy(), found.to_supervision())
    assert drawn.any()


def test_values_load_no_heavy_library() -> None:
    heavy = ("torch", "cv2", "PIL", "onnxruntime", "supervision")
    code = f"import sys, ocella.types; sys.exit([m for m in {heavy!r} if m in sys.modules] or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
