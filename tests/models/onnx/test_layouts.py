"""Every layout of a detector's outputs, with objects worked out by hand.

Inputs have 32 x 32 pixels, so the grids of strides 8, 16 and 32 have 16 + 4 + 1 = 21 cells. The image is 128 wide and 64
high: in a letterbox it is scaled by a quarter and begins at y = 8; stretched it is scaled by a quarter across and a half
down.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.onnx_files import constant_file, info

import ocella
from ocella.errors import InvalidValue, Mismatch
from ocella.models.onnx.layout import layouts
from ocella.models.tasks import Detector
from ocella.types import Detections, Image

WIDE = Image(np.full((64, 128, 3), 90, np.uint8))
CLASSES = ("ant", "bee")
# a box of 12..20 across and 14..18 down in the letterbox is 48..80 and 24..40 in the image
ONE, ONE_BOX = (16, 16, 8, 4), (48, 24, 80, 40)
# centre (8, 20), size (4, 4): 6..10 and 18..22, so 24..40 and 40..56
TWO, TWO_BOX = (8, 20, 4, 4), (24, 40, 40, 56)
# centre (.5, .5), size (.25, .125) of the input, stretched over the image: 48..80 and 28..36
PART, PART_BOX = (0.5, 0.5, 0.25, 0.125), (48, 28, 80, 36)


def rows(count: int, width: int, **filled: Any) -> np.ndarray:
    """(1, count, width) of zeros, with the rows r0, r1, ... filled."""
    out = np.zeros((1, count, width), np.float32)
    for name, values in filled.items():
        out[0, int(name[1:])] = values
    return out


def logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def yolo() -> np.ndarray:
    """Two objects, and a second box of the first that NMS takes away: of 8 x 4 and half a pixel beside, so their overlap
    is 7.5 / 8.5 = 0.88.
    """
    return rows(21, 6, r3=(*ONE, 0.9, 0.1), r4=(16.5, 16, 8, 4, 0.8, 0.2), r9=(*TWO, 0.1, 0.7))


def yolov5(anchors: int = 3) -> np.ndarray:
    """Confidence is objectness times score: 0.9 = 0.9 * 1, 0.7 = 1 * 0.7; 0.4 * 0.5 = 0.2 is too little."""
    out = rows(21 * anchors, 7, r3=(*ONE, 0.9, 1, 0), r9=(*TWO, 1, 0, 0.7), r11=(*TWO, 0.4, 0.5, 0))
    out[0, :, 0] = np.where(out[0, :, 0] > 0, out[0, :, 0], np.linspace(0, 32, 21 * anchors))
    return out


def yolox() -> np.ndarray:
    """Cell 6 of stride 8 is column 2 of row 1. Pixels padded at the right and the bottom only, scale 1/4: the centre (16,
    8) of 8 x 4 is 12..20 and 6..10, in the image 48..80 and 24..40. Cell 16 is the first of stride 16: its box of 4 x 4
    about (8, 12) is 24..40 and 40..56.
    """
    first = (16 / 8 - 2, 8 / 8 - 1, np.log(8 / 8), np.log(4 / 8), 0.9, 1, 0)
    second = (8 / 16, 12 / 16, np.log(4 / 16), np.log(4 / 16), 1, 0, 0.7)
    return rows(21, 7, r6=first, r16=second)


def finished() -> np.ndarray:
    """x1, y1, x2, y2, confidence, class; the last row only fills the output."""
    return rows(5, 6, r0=(6, 18, 10, 22, 0.7, 1), r2=(12, 14, 20, 18, 0.9, 0))


def numbered() -> np.ndarray:
    return np.array([[0, 6, 18, 10, 22, 1, 0.7], [0, 12, 14, 20, 18, 0, 0.9]], np.float32)


def nanodet(bins: int, cells: int, side: int) -> np.ndarray:
    """Scores, then how likely each distance is of each side, in cells: sure of 0.5 here would lie between two, so the
    sides are whole.
    """
    out = np.full((1, cells, 2 + 4 * bins), -40, np.float32)
    out[..., :2] = 0
    out[0, 5, 0] = 0.9
    for i, distance in enumerate((1, 0, 1, side)):
        out[0, 5, 2 + i * bins + distance] = 40
    return out


BOTH = ((0.9, "ant", ONE_BOX), (0.7, "bee", TWO_BOX))
GOLDEN: dict[str, tuple[str, dict[str, np.ndarray], Any]] = {
    "v8 style": ("yolo", {"output0": yolo().transpose(0, 2, 1)}, BOTH),
    "v8 style turned": ("yolo", {"output0": yolo()}, BOTH),
    "v5 style": ("yolov5", {"output": yolov5()}, BOTH),
    "v5 style with its raw grids": (
        "yolov5",
        {"output": yolov5(), "grid": np.zeros((1, 3, 4, 4, 7), np.float32)},
        BOTH,
    ),
    "v6 style: one box a cell, decoded": ("yolov5", {"outputs": yolov5(1)}, BOTH),
    "YOLOX": ("yolox", {"output": yolox()}, BOTH),
    "v10 style": ("end-to-end", {"output0": finished()}, BOTH),
    "v7 style with NMS": ("end-to-end-numbered", {"output": numbered()}, BOTH),
    "mmdeploy": (
        "boxes-labels",
        {"dets": finished()[..., :5], "labels": finished()[..., 5].astype(np.int64)},
        BOTH,
    ),
    "YOLO-NAS": (
        "boxes-scores",
        {"boxes": rows(21, 4, r3=(12, 14, 20, 18), r9=(6, 18, 10, 22)), "scores": yolo()[..., 4:]},
        BOTH,
    ),
    # softmax of (log 8, 0, 0) is 8/10; the second query says no object
    "DETR": (
        "detr",
        {
            "logits": rows(2, 3, r0=(np.log(8), 0, 0), r1=(0, 0, 9)),
            "pred_boxes": rows(2, 4, r0=PART, r1=PART),
        },
        ((0.8, "ant", PART_BOX),),
    ),
    "RT-DETR": (
        "rt-detr",
        {
            "logits": rows(2, 2, r0=(logit(0.2), logit(0.6)), r1=(logit(0.9), -9)),
            "pred_boxes": rows(2, 4, r0=PART, r1=(0.25, 0.75, 0.25, 0.5)),
        },
        ((0.9, "ant", (16, 32, 48, 64)), (0.6, "bee", PART_BOX)),
    ),
    "RF-DETR": (
        "rf-detr",
        {
            "dets": rows(2, 4, r0=PART, r1=PART),
            "labels": rows(2, 3, r0=(logit(0.8), -9, -9), r1=(-9, -9, 9)),
        },
        ((0.8, "ant", PART_BOX),),
    ),
    # in input pixels, because the size of the input is handed in
    "D-FINE deployed": (
        "labels-boxes-scores",
        {
            "labels": np.array([[1, 0, 0]]),
            "boxes": rows(3, 4, r0=(12, 14, 20, 18), r1=(0, 0, 32, 32)),
            "scores": np.array([[0.8, 0.9, 0.1]], np.float32),
        },
        ((0.9, "ant", (0, 0, 128, 64)), (0.8, "bee", (48, 28, 80, 36))),
    ),
    # cell 5 of stride 8: its middle is (12, 12); one cell left and right, none up, two down: 4..20 and 12..28
    "NanoDet in one output": ("nanodet", {"output": nanodet(8, 21, 2)}, ((0.9, "ant", (16, 24, 80, 56)),)),
    # the corner (8, 8) of the same cell instead: 0..16 and 8..24; and 1 cell of stride 64
    "NanoDet-Plus": ("nanodet", {"output": nanodet(8, 22, 2)}, ((0.9, "ant", (0, 16, 64, 48)),)),
    "NanoDet-g": (
        "nanodet",
        {"scores": nanodet(11, 21, 2)[..., :2], "distances": nanodet(11, 21, 2)[..., 2:]},
        ((0.9, "ant", (16, 24, 80, 56)),),
    ),
    "NanoDet by grid": (
        "nanodet",
        {
            f"{kind}_{grid}": nanodet(8, 21, 2)[:, start:end, part]
            for kind, part in (("cls", slice(0, 2)), ("dis", slice(2, None)))
            for grid, start, end in ((32, 20, 21), (8, 0, 16), (16, 16, 20))
        },
        ((0.9, "ant", (16, 24, 80, 56)),),
    ),
}


def load(file: Path, **options: Any) -> Detector:
    model = ocella.load(str(file), **{"task": "detect", "classes": CLASSES, "device": "cpu", "threads": 1, **options})
    assert isinstance(model, Detector)
    return model


def check(found: Detections, expected: Any) -> None:
    assert found.names == [name for _, name, _ in expected]
    np.testing.assert_allclose(found.confidence, [c for c, _, _ in expected], atol=1e-6)
    np.testing.assert_allclose(found.xyxy, [box for _, _, box in expected], atol=1e-4)
    assert found.classes == CLASSES


def golden_file(folder: Path, case: str, **settings: Any) -> Path:
    layout, outputs, _ = GOLDEN[case]
    beside = [info("orig_target_sizes", np.int64, (1, 2))] if layout == "labels-boxes-scores" else []
    return constant_file(folder / "file.onnx", outputs, beside=beside, **settings)


@pytest.mark.parametrize("case", GOLDEN)
@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_file_is_recognised_and_read(tmp_path: Path, case: str, runtime: str) -> None:
    layout, _, expected = GOLDEN[case]
    model = load(golden_file(tmp_path, case), runtime=runtime)
    assert model.card.data["layout"] == layout
    check(model.predict([WIDE], threshold=0.3)[0], expected)


@pytest.mark.parametrize("case", GOLDEN)
def test_a_file_that_leaves_its_lengths_open_is_read_too(tmp_path: Path, case: str) -> None:
    layout, outputs, expected = GOLDEN[case]
    model = load(golden_file(tmp_path, case, free=tuple(outputs)))
    assert model.card.data["layout"] == layout
    check(model.predict([WIDE], threshold=0.3)[0], expected)


@pytest.mark.parametrize("case", GOLDEN)
def test_the_layout_can_be_said(tmp_path: Path, case: str) -> None:
    layout, _, expected = GOLDEN[case]
    check(load(golden_file(tmp_path, case), layout=layout).predict([WIDE], threshold=0.3)[0], expected)


@pytest.mark.parametrize("case", [c for c, (layout, _, _) in GOLDEN.items() if "end" not in layout])
def test_half_precision_gives_the_same_objects(tmp_path: Path, case: str) -> None:
    layout, outputs, expected = GOLDEN[case]
    beside = [info("orig_target_sizes", np.int64, (1, 2))] if layout == "labels-boxes-scores" else []
    halves = {k: v.astype(np.float16) if v.dtype == np.float32 else v for k, v in outputs.items()}
    file = constant_file(tmp_path / "half.onnx", halves, beside=beside, dtype=np.float16)
    (found,) = load(file).predict([WIDE], threshold=0.3)
    assert found.names == [name for _, name, _ in expected]
    np.testing.assert_allclose(found.xyxy, [box for _, _, box in expected], atol=0.1)


def test_every_layout_is_tried_here() -> None:
    tried = {layout for layout, _, _ in GOLDEN.values()}
    tried |= {"yolo-segment", "yolov5-segment", "end-to-end-segment", "yolo-pose", "end-to-end-pose", "rtmo"}  # below
    assert {layout.name for layout in layouts} == tried


# --- masks: prototypes of 8 x 8, a quarter of the input; number 0 is 1 in columns 4 to 7 and -1 in the others


def prototypes() -> np.ndarray:
    out = np.zeros((1, 32, 8, 8), np.float32)
    out[0, 0] = np.where(np.arange(8) >= 4, 1, -1)
    return out


def with_mask(head: tuple[float, ...]) -> tuple[float, ...]:
    return (*head, 1, *[0] * 31)


SEGMENTED = {
    "yolo-segment": rows(21, 38, r3=with_mask((*ONE, 0.9, 0.1))).transpose(0, 2, 1),
    "yolov5-segment": rows(63, 39, r3=with_mask((*ONE, 0.9, 1, 0))),
    "end-to-end-segment": rows(5, 38, r0=with_mask((12, 14, 20, 18, 0.9, 0))),
}


@pytest.mark.parametrize("layout", SEGMENTED)
def test_masks_are_those_of_the_prototypes_inside_the_box(tmp_path: Path, layout: str) -> None:
    """The logits change sign in the middle of the input, x = 16, which is x = 64 of the image."""
    file = constant_file(tmp_path / "file.onnx", {"output0": SEGMENTED[layout], "output1": prototypes()})
    model = load(file)
    assert model.card.data["layout"] == layout
    (found,) = model.predict([WIDE])
    check(found, BOTH[:1])
    assert found.masks is not None
    expected = np.zeros((64, 128), bool)
    expected[24:40, 64:80] = True
    np.testing.assert_array_equal(found.masks.dense()[0], expected)


def test_masks_of_rf_detr_lie_over_the_whole_input(tmp_path: Path) -> None:
    mask = np.where(np.arange(8) >= 4, 1, -1) * np.ones((1, 2, 8, 8), np.float32)
    outputs = {**GOLDEN["RF-DETR"][1], "masks": mask.astype(np.float32)}
    (found,) = load(constant_file(tmp_path / "file.onnx", outputs)).predict([WIDE])
    check(found, ((0.8, "ant", PART_BOX),))
    assert found.masks is not None
    expected = np.zeros((64, 128), bool)
    expected[28:36, 64:80] = True
    np.testing.assert_array_equal(found.masks.dense()[0], expected)


# --- points


def posed(head: tuple[float, ...]) -> tuple[float, ...]:
    """17 points: the first in the middle of the input, sure; the second outside the image, above it; the rest unsure."""
    return (*head, 16, 16, 0.9, 20, 4, 0.8, *[8, 12, 0.1] * 15)


@pytest.mark.parametrize(
    ("layout", "output"),
    [
        ("yolo-pose", rows(21, 56, r3=posed((*ONE, 0.9))).transpose(0, 2, 1)),
        ("end-to-end-pose", rows(5, 57, r0=posed((12, 14, 20, 18, 0.9, 0)))),
    ],
)
def test_points_lie_in_the_image(tmp_path: Path, layout: str, output: np.ndarray) -> None:
    model: Any = ocella.load(
        str(constant_file(tmp_path / "file.onnx", {"output0": output})), task="keypoints", threads=1
    )
    assert (model.card.data["layout"], model.card.classes) == (layout, ("person",))
    (found,) = model.predict([WIDE])
    np.testing.assert_allclose(found.xyxy, [ONE_BOX], atol=1e-4)
    points = found.keypoints
    np.testing.assert_allclose(points.xy[0, :3], [[64, 32], [80, 0], [32, 16]], atol=1e-4)
    np.testing.assert_allclose(points.confidence[0, :3], [0.9, 0.8, 0.1], atol=1e-6)
    assert points.visible[0].tolist() == [True, True] + [False] * 15
    with pytest.raises(Mismatch, match="takes no boxes"):
        model.predict([WIDE], [np.zeros((0, 4), np.float32)])


def test_rtmo_gives_boxes_and_points_apart(tmp_path: Path) -> None:
    """Padded at the right and the bottom only: 12..20 and 6..10 of the input are 48..80 and 24..40 of the image."""
    points = np.zeros((1, 2, 17, 3), np.float32)
    points[0, 1] = (16, 8, 0.9)
    dets = rows(2, 5, r1=(12, 6, 20, 10, 0.9))
    file = constant_file(tmp_path / "file.onnx", {"dets": dets, "keypoints": points})
    model: Any = ocella.load(str(file), task="keypoints", threads=1)
    assert model.card.data["layout"] == "rtmo"
    (found,) = model.predict([WIDE])
    np.testing.assert_allclose(found.xyxy, [ONE_BOX], atol=1e-4)
    np.testing.assert_allclose(found.keypoints.xy[0], [(64, 32)] * 17, atol=1e-4)


# --- what cannot be known is asked, and what does not fit is said


@pytest.mark.parametrize(
    ("output", "classes", "message"),
    [
        (
            yolo().transpose(0, 2, 1),
            ("one",),
            r"have room for 2 classes \(as layout 'yolo'\), but the list given has 1: one\.",
        ),
        (yolov5(), ("a", "b", "c"), r"have room for 2 classes \(as layout 'yolov5'\), but .* has 3: a, b, c\."),
        (np.zeros((1, 3, 3), np.float32), ("a",), r"x \(1, 3, 3\) are of no layout known for detect\. Known are "),
    ],
)
def test_outputs_that_do_not_fit_are_told_with_numbers(
    tmp_path: Path, output: np.ndarray, classes: tuple[str, ...], message: str
) -> None:
    with pytest.raises(Mismatch, match=message):
        load(constant_file(tmp_path / "file.onnx", {"x": output}), classes=classes)


def test_outputs_of_several_layouts_are_asked_for(tmp_path: Path) -> None:
    """Two outputs without telling names, one column more than classes: DETR or RF-DETR."""
    outputs = {"a": rows(2, 4, r0=PART), "b": rows(2, 3, r0=(9, -9, -9))}
    file = constant_file(tmp_path / "file.onnx", outputs)
    with pytest.raises(
        InvalidValue, match=r"may be of several layouts\. Say which: layout='detr' .* or layout='rf-detr'"
    ):
        load(file)
    assert load(file, layout="rf-detr").predict([WIDE])[0].names == ["ant"]
    with pytest.raises(
        InvalidValue, match=r"layout 'rfdetr' is none of a network for detect\. Did you mean .*'rf-detr'"
    ):
        load(file, layout="rfdetr")


def test_an_object_of_a_class_that_was_not_given_is_told(tmp_path: Path) -> None:
    file = constant_file(tmp_path / "file.onnx", {"output0": rows(5, 6, r0=(6, 18, 10, 22, 0.7, 12))})
    with pytest.raises(Mismatch, match="found an object of class number 12, but 2 classes were given"):
        load(file).predict([WIDE])


def test_the_80_names_of_coco_find_their_91_places(tmp_path: Path) -> None:
    """RF-DETR's published weights have COCO's own numbers: 18 is the dog, the 17th of the 80 names."""
    labels = np.full((1, 2, 91), -9, np.float32)
    labels[0, 0, 18] = 9
    outputs = {"dets": rows(2, 4, r0=PART, r1=PART), "labels": labels}
    names = tuple(f"class {i}" if i != 16 else "dog" for i in range(80))
    (found,) = load(constant_file(tmp_path / "file.onnx", outputs), classes=names).predict([WIDE])
    assert found.names == ["dog"]


def test_places_without_a_name_are_no_classes(tmp_path: Path) -> None:
    file = constant_file(tmp_path / "file.onnx", {"output0": yolo().transpose(0, 2, 1)})
    model = load(file, classes=("N/A", "bee"))
    assert model.classes == ("bee",)
    check_names = model.predict([WIDE])[0]
    assert (check_names.names, check_names.classes) == (["bee"], ("bee",))


def test_places_without_a_name_take_no_object_s_place(tmp_path: Path) -> None:
    """Two queries give the two best pairs of query and class; those of the nameless place come before otherwise."""
    outputs = {
        "pred_boxes": rows(2, 4, r0=PART, r1=PART),
        "logits": rows(2, 2, r0=(9, logit(0.6)), r1=(8, logit(0.5))),
    }
    (found,) = load(constant_file(tmp_path / "file.onnx", outputs), classes=("N/A", "bee")).predict([WIDE])
    assert found.names == ["bee", "bee"]
    np.testing.assert_allclose(found.confidence, [0.6, 0.5], atol=1e-6)


def test_boxes_without_sense_are_left_out(tmp_path: Path) -> None:
    raw = rows(21, 6, r0=(*ONE, 0.9, 0), r1=(np.nan, 1, 2, 3, 0.9, 0), r2=(16, 16, -8, 4, 0.9, 0))
    raw[0, 5] = (16, 2, 8, 4, 0.9, 0)  # in the padding above the image
    (found,) = load(constant_file(tmp_path / "file.onnx", {"output0": raw.transpose(0, 2, 1)})).predict([WIDE])
    check(found, BOTH[:1])
