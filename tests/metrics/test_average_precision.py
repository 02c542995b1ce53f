"""Checked against pycocotools on random scenes and on real photographs' labels."""

import contextlib
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from ocella.errors import InvalidValue, Mismatch
from ocella.metrics.average_precision import AveragePrecision, accumulate, average_precision, match
from ocella.metrics.matching import On, joined
from ocella.types import COCO_PERSON, Detections, Keypoints, Masks


def detections(
    xyxy: Any, confidence: Any, class_id: Any, classes: tuple[str, ...], *rest: Any, **columns: Any
) -> Detections:
    return Detections(xyxy, confidence, class_id, classes, *rest, **columns)


def keypoints(xy: Any, confidence: Any, visible: Any) -> Keypoints:
    return Keypoints(xy, confidence, visible, COCO_PERSON)


COCO128 = Path(__file__).parents[3] / "shared" / "data" / "coco128"
CLASSES = ("cat", "dog", "bird")


def referee(predictions: Sequence[Detections], truths: Sequence[Detections], on: On = "boxes") -> COCOeval:
    """pycocotools over the same values; classes by name in the order of the truths."""
    names = list(truths[0].classes)
    kind = {"boxes": "bbox", "masks": "segm", "keypoints": "keypoints"}[on]
    annotations = [row for i, t in enumerate(truths) for row in rows(i, t, names, on)]
    for number, row in enumerate(annotations, 1):
        row["id"] = number
    results = [row for i, p in enumerate(predictions) for row in rows(i, p, names, on)]
    if on == "keypoints":
        for row in results:
            row.pop("bbox")
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i, "height": 96, "width": 96} for i in range(len(truths))],
        "categories": [{"id": i, "name": n} for i, n in enumerate(names)],
        "annotations": annotations,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        found = COCO()
        if results:
            found = coco.loadRes(results)
        else:
            found.dataset = {**coco.dataset, "annotations": []}
            found.createIndex()
        evaluation = COCOeval(coco, found, kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def rows(image: int, side: Detections, names: list[str], on: On) -> list[dict[str, object]]:
    boxes = side.xyxy.astype(np.float64)
    out: list[dict[str, object]] = []
    for i in range(len(side)):
        x1, y1, x2, y2 = boxes[i].tolist()
        row: dict[str, object] = {
            "image_id": image,
            "category_id": names.index(side.names[i]),
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": float(side.data["area"][i]) if "area" in side.data else (x2 - x1) * (y2 - y1),
            "iscrowd": int(side.data["iscrowd"][i]) if "iscrowd" in side.data else 0,
            "score": float(side.confidence[i]),
        }
        if on == "masks" and side.masks is not None:
            row.pop("bbox")
            row["segmentation"] = compressed(side.masks[i])
            row["area"] = int(side.masks.area[i])
        if on == "keypoints" and side.keypoints is not None:
            seen = side.keypoints.visible[i]
            points = np.concatenate([side.keypoints.xy[i], 2 * seen[:, None]], axis=1)
            row |= {"keypoints": points.astype(float).ravel().tolist(), "num_keypoints": int(seen.sum())}
        out.append(row)
    return out


def compressed(mask: Masks) -> dict[str, object]:
    from pycocotools import mask as tool

    packed: dict[str, object] = tool.encode(np.asfortranarray(mask.dense()[0].astype(np.uint8)))
    return packed


def same(result: AveragePrecision, wanted: COCOeval, names: Sequence[str]) -> None:
    stats = [float(v) for v in wanted.stats[:6]]
    got = [result.ap, result.ap50, result.ap75, result.small, result.medium, result.large]
    np.testing.assert_allclose([-1 if math.isnan(v) else v for v in got], stats, atol=1e-9)
    for k, name in enumerate(names):
        precision = wanted.eval["precision"][:, :, k, 0, -1]
        expected = -1.0 if precision.max() < 0 else float(precision.mean())
        ours = result.per_class[name]["ap"]
        assert (-1 if math.isnan(ours) else ours) == pytest.approx(expected, abs=1e-9)


def boxes(random: np.random.Generator, n: int, grid: int = 1) -> np.ndarray:
    corners = random.integers(0, 200 // grid, (n, 2)) * grid
    sides = random.integers(1, 160 // grid, (n, 2)) * grid
    return np.concatenate([corners, corners + sides], axis=1).astype(np.float32)


def scene(random: np.random.Generator, *, crowds: bool = True, ties: bool = True) -> tuple[Detections, Detections]:
    """Truths, and predictions that are moved truths and noise, over the same names in another order."""
    n = int(random.integers(0, 7))
    truth = boxes(random, n)
    truths = detections(
        truth,
        np.ones(n, np.float32),
        random.integers(0, 2, n),
        CLASSES,
        data={"iscrowd": random.random(n) < 0.2} if crowds else {},
    )
    moved = np.repeat(truth, 2, axis=0) + random.integers(-8, 9, (2 * n, 4)).astype(np.float32)
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2])
    extra = int(random.integers(0, 5))
    found = np.concatenate([moved, boxes(random, extra)])
    class_id = np.concatenate([np.repeat(truths.class_id, 2), random.integers(0, 3, extra)])
    score = random.integers(0, 5, len(found)) / 4 if ties else random.random(len(found))
    turned = np.array([2, 0, 1])
    predictions = detections(found, score.astype(np.float32), turned[class_id], ("dog", "bird", "cat"))
    return predictions, truths


@pytest.mark.parametrize("seed", range(12))
def test_equals_pycocotools_on_random_scenes(seed: int) -> None:
    random = np.random.default_rng(seed)
    pairs = [scene(random, crowds=seed % 2 == 0, ties=seed % 3 == 0) for _ in range(15)]
    predictions, truths = [p for p, _ in pairs], [t for _, t in pairs]
    same(average_precision(predictions, truths), referee(predictions, truths), CLASSES)


def test_equals_pycocotools_with_equal_overlaps_and_areas_given() -> None:
    random = np.random.default_rng(5)
    truths, predictions = [], []
    for _ in range(20):
        truth, found = boxes(random, 6, 50), boxes(random, 20, 50)
        area = random.choice([500.0, 1024.0, 5000.0, 9216.0, 20000.0], 6)
        truths.append(detections(truth, np.ones(6), np.zeros(6, int), ("a",), data={"area": area}))
        predictions.append(detections(found, random.integers(1, 4, 20) / 4, np.zeros(20, int), ("a",)))
    same(average_precision(predictions, truths), referee(predictions, truths), ("a",))


def test_only_the_hundred_most_confident_of_a_class_count() -> None:
    random = np.random.default_rng(1)
    truth = boxes(random, 150)
    truths = [detections(truth, np.ones(150), np.zeros(150, int), ("a",))]
    predictions = [detections(truth, random.random(150), np.zeros(150, int), ("a",))]
    result = average_precision(predictions, truths)
    same(result, referee(predictions, truths), ("a",))
    assert result.recall == pytest.approx(100 / 150)


@pytest.mark.parametrize("seed", range(3))
def test_masks_equal_pycocotools(seed: int) -> None:
    random = np.random.default_rng(seed)
    truths, predictions = [], []
    for _ in range(6):
        kernel = random.random((5, 8, 8)) < 0.5
        dense = np.kron(kernel, np.ones((1, 12, 12))).astype(bool)
        found = dense ^ (random.random(dense.shape) < 0.1)
        zero = np.zeros((5, 4), np.float32)
        crowd = {"iscrowd": random.random(5) < 0.2}
        truths.append(
            detections(zero, np.ones(5), random.integers(0, 2, 5), ("a", "b"), Masks.from_dense(dense), data=crowd)
        )
        score = random.random(5)
        predictions.append(detections(zero, score, truths[-1].class_id, ("a", "b"), Masks.from_dense(found)))
    same(average_precision(predictions, truths, on="masks"), referee(predictions, truths, "masks"), ("a", "b"))


def test_keypoints_equal_pycocotools() -> None:
    random = np.random.default_rng(2)
    truths, predictions = [], []
    for _ in range(20):
        box = boxes(random, 4)
        xy = box[:, None, :2] + random.random((4, 17, 2)) * (box[:, None, 2:] - box[:, None, :2])
        seen = random.random((4, 17)) < np.array([0.8, 0.5, 0.2, 0.0])[:, None]
        ones = np.ones((4, 17), np.float32)
        points = keypoints(xy, ones, seen)
        truths.append(detections(box, np.ones(4), np.zeros(4, int), ("person",), keypoints=points))
        moved = keypoints(xy + random.normal(0, 4, xy.shape), ones, ones > 0)
        predictions.append(detections(box, random.random(4), np.zeros(4, int), ("person",), keypoints=moved))
    result = average_precision(predictions, truths, on="keypoints")
    wanted = referee(predictions, truths, "keypoints")
    got = [result.ap, result.ap50, result.ap75, result.medium, result.large]
    np.testing.assert_allclose(got, wanted.stats[:5], atol=1e-9)
    assert 0.05 < result.ap < 0.95


@pytest.mark.skipif(
    not COCO128.is_dir(), reason=f"needs the labelled photographs of {COCO128.name}, which are not here"
)
def test_equals_pycocotools_on_real_labels() -> None:
    random = np.random.default_rng(0)
    names = tuple(re.findall(r"^\s+\d+: (.+)$", (COCO128 / "data.yaml").read_text(encoding="utf-8"), re.MULTILINE))
    truths, predictions = [], []
    for path in sorted((COCO128 / "labels").glob("*.txt")):
        table = np.array([[float(v) for v in line.split()] for line in path.read_text(encoding="utf-8").splitlines()])
        table = table.reshape(-1, 5) * [1, 640, 480, 640, 480]
        xyxy = np.concatenate([table[:, 1:3] - table[:, 3:] / 2, table[:, 1:3] + table[:, 3:] / 2], axis=1)
        truths.append(detections(xyxy, np.ones(len(table)), table[:, 0].astype(int), names))
        moved = np.repeat(xyxy + random.normal(0, 0.05, xyxy.shape) * np.tile(table[:, 3:], 2), 2, axis=0)
        moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2])
        keep = random.random(len(moved)) < 0.7
        class_id = np.repeat(table[:, 0].astype(int), 2)[keep]
        predictions.append(detections(moved[keep], random.random(int(keep.sum())), class_id, names))
    assert len(truths) == 128
    result = average_precision(predictions, truths)
    assert 0.2 < result.ap < 0.9
    same(result, referee(predictions, truths), names)


