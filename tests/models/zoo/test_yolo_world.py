"""YOLO-World as an ONNX file: scores of texts, worked out again by hand; texts from files and from CLIP."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.checkpoints import yolo_world
from tests.onnx_files import constant_file, info, write_file

import ocella
from ocella.errors import InvalidValue, Mismatch, NotFound, Unreadable
from ocella.models.tasks import Detector
from ocella.types import ClassDef, Detections, Image, Ontology

NAME = "yolo-world-onnx"


def noise(height: int, width: int) -> Image:
    return Image(np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An export, and vectors of four texts beside it."""
    rng = np.random.default_rng(4)
    vectors = {name: rng.normal(size=16).astype(np.float32) for name in ("cat", "dog", "red dog", "bird")}
    np.savez(tmp_path / "world.npz", **vectors)  # type: ignore[arg-type]  # arrays by name
    return yolo_world.export(tmp_path / "world.onnx")


def load(path: Path, **options: Any) -> Detector:
    model = ocella.load(NAME, weights=path, device="cpu", threads=1, **options)
    assert isinstance(model, Detector)
    return model


def by_hand(file: Path, image: Image, texts: list[str]) -> np.ndarray:
    """Scores (16 cells, texts) of a square image of 64 pixels: the network again, in numpy."""
    rng = np.random.default_rng(5)
    filters = rng.normal(0, 0.2, (16, 3, 16, 16)).astype(np.float32)
    with np.load(file.with_suffix(".npz")) as held:
        vectors = np.stack([held[t] / np.linalg.norm(held[t]) for t in texts])
    pixels = image.pixels.transpose(2, 0, 1).astype(np.float64) / 255
    cells = [
        (filters * pixels[None, :, y : y + 16, x : x + 16]).sum((1, 2, 3))
        for y in range(0, 64, 16)
        for x in range(0, 64, 16)
    ]
    return np.asarray(1 / (1 + np.exp(-np.stack(cells) @ vectors.T)))


@pytest.mark.parametrize("texts", [["cat"], ["cat", "dog", "bird"], ["cat", "dog", "red dog", "bird"]])
def test_scores_are_the_likeness_of_cells_and_texts(file: Path, texts: list[str]) -> None:
    """One text leaves two places of the file empty; four need a second run."""
    image, model = noise(64, 64), load(file)
    (found,) = model.predict([image], Ontology.of(*texts), threshold=0)
    scores = by_hand(file, image, texts)
    best = {
        (int(16 * (i % 4) + 8), int(16 * (i // 4) + 8)): (row.max(), texts[row.argmax()])
        for i, row in enumerate(scores)
    }
    assert len(found) > 3
    for box, confidence, name in zip(found.xyxy, found.confidence, found.names, strict=True):
        x1, y1, x2, y2 = box.tolist()
        middle = next(m for m in best if close((x1, y1, x2, y2), m))
        assert (pytest.approx(best[middle][0], abs=1e-4), best[middle][1]) == (confidence, name)


def close(box: tuple[float, ...], middle: tuple[int, int]) -> bool:
    """Whether a box of 32 x 24 about the middle, cut to the image, is that box."""
    x, y = middle
    expected = np.clip([x - 16, y - 12, x + 16, y + 12], 0, 64)
    return bool(np.abs(np.array(box) - expected).max() < 1e-3)


def test_boxes_lie_in_the_image_s_own_pixels(file: Path) -> None:
    """An image of 64 x 128 is halved and begins at y = 16: the cell about (24, 24) is about (48, 16) there, 64 x 48."""
    (found,) = load(file).predict([noise(64, 128)], Ontology.of("cat"), threshold=0)
    wide = [b for b in found.xyxy.tolist() if abs(b[0] + b[2] - 96) < 1e-3 and b[3] == 40]
    assert wide == [pytest.approx([16, 0, 80, 40], abs=1e-3)]


def test_classes_negatives_and_floors_are_the_ontology_s(file: Path) -> None:
    image, model = noise(64, 64), load(file)
    ontology = Ontology(
        (ClassDef("pet", ("cat", "dog"), negatives=("bird",)), ClassDef("red", ("red dog",), threshold=0.99))
    )
    (found,) = model.predict([image], ontology, threshold=0.1)
    scores = by_hand(file, image, ["cat", "dog", "bird"])
    assert found.classes == ("pet", "red")
    assert set(found.names) <= {"pet"}
    allowed = scores[:, :2].max(1)[scores[:, 2] <= scores[:, :2].max(1)]
    assert all(np.abs(allowed - c).min() < 1e-4 for c in found.confidence)


def test_boxes_and_scores_may_be_two_outputs(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", cat=np.ones(16, np.float32))
    boxes = np.zeros((1, 5, 4), np.float32)
    boxes[0, 2] = 8, 16, 24, 32
    scores = np.zeros((1, 5, 3), np.float32)
    scores[0, 2, 0] = 0.75
    file = constant_file(
        tmp_path / "two.onnx",
        {"scores": scores, "boxes": boxes},
        image=(1, 3, 64, 64),
        beside=[info("text_features", np.float32, (1, 3, 16))],
    )
    (found,) = load(file).predict([noise(128, 128)], Ontology.of("cat"))
    np.testing.assert_allclose(found.xyxy, [[16, 32, 48, 64]], atol=1e-4)
    assert found.confidence.tolist() == [0.75]


def test_an_export_with_classes_baked_in_is_a_plain_detector(tmp_path: Path) -> None:
    head = np.zeros((1, 6, 21), np.float32)
    head[0, :, 3] = 16, 16, 8, 4, 0.9, 0.1
    file = constant_file(tmp_path / "fixed.onnx", {"output0": head}, metadata={"names": "{0: 'cat', 1: 'dog'}"})
    model = load(file)
    assert (model.card.name, model.classes, model.card.open_vocabulary) == (NAME, ("cat", "dog"), False)
    found: Detections = model.predict([noise(32, 32)])[0]
    assert found.names == ["cat"]


def test_texts_are_read_by_the_clip_beside_the_file(tmp_path: Path) -> None:
    options = yolo_world.make(tmp_path, NAME)
    model = load(options["weights"])
    (found,) = model.predict([noise(64, 64)], Ontology.of("cat", "dog"), threshold=0.01)
    assert len(found) > 0
    with pytest.raises(InvalidValue, match="finds what it is told to"):
        model.predict([noise(64, 64)])


def test_what_is_lacking_is_told(file: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="its weights are GPL or AGPL and are not shipped"):
        ocella.load(NAME)
    with pytest.raises(InvalidValue, match="has vectors of 4 texts, but not of 'fish'"):
        load(file).predict([noise(64, 64)], Ontology.of("fish"))
    file.with_suffix(".npz").write_bytes(b"no archive")
    with pytest.raises(Unreadable, match="must hold vectors by text"):
        load(file).predict([noise(64, 64)], Ontology.of("cat"))
    np.savez(file.with_suffix(".npz"), cat=np.ones(8, np.float32))
    with pytest.raises(Mismatch, match="takes text vectors of 16 numbers, but these have 8"):
        load(file).predict([noise(64, 64)], Ontology.of("cat"))
    strange = write_file(tmp_path / "strange.onnx", [], [info("a", np.float32, (1,)), info("b", np.float32, (1,))], [])
    with pytest.raises((Mismatch, Unreadable)):
        load(strange)
