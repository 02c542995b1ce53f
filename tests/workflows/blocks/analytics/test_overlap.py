import pytest
from tests.workflows.following import frame, tracked
from tests.workflows.running import run_step

from ocella.errors import InvalidWorkflow
from ocella.types import Detections

BENCH = [10, 10, 50, 30]
BOXES = {
    1: BENCH,
    2: [20, 0, 40, 28],  # its centre is on the bench
    3: [45, 0, 75, 40],  # overlaps with a part only
    4: [50, 0, 60, 40],  # touches
    5: [60, 0, 70, 40],
    6: [0, 0, 20, 20],  # its centre is on the bench's corner
}


@pytest.mark.parametrize(("kind", "wanted"), [("Center Overlap", [2]), ("Any Overlap", [2, 3, 4, 6])])
def test_people_on_a_bench(kind: str, wanted: list[int]) -> None:
    found = tracked(BOXES, ["bench"] + ["person"] * 5, ("person", "bench"))
    out = run_step("overlap", {"predictions": found}, overlap_class_name="bench", overlap_type=kind)["overlaps"]
    assert out.track_id.tolist() == wanted
    assert out.names == ["person"] * len(wanted)


def test_an_object_on_two_benches_comes_once() -> None:
    found = tracked({1: BENCH, 2: BENCH, 3: BENCH}, ["bench", "bench", "person"], ("person", "bench"))
    out = run_step("Overlap", {"predictions": found, "image": frame(0)}, overlap_class_name="bench")["overlaps"]
    assert out.track_id.tolist() == [3]


@pytest.mark.parametrize("found", [Detections.empty(("person",)), tracked({1: BENCH}, classes=("person",))])
def test_no_bench(found: Detections) -> None:
    out = run_step("overlap", {"predictions": found}, overlap_class_name="bench")["overlaps"]
    assert len(out) == 0
    assert out.classes == ("person",)


def test_an_unknown_kind() -> None:
    with pytest.raises(InvalidWorkflow, match=r"overlap_type.*'Center Overlap' or 'Any Overlap'"):
        run_step("overlap", {"predictions": tracked({})}, overlap_class_name="bench", overlap_type="center")
