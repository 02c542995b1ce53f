from typing import Any

import cv2
import numpy as np
import pytest
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Detections, Masks

COURT = [[20, 20], [160, 30], [180, 110], [10, 100]]


def segmented(*polygons: list[list[int]]) -> Detections:
    dense = np.zeros((len(polygons), 140, 200), np.uint8)
    for canvas, polygon in zip(dense, polygons, strict=True):
        cv2.fillPoly(canvas, [np.array(polygon, np.int32)], 1)
    n = len(polygons)
    boxes = np.tile(np.array([[0, 0, 200, 140]], np.float32), (n, 1))
    masks = Masks.from_dense(dense.astype(bool))
    return Detections(boxes, np.full(n, 0.8, np.float32), np.zeros(n, np.int64), ("court",), masks)


def zone_of(polygon: list[list[int]], **fields: Any) -> Any:
    return run_step("dynamic_zone", {"predictions": segmented(polygon)}, **{"required_number_of_vertices": 4, **fields})


def corners(zone: list[list[int]]) -> list[tuple[int, ...]]:
    return sorted(map(tuple, zone))


@pytest.mark.parametrize("name", ["dynamic_zone", "roboflow_core/dynamic_zone@v1", "DynamicZone"])
def test_four_corners_of_a_court(name: str) -> None:
    out = run_step(name, {"predictions": segmented(COURT)}, required_number_of_vertices=4)
    assert list(out) == ["zones", "predictions", "simplification_converged"]
    (zone,) = out["zones"]
    assert corners(zone) == corners(COURT)
    assert out["simplification_converged"] is True
    assert out["predictions"].masks == segmented(COURT).masks
    assert out["predictions"].data["polygon"].tolist() == [zone]


def test_a_dent_goes() -> None:
    dented = [[20, 20], [100, 60], [160, 30], [180, 110], [10, 100]]
    (zone,) = zone_of(dented)["zones"]
    assert corners(zone) == corners(COURT)


def test_a_circle_as_a_regular_polygon() -> None:
    turns = np.linspace(0, 2 * np.pi, 200)
    circle = np.rint(np.column_stack([100 + 50 * np.cos(turns), 70 + 50 * np.sin(turns)])).astype(int).tolist()
    for number in (3, 4, 8):
        out = zone_of(circle, required_number_of_vertices=number)
        (zone,) = out["zones"]
        assert len(zone) == number
        assert np.linalg.norm(np.array(zone) - (100, 70), axis=1) == pytest.approx(50, abs=2)
        assert cv2.isContourConvex(np.array(zone, np.int32).reshape(-1, 1, 2)) or not out["simplification_converged"]


@pytest.mark.parametrize(("ratio", "share"), [(1.2, 1.44), (0.5, 0.25)])
def test_grown_from_the_middle(ratio: float, share: float) -> None:
    plain, grown = (np.array(zone_of(COURT, scale_ratio=r)["zones"][0], np.int32).reshape(-1, 1, 2) for r in (1, ratio))
    assert cv2.contourArea(grown) == pytest.approx(cv2.contourArea(plain) * share, rel=0.03)
    middles = [(m["m10"] / m["m00"], m["m01"] / m["m00"]) for m in map(cv2.moments, (plain, grown))]
    assert middles[0] == pytest.approx(middles[1], abs=1)


def test_sides_fitted_to_a_ragged_outline() -> None:
    square = np.zeros((140, 200), np.uint8)
    cv2.rectangle(square, (40, 30), (140, 110), 1, -1)
    square[30:34, 40:44] = 0  # a corner is broken off
    square[22:30, 88:92] = 1  # and something sticks out
    found = segmented(COURT).replace(masks=Masks.from_dense(square[None].astype(bool)))
    fields: dict[str, Any] = {"required_number_of_vertices": 4, "apply_least_squares": True, "midpoint_fraction": 0.8}
    (zone,) = run_step("dynamic_zone", {"predictions": found}, **fields)["zones"]
    wanted = np.array([[40, 30], [40, 110], [140, 30], [140, 110]])
    assert np.array(corners(zone)) == pytest.approx(wanted, abs=4)


def test_too_few_corners_are_told() -> None:
    line = [[20, 20], [120, 20]]
    out = zone_of(line)
    assert out["simplification_converged"] is False
    assert len(out["zones"][0]) == 4
    assert set(corners(out["zones"][0])) == {(20, 20), (120, 20)}


def test_nothing_empty_masks_and_no_masks() -> None:
    out = run_step("dynamic_zone", {"predictions": Detections.empty(("court",))}, required_number_of_vertices=4)
    assert (out["zones"], out["predictions"].classes, out["simplification_converged"]) == ([], ("court",), True)
    empty = segmented(COURT, COURT).replace(masks=Masks.from_dense(np.zeros((2, 140, 200), bool)))
    out = run_step("dynamic_zone", {"predictions": empty}, required_number_of_vertices=4)
    assert (out["zones"], len(out["predictions"])) == ([], 0)
    found = segmented(COURT).replace(masks=None)
    with pytest.raises(InvalidValue, match="dynamic_zone expected objects with masks"):
        run_step("dynamic_zone", {"predictions": found}, required_number_of_vertices=4)


@pytest.mark.parametrize(
    ("field", "value"), [("required_number_of_vertices", 2), ("scale_ratio", 0), ("midpoint_fraction", 2)]
)
def test_wrong_fields(field: str, value: float) -> None:
    with pytest.raises(InvalidWorkflow, match=rf"{field}.*(greater|less) than"):
        zone_of(COURT, **{field: value})
