"""Operations on objects: hand counts, supervision where it does the same, and properties of sets."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocella.errors import InvalidValue
from ocella.types import Detections, Keypoints, Masks
from ocella.types.keypoints import Skeleton
from ocella.workflows.query import Operations
from ocella.workflows.query.rows import PROPERTIES
from ocella.workflows.wire_detections import read_detections

THREE = Detections(
    np.array([[0, 0, 10, 10], [20, 5, 25, 25], [2, 2, 5, 6]], np.float32),
    np.array([0.5, 0.75, 0.25], np.float32),
    np.array([0, 1, 1]),
    ("car", "wheel", "bus"),
    track_id=np.array([7, 8, 9]),
    data={"time_in_zone": np.array([1.5, 0.0, 3.0]), "velocity": np.array([[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]])},
    size_hw=(30, 40),
)
NONE = Detections.empty(("car", "wheel"))


def apply(name: str, value: Any, parameters: Any = None, **fields: Any) -> Any:
    return Operations([{"type": name, **fields}])(value, parameters)


def where(name: str, comparator: str, value: Any, *, negate: bool = False) -> dict[str, Any]:
    operations = [{"type": "ExtractDetectionProperty", "property_name": name}]
    return {
        "type": "StatementGroup",
        "statements": [
            {
                "type": "BinaryStatement",
                "left_operand": {"type": "DynamicOperand", "operations": operations},
                "comparator": {"type": comparator},
                "right_operand": {"type": "StaticOperand", "value": value},
                "negate": negate,
            }
        ],
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("confidence", [0.5, 0.75, 0.25]),
        ("class_name", ["car", "wheel", "wheel"]),
        ("class_id", [0, 1, 1]),
        ("x_min", [0, 20, 2]),
        ("y_min", [0, 5, 2]),
        ("x_max", [10, 25, 5]),
        ("y_max", [10, 25, 6]),
        ("size", [100, 100, 12]),
        ("width", [10, 5, 3]),
        ("height", [10, 20, 4]),
        ("center", [[5, 5], [22, 15], [4, 4]]),  # 22.5 and 3.5 go to the even one
        ("top_left", [[0, 0], [20, 5], [2, 2]]),
        ("top_right", [[10, 0], [25, 5], [5, 2]]),
        ("bottom_left", [[0, 10], [20, 25], [2, 6]]),
        ("bottom_right", [[10, 10], [25, 25], [5, 6]]),
        ("tracker_id", [7, 8, 9]),
        ("time_in_zone", [1.5, 0.0, 3.0]),
        ("velocity", [[1, 2], [0, 0], [3, 4]]),
        ("image_dimensions", [[30, 40]] * 3),
        ("prediction_type", ["object-detection"] * 3),
        ("path_deviation", [None] * 3),
        ("polygon", [None] * 3),
        ("angle", [None] * 3),
        ("keypoints_xy", [None] * 3),
    ],
)
def test_a_property_of_all_objects(name: str, expected: list[Any]) -> None:
    assert apply("DetectionsPropertyExtract", THREE, property_name=name) == expected


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_of_nothing_is_an_empty_list(name: str) -> None:
    assert apply("DetectionsPropertyExtract", NONE, property_name=name) == []


@pytest.mark.parametrize("name", [n for n in PROPERTIES if n != "center"])
def test_a_property_of_one_object_is_that_of_all_at_its_place(name: str) -> None:
    every = apply("DetectionsPropertyExtract", THREE, property_name=name)
    for i in range(3):
        found = apply("ExtractDetectionProperty", THREE[i], property_name=name)
        assert (list(found) if isinstance(found, tuple) else found) == every[i]


def test_the_centre_of_one_object_is_not_rounded() -> None:
    assert apply("ExtractDetectionProperty", THREE[1], property_name="center") == (22.5, 15.0)


def test_a_property_of_one_object_needs_one_object() -> None:
    with pytest.raises(InvalidValue, match="ExtractDetectionProperty expected one object, got 3"):
        apply("ExtractDetectionProperty", THREE, property_name="center")


def test_masks_and_keypoints_are_properties_too() -> None:
    dense = np.zeros((1, 8, 8), bool)
    dense[0, 2:4, 1:5] = True
    dense[0, 7, 7] = True
    points = Keypoints(
        np.array([[[1, 2]]], np.float32), np.ones((1, 1), np.float32), np.ones((1, 1), bool), Skeleton(("nose",))
    )
    found = THREE[0].replace(masks=Masks.from_dense(dense), keypoints=points)
    (ring,) = apply("DetectionsPropertyExtract", found, property_name="polygon")
    assert sorted(map(tuple, ring)) == [(1, 2), (1, 4), (5, 2), (5, 4)]
    assert apply("DetectionsPropertyExtract", found, property_name="keypoints_xy") == [[[1, 2]]]
    assert apply("DetectionsPropertyExtract", found, property_name="prediction_type") == ["instance-segmentation"]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (where("confidence", "(Number) >=", 0.5), [0, 1]),
        (where("confidence", "(Number) >=", 0.5, negate=True), [2]),
        (where("class_name", "in (Sequence)", ["wheel", "bus"]), [1, 2]),
        (where("class_name", "==", "car"), [0]),
        (where("time_in_zone", "(Number) >", 1), [0, 2]),
        (where("path_deviation", "(Number) >", 1), []),
        (where("center", "(Detection) in zone", [[0, 0], [12, 0], [12, 12], [0, 12]]), [0, 2]),
        (where("confidence", "(Number) in range", [0.25, 0.5]), [0, 2]),
    ],
)
def test_a_filter_keeps_what_its_condition_holds_for(condition: dict[str, Any], kept: list[int]) -> None:
    assert apply("DetectionsFilter", THREE, filter_operation=condition) == THREE[kept]
    empty = apply("DetectionsFilter", NONE, filter_operation=condition)
    assert len(empty) == 0
    assert empty.classes == ("car", "wheel")


def test_a_filter_knows_the_parameters_and_the_object_itself() -> None:
    statement = where("confidence", "(Number) >", None)["statements"][0]
    statement["right_operand"] = {"type": "DynamicOperand", "operand_name": "least"}
    zone = {
        "type": "BinaryStatement",
        "left_operand": {"type": "DynamicOperand"},
        "comparator": {"type": "(Detection) in zone"},
        "right_operand": {"type": "DynamicOperand", "operand_name": "yard"},
    }
    both = {"type": "StatementGroup", "operator": "and", "statements": [statement, zone]}
    parameters = {"least": 0.3, "yard": [[0, 0], [12, 0], [12, 12], [0, 12]]}
    assert apply("DetectionsFilter", THREE, parameters, filter_operation=both) == THREE[[0]]
    assert parameters == {"least": 0.3, "yard": [[0, 0], [12, 0], [12, 12], [0, 12]]}
    with pytest.raises(InvalidValue, match="asks for 'least', but its values are: '_'"):
        apply("DetectionsFilter", THREE, filter_operation=both)


PERCENT = st.integers(0, 100).map(lambda n: n / 100)


@given(st.lists(PERCENT, max_size=8), PERCENT)
def test_filtering_is_a_mask_of_numpy(scores: list[float], least: float) -> None:
    n = len(scores)
    found = Detections(
        np.tile([0, 0, 1, 1], (n, 1)).astype(np.float32), np.array(scores, np.float32), np.zeros(n, int), ("a",)
    )
    kept = apply("DetectionsFilter", found, filter_operation=where("confidence", "(Number) >", least))
    assert kept == found[np.flatnonzero(np.array(scores) > least)]  # as written, not as 32 bits


def test_offset_and_shift_by_hand() -> None:
    assert apply("DetectionsOffset", THREE, offset_x=4, offset_y=2).xyxy.tolist() == [
        [-2, -1, 12, 11],
        [18, 4, 27, 26],
        [0, 1, 7, 7],
    ]
    assert apply("DetectionsShift", THREE, shift_x=-1, shift_y=3).xyxy[0].tolist() == [-1, 3, 9, 13]


def test_an_offset_inwards_ends_at_the_centre() -> None:
    assert apply("DetectionsOffset", THREE[[0]], offset_x=-30, offset_y=0).xyxy.tolist() == [[5, 0, 5, 10]]


@pytest.mark.parametrize(
    ("mode", "row"), [("left_most", 2), ("right_most", 1), ("top_confidence", 1), ("first", 0), ("last", 2)]
)
def test_selection_by_hand(mode: str, row: int) -> None:
    assert apply("DetectionsSelection", THREE, mode=mode) == THREE[row]
    assert apply("DetectionsSelection", NONE, mode=mode) == NONE


@pytest.mark.parametrize(
    ("mode", "order"),
    [
        ("confidence", [2, 0, 1]),
        ("x_min", [0, 2, 1]),
        ("x_max", [2, 0, 1]),
        ("y_min", [0, 2, 1]),
        ("y_max", [2, 0, 1]),
        ("size", [2, 0, 1]),
        ("center_x", [2, 0, 1]),
        ("center_y", [2, 0, 1]),
    ],
)
def test_sorting_by_hand(mode: str, order: list[int]) -> None:
    assert apply("SortDetections", THREE, mode=mode) == THREE[order]
    assert apply("SortDetections", NONE, mode=mode) == NONE


def test_sorting_down_keeps_equal_ones_in_their_order() -> None:
    assert apply("SortDetections", THREE, mode="size", ascending=False) == THREE[[0, 1, 2]]


def test_picking_by_parent_keeps_what_lies_within() -> None:
    assert apply("PickDetectionsByParentClass", THREE, parent_class="car") == THREE[[0, 2]]
    assert apply("PickDetectionsByParentClass", THREE, parent_class="bus") == THREE[[]]
    assert apply("PickDetectionsByParentClass", NONE, parent_class="car") == NONE


def test_renaming_strictly_numbers_the_new_names() -> None:
    found = apply("DetectionsRename", THREE, class_map={"car": "vehicle", "wheel": "part"})
    assert (found.names, found.classes) == (["vehicle", "part", "part"], ("part", "vehicle"))
    assert found.track_id is not None
    with pytest.raises(InvalidValue, match="no name for wheel"):
        apply("DetectionsRename", THREE, class_map={"car": "vehicle"})


def test_renaming_some_lets_the_others_be() -> None:
    found = apply("DetectionsRename", THREE, class_map={"car": "vehicle"}, strict=False)
    assert found.names == ["vehicle", "wheel", "wheel"]
    assert found.class_id[1:].tolist() == [1, 1]
    assert apply("DetectionsRename", NONE, class_map={"car": "vehicle"}).classes == ("vehicle",)


def test_renaming_takes_its_map_from_a_parameter() -> None:
    parameters = {"names": {"car": "a", "wheel": "b"}, "must": True}
    found = apply("DetectionsRename", THREE, parameters, class_map="names", strict="must")
    assert found.names == ["a", "b", "b"]
    with pytest.raises(InvalidValue, match=r"'class_map' .* parameter 'nams', but there are: 'names', 'must'"):
        apply("DetectionsRename", THREE, parameters, class_map="nams")


def test_objects_become_the_response_of_a_server() -> None:
    found = apply("DetectionsToDictionary", THREE)
    assert found["image"] == {"width": 40, "height": 30}
    expected = {"x": 22.5, "y": 15.0, "width": 5.0, "height": 20.0, "confidence": 0.75, "class": "wheel", "class_id": 1}
    more = {"tracker_id": 8, "time_in_zone": 0.0, "velocity": [0.0, 0.0]}
    assert found["predictions"][1].items() >= (expected | more).items()
    empty = apply("DetectionsToDictionary", NONE)
    assert empty["predictions"] == []
    assert read_detections(found).replace(data=THREE.data) == THREE
    text = Operations([{"type": "DetectionsToDictionary"}, {"type": "ConvertDictionaryToJSON"}])(THREE)
    assert read_detections(json.loads(text)).replace(data=THREE.data) == THREE


def test_a_list_operation_goes_over_objects() -> None:
    chain = [{"type": "ExtractDetectionProperty", "property_name": "class_name"}]
    assert apply("SequenceApply", THREE, operations=chain) == ["car", "wheel", "wheel"]
    assert apply("SequenceLength", THREE) == 3


def test_boxes_as_supervision_has_them() -> None:
    sv = pytest.importorskip("supervision")
    theirs = THREE.to_supervision()
    for name, anchor in (("center", "CENTER"), ("top_left", "TOP_LEFT"), ("bottom_right", "BOTTOM_RIGHT")):
        points = theirs.get_anchors_coordinates(getattr(sv.Position, anchor)).round().astype(int).tolist()
        assert apply("DetectionsPropertyExtract", THREE, property_name=name) == points
    assert apply("DetectionsPropertyExtract", THREE, property_name="size") == theirs.box_area.tolist()


@pytest.mark.parametrize(
    "name", ["DetectionsPropertyExtract", "DetectionsToDictionary", "SortDetections", "DetectionsShift"]
)
def test_what_is_no_objects_is_refused_by_name(name: str) -> None:
    fields: dict[str, dict[str, Any]] = {
        "SortDetections": {"mode": "size"},
        "DetectionsShift": {"shift_x": 1, "shift_y": 1},
    }
    more = fields.get(name, {"property_name": "size"} if "Property" in name else {})
    with pytest.raises(InvalidValue, match=f"{name} expected object_detection_prediction"):
        apply(name, [1], **more)