def test_weights_are_multiplicities() -> None:
    random = np.random.default_rng(9)
    pairs = [scene(random, ties=False) for _ in range(12)]
    weights = random.integers(0, 4, len(pairs))
    again = [pair for pair, times in zip(pairs, weights, strict=True) for _ in range(times)]
    one = accumulate(match([p for p, _ in pairs], [t for _, t in pairs]), weights)
    other = average_precision([p for p, _ in again], [t for _, t in again])
    a, b = one.to_json(), other.to_json()
    rows_a, rows_b = a.pop("per_class"), b.pop("per_class")
    assert a == pytest.approx(b)
    assert list(rows_a) == list(rows_b)
    assert all(rows_a[name] == pytest.approx(rows_b[name]) for name in rows_a)
    assert one.n_images == weights.sum()


NOTHING = Detections.empty(("cat",))
CAT = detections([[0, 0, 10, 10]], [0.9], [0], ("cat",))
DOG = detections([[0, 0, 10, 10]], [0.9], [0], ("dog",))
BOTH = detections([[0, 0, 10, 10]], [0.9], [1], ("dog", "cat"))


@pytest.mark.parametrize(
    ("prediction", "truth", "ap"),
    [
        (CAT, CAT, 1.0),
        (NOTHING, CAT, 0.0),
        (Detections.empty(), CAT, 0.0),
        (CAT, NOTHING, math.nan),
        (NOTHING, NOTHING, math.nan),
    ],
)
def test_of_nothing(prediction: Detections, truth: Detections, ap: float) -> None:
    result = average_precision([prediction], [truth])
    assert result.ap == pytest.approx(ap, nan_ok=True)
    assert result.to_json()["ap"] == (None if math.isnan(ap) else pytest.approx(ap))
    assert result.per_class["cat"]["n_truths"] == len(truth)


