"""ONNX files that a person brings: what they say themselves, what must be said, and how images go in."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper
from tests.onnx_files import constant_file, info, write_file

import ocella
from ocella.errors import InvalidValue, Mismatch, NotFound, Refused, Unreadable
from ocella.models.tasks import Classifier, DepthEstimator, Detector, Embedder, SemanticSegmenter
from ocella.types import Image

HEAD = np.zeros((1, 6, 21), np.float32)
HEAD[0, :, 3] = 16, 16, 8, 4, 0.9, 0.1
ULTRALYTICS = {
    "names": "{0: 'ant', 1: 'bee'}",
    "task": "detect",
    "imgsz": "[32, 32]",
    "stride": "32",
    "license": "AGPL-3.0 License (https://ultralytics.com/license)",
}
GREY = Image(np.full((64, 128, 3), 90, np.uint8))


def load(file: Path, **options: Any) -> Any:
    return ocella.load(str(file), device="cpu", threads=1, **options)


def head(path: Path, **settings: Any) -> Path:
    return constant_file(path, {"output0": HEAD}, **settings)


# --- what a file says itself


def test_names_task_and_licence_are_taken_from_the_file(tmp_path: Path) -> None:
    model = load(head(tmp_path / "best.onnx", metadata=ULTRALYTICS))
    assert isinstance(model, Detector)
    assert (model.card.name, model.card.classes, model.card.input_hw) == ("best", ("ant", "bee"), (32, 32))
    assert model.card.weights_license.startswith("AGPL-3.0")
    assert not model.card.commercial_use
    assert len(model.card.sha256) == 64
    assert model.predict([GREY])[0].names == ["ant"]


def test_names_given_that_are_the_same_are_fine(tmp_path: Path) -> None:
    assert load(head(tmp_path / "a.onnx", metadata=ULTRALYTICS), classes=["ant", "bee"]).classes == ("ant", "bee")


@pytest.mark.parametrize("given", [("ant",), ("bee", "ant"), ("ant", "bee", "cat")])
def test_names_given_that_differ_are_told(tmp_path: Path, given: tuple[str, ...]) -> None:
    with pytest.raises(Mismatch, match=r"names 2 classes itself, and the \d given differ from number \d on"):
        load(head(tmp_path / "a.onnx", metadata=ULTRALYTICS), classes=given)


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        ("{0: 'ant', 1: 'ant'}", Mismatch, "name 'ant' several times"),
        ("{0: 'ant', 2: 'bee'}", Mismatch, "must number its classes from 0"),
        ("__import__('os').system('true')", Unreadable, "is no literal"),
        ("7", Unreadable, "must be names by number"),
    ],
)
def test_names_that_are_none_are_refused(tmp_path: Path, names: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load(head(tmp_path / "a.onnx", metadata={"names": names}), task="detect")


# --- what must be said


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"classes": ["a", "b"]}, InvalidValue, "needs a task: one of detect, keypoints, classify, embed, "),
        ({"classes": ["a", "b"], "task": "ocr"}, InvalidValue, "needs a task: .*, got 'ocr'"),
        ({"task": "detect"}, InvalidValue, r"give them in order: .* Its outputs have room for 2\."),
        ({"task": "detect", "classes": ["a", "a"]}, Mismatch, "name 'a' several times"),
        ({"task": "detect", "classes": ["a", "b"], "runtime": "torch"}, InvalidValue, "runtime must be auto or one of"),
        ({"task": "detect", "classes": ["a", "b"], "dtype": "bfloat16"}, InvalidValue, "Take runtime openvino"),
        ({"task": "detect", "classes": ["a", "b"], "license": "commercial"}, Refused, "may not be used commercially"),
        ({"task": "classify", "classes": ["a", "b"]}, Mismatch, r"must have one output \(n, 2\) for classify"),
    ],
)
def test_what_is_not_known_is_asked(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(head(tmp_path / "a.onnx"), **options)


def test_a_file_that_is_not_there_and_one_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no file .*gone\.onnx"):
        load(tmp_path / "gone.onnx", task="detect", classes=["a"])
    (tmp_path / "bad.onnx").write_bytes(b"no protocol buffer at all")
    with pytest.raises(Unreadable, match=r"bad\.onnx is not an ONNX file"):
        load(tmp_path / "bad.onnx", task="detect", classes=["a"])


@pytest.mark.parametrize("name", ["best.pt", "best.pth"])
def test_a_torch_file_is_answered_with_the_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(InvalidValue) as caught:
        load(tmp_path / name)
    said = str(caught.value)
    assert f"yolo export model={name} format=onnx opset=17 simplify=True" in said
    assert "ocella predict photo.jpg --model best.onnx" in said
    assert "AGPL-3.0" in said


def test_an_input_that_nothing_is_known_of_is_told(tmp_path: Path) -> None:
    file = head(tmp_path / "a.onnx", beside=[info("txt_feats", np.float32, (1, 80, 512))])
    with pytest.raises(Mismatch, match=r"takes 'txt_feats' \(1, 80, 512\) beside the image.*yolo-world-onnx"):
        load(file, task="detect", classes=["a", "b"])


# --- how images go in: a network that gives back what it got


def mean_of(path: Path, *, image: Any, dtype: Any, axes: list[int], metadata: dict[str, str] | None = None) -> Path:
    """The mean of each channel, as scores of three classes."""
    nodes = [
        helper.make_node("Cast", ["images"], ["wide"], to=1),
        helper.make_node("ReduceMean", ["wide"], ["scores"], axes=axes, keepdims=0),
    ]
    return write_file(path, nodes, [info("images", dtype, image)], [info("scores", np.float32, ("n", 3))], metadata)


COLOURS = Image(np.full((20, 30, 3), (255, 51, 0), np.uint8))
PLAIN = (1, 0.2, 0)
IMAGENET = tuple((p - m) / s for p, m, s in zip(PLAIN, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), strict=True))


def shares(scores: tuple[float, ...]) -> np.ndarray:
    raised = np.exp(scores)
    return np.asarray(raised / raised.sum())


@pytest.mark.parametrize(
    ("image", "dtype", "axes", "scores"),
    [
        (("n", 3, 8, 8), np.float32, [2, 3], IMAGENET),
        ((1, 3, "h", "w"), np.float32, [2, 3], IMAGENET),
        (("n", 8, 8, 3), np.float32, [1, 2], IMAGENET),
        (("n", 3, 8, 8), np.float16, [2, 3], IMAGENET),
        (("n", 8, 8, 3), np.uint8, [1, 2], (255, 51, 0)),
    ],
    ids=["usual", "free size", "channels last", "half", "bytes"],
)
def test_images_go_in_as_the_network_takes_them(
    tmp_path: Path, image: Any, dtype: Any, axes: list[int], scores: tuple[float, ...]
) -> None:
    file = mean_of(tmp_path / "mean.onnx", image=image, dtype=dtype, axes=axes)
    model = load(file, task="classify", classes=["red", "green", "blue"], input_hw=(8, 8))
    assert isinstance(model, Classifier)
    assert model.card.input_hw == (8, 8)
    for found in model.predict([COLOURS, COLOURS, COLOURS]):
        np.testing.assert_allclose(found.confidence, shares(scores), atol=1e-3)


def test_an_input_of_free_size_has_640_pixels_where_nothing_says_another(tmp_path: Path) -> None:
    file = mean_of(tmp_path / "mean.onnx", image=(1, 3, "h", "w"), dtype=np.float32, axes=[2, 3])
    assert load(file, task="classify", classes=["r", "g", "b"]).card.input_hw == (640, 640)
    file = mean_of(
        tmp_path / "said.onnx", image=(1, 3, "h", "w"), dtype=np.float32, axes=[2, 3], metadata={"imgsz": "[96, 64]"}
    )
    assert load(file, task="classify", classes=["r", "g", "b"]).card.input_hw == (96, 64)


def test_a_classifier_of_ultralytics_takes_plain_pixels(tmp_path: Path) -> None:
    said = {"names": "{0: 'r', 1: 'g', 2: 'b'}", "task": "classify"}
    file = mean_of(tmp_path / "mean.onnx", image=(1, 3, 8, 8), dtype=np.float32, axes=[2, 3], metadata=said)
    np.testing.assert_allclose(load(file).predict([COLOURS])[0].confidence, shares(PLAIN), atol=1e-5)


def test_a_configuration_beside_the_file_says_how_images_go_in(tmp_path: Path) -> None:
    file = mean_of(tmp_path / "mean.onnx", image=(1, 3, 8, 8), dtype=np.float32, axes=[2, 3])
    config = tmp_path / "preprocessor_config.json"
    config.write_text(
        '{"do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "rescale_factor": 0.00392156862}'
    )
    (found,) = load(file, task="classify", classes=["r", "g", "b"]).predict([COLOURS])
    np.testing.assert_allclose(found.confidence, shares((1, -0.6, -1)), atol=1e-5)
    config.write_text('{"do_normalize": true}')
    with pytest.raises(Unreadable, match="is no configuration of image preparation"):
        load(file, task="classify", classes=["r", "g", "b"])


@pytest.mark.parametrize(
    ("layout", "expected", "multi_label"),
    [
        ("", (0.2, 0.5, 0.3), False),
        ("probabilities", (0.2, 0.5, 0.3), False),
        ("logits", shares((0.2, 0.5, 0.3)), False),
        ("sigmoid", [1 / (1 + np.exp(-x)) for x in (0.2, 0.5, 0.3)], True),
    ],
)
def test_scores_are_probabilities_or_made_such(
    tmp_path: Path, layout: str, expected: Any, *, multi_label: bool
) -> None:
    file = constant_file(tmp_path / "a.onnx", {"scores": np.array([[0.2, 0.5, 0.3]], np.float32)})
    (found,) = load(file, task="classify", classes=["a", "b", "c"], layout=layout).predict([GREY])
    np.testing.assert_allclose(found.confidence, expected, atol=1e-6)
    assert found.multi_label == multi_label


# --- batches


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_batch_that_is_fixed_is_kept_to(tmp_path: Path, n: int) -> None:
    """Three images through a network that takes n at once; each is told apart by its colour."""
    nodes = [helper.make_node("ReduceMean", ["images"], ["vector"], axes=[2, 3], keepdims=0)]
    file = write_file(
        tmp_path / "a.onnx", nodes, [info("images", np.float32, (n, 3, 8, 8))], [info("vector", np.float32, (n, 3))]
    )
    model = load(file, task="embed")
    assert isinstance(model, Embedder)
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    images = [Image(np.full((9, 9, 3), colour, np.uint8)) for colour in colours]
    together = model.predict(images)
    assert len(together) == 3
    for one, image in zip(together, images, strict=True):
        np.testing.assert_allclose(one.vector, model.predict([image])[0].vector, atol=1e-6)
        assert one.model == "a"
    assert model.predict([]) == []
    with pytest.raises(Refused, match="takes images alone"):
        model.embed_text(["cat"])


# --- whole images


def test_a_class_for_every_pixel(tmp_path: Path) -> None:
    """Scores of 2 x 2 squares: left sky, right grass."""
    scores = np.zeros((1, 2, 2, 2), np.float32)
    scores[0, 0, :, 0] = scores[0, 1, :, 1] = 1
    for name, output in (("scores", scores), ("labels", scores.argmax(1))):
        model = load(
            constant_file(tmp_path / f"{name}.onnx", {name: output}),
            task="semantic-segment",
            classes=["sky", "grass"],
        )
        assert isinstance(model, SemanticSegmenter)
        (found,) = model.predict([GREY])
        assert found.class_id.shape == (64, 128)
        assert (found.class_id[:, :64] == 0).all()
        assert (found.class_id[:, 64:] == 1).all()


def test_distance_is_larger_where_it_is_farther(tmp_path: Path) -> None:
    near = np.array([[[[5, 5], [1, 1]]]], np.float32)
    file = constant_file(tmp_path / "a.onnx", {"out": near})
    with pytest.raises(InvalidValue, match=r"layout='depth' .* or layout='inverse-depth'"):
        load(file, task="depth")
    for layout, top, bottom in (("depth", 5, 1), ("inverse-depth", 0, 4)):
        model = load(file, task="depth", layout=layout)
        assert isinstance(model, DepthEstimator)
        (found,) = model.predict([GREY])
        assert found.depth.shape == (64, 128)
        assert (found.depth[0, 0], found.depth[-1, -1]) == (top, bottom)


# --- an ontology


def test_a_file_is_asked_for_an_ontology(tmp_path: Path) -> None:
    from ocella.types import Ontology

    model = load(head(tmp_path / "a.onnx", metadata=ULTRALYTICS))
    (found,) = model.predict([GREY], Ontology.of("bee", "ant"))
    assert (found.names, found.classes) == (["ant"], ("bee", "ant"))
