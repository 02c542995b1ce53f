"""Folders as Roboflow ships models: settings of the image, names, background, refusals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper
from tests.onnx_files import constant_file, info, write_file

import ocella
from ocella.errors import Mismatch, NotFound, Refused, Unreadable
from ocella.types import Image

WIDE = Image(np.full((64, 128, 3), 90, np.uint8))
HEAD = np.zeros((1, 6, 21), np.float32)
HEAD[0, :, 3] = 16, 16, 8, 4, 0.9, 0.1
MODEL = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}
NETWORK = {
    "training_input_size": {"height": 32, "width": 32},
    "dynamic_spatial_size_supported": False,
    "color_mode": "rgb",
    "resize_mode": "letterbox",
    "padding_value": 127,
    "input_channels": 3,
    "scaling_factor": 255,
    "normalization": None,
}


def package(
    folder: Path, *, model: Any = (), network: Any = (), names: str = "ant\nbee\n", output: Any = HEAD, **inference: Any
) -> Path:
    """A folder with a network that gives `output`, a constant or a dictionary of them."""
    outputs = output if isinstance(output, dict) else {"output0": output}
    constant_file(folder / "weights.onnx", outputs)
    settings = {"network_input": NETWORK | dict(network), "post_processing": {"type": "nms", "fused": False}}
    (folder / "model_config.json").write_text(json.dumps(MODEL | dict(model)))
    (folder / "inference_config.json").write_text(json.dumps(settings | inference))
    (folder / "class_names.txt").write_text(names)
    return folder


def load(folder: Path, **options: Any) -> Any:
    return ocella.load(str(folder), device="cpu", threads=1, **options)


def test_a_detector_has_the_package_s_names_and_way_of_resizing(tmp_path: Path) -> None:
    """In a letterbox the box of 12..20 and 14..18 begins 8 below the top: 48..80 and 24..40 of the image. Stretched it is
    28..36.
    """
    for mode, box in (("letterbox", (48, 24, 80, 40)), ("stretch", (48, 28, 80, 36))):
        model = load(package(tmp_path / f"my-{mode}", network={"resize_mode": mode}))
        assert (model.card.name, model.classes, model.task) == (f"my-{mode}", ("ant", "bee"), "detect")
        (found,) = model.predict([WIDE])
        assert found.names == ["ant"]
        np.testing.assert_allclose(found.xyxy, [box], atol=1e-4)


def test_the_recommended_confidence_is_the_model_s_own(tmp_path: Path) -> None:
    model = load(package(tmp_path / "m", model={"recommended_parameters": {"confidence": 0.95}}))
    assert model.card.threshold == 0.95
    assert len(model.predict([WIDE])[0]) == 0


def test_a_background_class_is_taken_out(tmp_path: Path) -> None:
    labels = np.array([[[9, -9, -9], [-9, -9, 9]]], np.float32)
    dets = np.full((1, 2, 4), 0.5, np.float32)
    folder = package(
        tmp_path / "m",
        model={"model_architecture": "rfdetr"},
        network={"resize_mode": "stretch", "normalization": [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]},
        names="ant\nbee\nbackground_class83422\n",
        output={"dets": dets, "labels": labels},
        class_names_operations=[{"type": "class_name_removal", "class_name": "background_class83422"}],
    )
    model = load(folder)
    assert model.classes == ("ant", "bee")
    assert model.predict([WIDE])[0].names == ["ant"]


def seen(folder: Path, network: Any = (), **inference: Any) -> np.ndarray:
    """What the network gets of an image, as the vector that it gives back: every pixel of an input of 4 x 4."""
    package(folder, network={"training_input_size": {"height": 4, "width": 4}, **dict(network)}, **inference)
    write_file(
        folder / "weights.onnx",
        [helper.make_node("Flatten", ["images"], ["scores"])],
        [info("images", np.float32, (1, 3, 4, 4))],
        [info("scores", np.float32, (1, 48))],
    )
    (folder / "model_config.json").write_text(json.dumps(MODEL | {"task_type": "classification"}))
    (folder / "class_names.txt").write_text("\n".join(f"c{i}" for i in range(48)))
    model = load(folder, layout="probabilities")
    (outputs, _), *_ = model._network.run([PAINTED])
    return np.asarray(outputs["scores"][0].reshape(3, 4, 4))


PAINTED = Image(np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3) * 5)
PLANES = PAINTED.pixels.transpose(2, 0, 1).astype(np.float64)
WEIGHTS = np.array([0.299, 0.587, 0.114])


@pytest.mark.parametrize(
    ("network", "inference", "expected"),
    [
        ({}, {}, PLANES / 255),
        ({"color_mode": "bgr"}, {}, PLANES[::-1] / 255),
        ({"scaling_factor": None}, {}, PLANES),
        (
            {"normalization": [[0.1, 0.2, 0.3], [0.5, 0.5, 0.25]]},
            {},
            (PLANES / 255 - np.array([0.1, 0.2, 0.3])[:, None, None]) / np.array([0.5, 0.5, 0.25])[:, None, None],
        ),
        (
            {"scaling_factor": None},
            {"image_pre_processing": {"grayscale": {"enabled": True}}},
            np.broadcast_to(np.rint(PAINTED.pixels @ WEIGHTS), (3, 4, 4)),
        ),
        (
            {"scaling_factor": None, "resize_mode": "center-crop"},
            {
                "image_pre_processing": {
                    "static-crop": {"enabled": True, "x_min": 50, "x_max": 100, "y_min": 0, "y_max": 50}
                }
            },
            np.pad(PLANES[:, :2, 2:], ((0, 0), (1, 1), (1, 1)), constant_values=127),
        ),
    ],
    ids=["plain", "blue first", "not scaled", "normalised", "grey", "cropped"],
)
def test_images_go_in_as_the_package_says(tmp_path: Path, network: Any, inference: Any, expected: np.ndarray) -> None:
    np.testing.assert_allclose(seen(tmp_path / "m", network, **inference), expected, atol=1e-5)


def test_contrast_is_changed_before(tmp_path: Path) -> None:
    def contrast(kind: str) -> dict[str, Any]:
        return {"image_pre_processing": {"contrast": {"enabled": True, "type": kind}}}

    # 48 values, every one once: the i-th has i + 1 values up to it
    equal = seen(tmp_path / "equal", {"scaling_factor": None}, **contrast("Histogram Equalization"))
    np.testing.assert_allclose(equal, np.floor((PLANES / 5 + 1) / 48 * 255), atol=1e-5)
    low, high = np.percentile(PLANES, (2, 98))
    wide = seen(tmp_path / "wide", {"scaling_factor": None}, **contrast("Contrast Stretching"))
    np.testing.assert_allclose(wide, np.floor(np.clip((PLANES - low) / (high - low), 0, 1) * 255), atol=1)
    with pytest.raises(Mismatch, match="'Adaptive Equalization', which is not done the same way here"):
        seen(tmp_path / "adaptive", **contrast("Adaptive Equalization"))


@pytest.mark.parametrize(
    ("post", "expected", "multi_label"),
    [
        ({"type": "softmax", "fused": True}, [0.25, 0.75], False),
        ({"type": "softmax", "fused": False}, [1 / (1 + np.exp(0.5)), 1 / (1 + np.exp(-0.5))], False),
        ({"type": "sigmoid", "fused": False}, [1 / (1 + np.exp(-0.25)), 1 / (1 + np.exp(-0.75))], True),
    ],
)
def test_scores_of_a_classifier_are_read_as_the_package_says(
    tmp_path: Path, post: Any, expected: list[float], *, multi_label: bool
) -> None:
    folder = package(
        tmp_path / "m",
        model={"task_type": "multi-label-classification" if multi_label else "classification"},
        output=np.array([[0.25, 0.75]], np.float32),
        post_processing=post,
    )
    (found,) = load(folder).predict([WIDE])
    np.testing.assert_allclose(found.confidence, expected, atol=1e-6)
    assert found.multi_label == multi_label


def test_points_have_the_package_s_names_and_edges(tmp_path: Path) -> None:
    output = np.zeros((1, 4 + 1 + 6, 21), np.float32)
    output[0, :, 3] = 16, 16, 8, 4, 0.9, 16, 16, 0.9, 8, 12, 0.2
    folder = package(tmp_path / "m", model={"task_type": "keypoint-detection"}, names="gauge\n", output=output)
    points = [{"object_class_id": 0, "keypoints": {"1": "tip", "0": "root"}, "edges": [{"from": 0, "to": 1}]}]
    (folder / "keypoints_metadata.json").write_text(json.dumps(points))
    (found,) = load(folder).predict([WIDE])
    assert (found.names, found.keypoints.skeleton.names) == (["gauge"], ("root", "tip"))
    assert found.keypoints.skeleton.edges == ((0, 1),)
    np.testing.assert_allclose(found.keypoints.xy, [[[64, 32], [32, 16]]], atol=1e-4)
    (folder / "keypoints_metadata.json").unlink()
    with pytest.raises(NotFound, match=r"no .*keypoints_metadata\.json"):
        load(folder)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ({"backend_type": "torch"}, Mismatch, "must hold a package of backend_type onnx"),
        ({"task_type": "gaze"}, Mismatch, "is for 'gaze', but packages are for object-detection"),
        ({"model_module": "model.py", "model_class": "Mine"}, Refused, "brings Python code of its own"),
    ],
)
def test_packages_that_cannot_be_opened(tmp_path: Path, model: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load(package(tmp_path / "m", model=model))


def test_damaged_packages(tmp_path: Path) -> None:
    folder = package(tmp_path / "m")
    (folder / "inference_config.json").write_text('{"network_input": {}}')
    with pytest.raises(Unreadable, match=r"inference_config\.json is not of a Roboflow package: KeyError"):
        load(folder)
    (folder / "inference_config.json").write_text("[")
    with pytest.raises(Unreadable, match="must hold JSON"):
        load(folder)
    (folder / "inference_config.json").unlink()
    with pytest.raises(NotFound, match=r"There is no .*inference_config\.json"):
        load(folder)
    with pytest.raises(Mismatch, match="resizes images by 'tile'"):
        load(package(tmp_path / "t", network={"resize_mode": "tile"}))
    folder = package(tmp_path / "n")
    (folder / "class_names.txt").unlink()
    with pytest.raises(NotFound, match=r"There is no .*class_names\.txt"):
        load(folder)