def test_no_images_is_nan() -> None:
    assert math.isnan(average_precision([], []).ap)


@pytest.mark.parametrize(
    ("prediction", "truth", "classes", "message"),
    [
        (DOG, CAT, None, "The predictions do not know 'cat', only 'dog'"),
        (BOTH, CAT, None, "The predictions have 'dog', which the truths do not know"),
        (CAT, BOTH, None, "The predictions do not know 'dog'"),
        (CAT, CAT, ["bird"], "The predictions do not know 'bird', only 'cat'"),
        (BOTH, CAT, ["dog"], "The truths do not know 'dog', only 'cat'"),
    ],
)
def test_unknown_names_are_refused(
    prediction: Detections, truth: Detections, classes: list[str] | None, message: str
) -> None:
    with pytest.raises(Mismatch, match=message):
        average_precision([prediction], [truth], classes)


def test_given_classes_leave_the_others_out() -> None:
    result = average_precision([BOTH], [CAT], ["cat"])
    assert result.ap == 1
    assert list(result.per_class) == ["cat"]


def test_sides_must_be_of_the_same_images() -> None:
    with pytest.raises(InvalidValue, match="predictions must be 2, one an image, got 1"):
        average_precision([CAT], [CAT, CAT])
    with pytest.raises(InvalidValue, match=r"weights must have shape \(1,\), got \(2,\)"):
        accumulate(match([CAT], [CAT]), np.array([1, 1]))
    with pytest.raises(Mismatch, match="must have masks"):
        average_precision([CAT], [CAT], on="masks")


def test_matches_of_parts_join_to_those_of_all() -> None:
    random = np.random.default_rng(4)
    found, truths = zip(*(scene(random) for _ in range(5)), strict=True)
    whole = match(found, truths)
    parts = joined([match(found[:2], truths[:2], whole.classes), match(found[2:], truths[2:], whole.classes)])
    assert accumulate(parts).to_json() == accumulate(whole).to_json()
    assert parts.n_images == len(truths)
