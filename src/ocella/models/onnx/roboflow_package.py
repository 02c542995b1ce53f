"""Roboflow-style model folders: model_config.json, class_names.txt, inference_config.json and weights.onnx."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch, NotFound, OcellaError, Refused, Unreadable
from ocella.models.entry import LoadOptions
from ocella.models.onnx.file import Known, load_onnx
from ocella.models.onnx.letterbox import Fit
from ocella.models.tasks import Model
from ocella.types.keypoints import Skeleton

__all__ = ["load_package"]

Pixels = npt.NDArray[np.uint8]

_TASKS = {
    "object-detection": "detect",
    "instance-segmentation": "detect",
    "keypoint-detection": "keypoints",
    "classification": "classify",
    "multi-label-classification": "classify",
    "semantic-segmentation": "semantic-segment",
}
_FITS: dict[str, Fit] = {
    "stretch": "stretch",
    "letterbox": "letterbox",
    "letterbox-reflect-edges": "letterbox",
    "center-crop": "crop",
}
_SHARES = {
    ("softmax", True): "probabilities",
    ("softmax", False): "logits",
    ("sigmoid", True): "probabilities",
    ("sigmoid", False): "sigmoid",
}


def load_package(folder: Path, options: LoadOptions) -> Model:
    """The ONNX model of a package, prepared and named as its files say. Raises NotFound, Unreadable, Mismatch, and Refused
    for a package that brings code of its own.
    """
    config = _json(folder / "model_config.json")
    if "model_module" in config or "model_class" in config:
        raise Refused(f"{folder} brings Python code of its own, which is not run here. Export its model to ONNX.")
    weights = folder / "weights.onnx"
    if config.get("backend_type") != "onnx" or not weights.is_file():
        raise Mismatch(
            f"{folder} must hold a package of backend_type onnx with weights.onnx, got {config.get('backend_type')!r}. "
            "Fetch the ONNX package of that model."
        )
    task = _TASKS.get(str(config.get("task_type")))
    if task is None:
        raise Mismatch(f"{folder} is for {config.get('task_type')!r}, but packages are for {', '.join(_TASKS)}.")
    inference = _json(folder / "inference_config.json")
    with _understood(folder / "inference_config.json"):
        image = _image_settings(folder, inference, str(config.get("model_architecture")))
        size = inference["network_input"].get("training_input_size")
        input_hw = options.input_hw or (None if size is None else (int(size["height"]), int(size["width"])))
        classes = _classes(folder, inference)
    asked = replace(
        options,
        task=task,
        classes=options.classes or classes,
        input_hw=input_hw,
        layout=options.layout or _layout(task, inference),
    )
    known = Known(folder.name, _confidence(config), image, _skeleton(folder) if task == "keypoints" else None)
    return load_onnx(weights, asked, known)


@contextmanager
def _understood(file: Path) -> Iterator[None]:
    """What a damaged file of settings raises, as Unreadable."""
    try:
        yield
    except OcellaError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"{file} is not of a Roboflow package: {error!r}. Fetch the package again.") from error


def _json(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"There is no {file}, which a Roboflow package has. Fetch the package again.") from error
    except ValueError as error:
        raise Unreadable(f"{file} must hold JSON, but does not: {error}. Fetch the package again.") from error
    if not isinstance(data, dict):
        raise Unreadable(f"{file} must hold a JSON object, got {type(data).__name__}. Fetch the package again.")
    return data


def _classes(folder: Path, inference: Mapping[str, Any]) -> tuple[str, ...]:
    """Names by column; a class that the package takes out, like the background, has an empty name."""
    file = folder / "class_names.txt"
    if not file.is_file():
        raise NotFound(f"There is no {file}, which a Roboflow package has. Fetch the package again.")
    names = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    removed = {
        change["class_name"]
        for change in inference.get("class_names_operations") or ()
        if change["type"] == "class_name_removal"
    }
    return tuple("" if name in removed else name for name in names)


def _image_settings(folder: Path, inference: Mapping[str, Any], architecture: str) -> dict[str, Any]:
    """`network_input` and `image_pre_processing` as settings of `ImageInput`."""
    said = inference["network_input"]
    mode, pad = str(said["resize_mode"]), int(said.get("padding_value") or 0)
    if mode == "fit-longer-edge":
        # Roboflow's own stand-ins for inputs of a fixed size
        mode, pad = ("stretch", 0) if architecture.startswith("rfdetr") else ("letterbox", 127)
    if mode not in _FITS:
        raise Mismatch(f"{folder} resizes images by {mode!r}, but known are {', '.join(_FITS)}.")
    found: dict[str, Any] = {
        "fit": _FITS[mode],
        "pad": pad,
        "rgb": said["color_mode"] == "rgb",
        "factor": 1 / float(said.get("scaling_factor") or 1),
        "mean": (0.0, 0.0, 0.0),
        "std": (1.0, 1.0, 1.0),
        "smooth": False,
    }
    if said.get("normalization"):
        found["mean"], found["std"] = (tuple(map(float, row)) for row in said["normalization"])
    return found | _before(folder, inference.get("image_pre_processing") or {})


def _before(folder: Path, said: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the image, grey and contrast, where they are switched on. Images are upright already."""
    found: dict[str, Any] = {}
    crop = said.get("static-crop") or {}
    if crop.get("enabled"):
        found["window"] = tuple(float(crop[key]) for key in ("x_min", "y_min", "x_max", "y_max"))
    changes: list[Callable[[Pixels], Pixels]] = [_grey] if (said.get("grayscale") or {}).get("enabled") else []
    contrast = said.get("contrast") or {}
    if contrast.get("enabled"):
        if contrast.get("type") not in _CONTRASTS:
            raise Mismatch(
                f"{folder} was trained on images with {contrast.get('type')!r}, which is not done the same way here. Known "
                f"are {', '.join(_CONTRASTS)}."
            )
        changes.append(_CONTRASTS[contrast["type"]])
    return found | {"before": tuple(changes)}


def _grey(pixels: Pixels) -> Pixels:
    import cv2

    return np.asarray(cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def _stretched(pixels: Pixels) -> Pixels:
    """The values between the 2nd and the 98th of a hundred, over the whole range."""
    low, high = np.percentile(pixels, (2, 98))
    if high <= low:
        return pixels
    return np.asarray(np.clip((pixels - low) / (high - low), 0, 1) * 255, np.uint8)


def _equalised(pixels: Pixels) -> Pixels:
    """Every value as often as every other, over the three colours together, in 256 steps."""
    counts = np.bincount(pixels.reshape(-1), minlength=256)
    share = np.cumsum(counts) / pixels.size
    return np.asarray(share * 255, np.uint8)[pixels]


_CONTRASTS: dict[str, Callable[[Pixels], Pixels]] = {
    "Contrast Stretching": _stretched,
    "Histogram Equalization": _equalised,
}


def _layout(task: str, inference: Mapping[str, Any]) -> str:
    """How scores of a classifier are to be read; detectors are known by their outputs."""
    said = inference.get("post_processing") or {}
    if task != "classify" or "type" not in said:
        return ""
    return _SHARES.get((str(said["type"]), bool(said.get("fused"))), "")


def _confidence(config: Mapping[str, Any]) -> float | None:
    said = (config.get("recommended_parameters") or {}).get("confidence")
    return None if said is None else float(said)


def _skeleton(folder: Path) -> Skeleton:
    """Names and edges of the points, which must be the same for all classes."""
    file = folder / "keypoints_metadata.json"
    if not file.is_file():
        raise NotFound(f"There is no {file}, which a package with keypoints has. Fetch the package again.")
    with _understood(file):
        said = json.loads(file.read_text(encoding="utf-8"))
        found = {
            Skeleton(
                tuple(str(one["keypoints"][key]) for key in sorted(one["keypoints"], key=int)),
                tuple((int(edge["from"]), int(edge["to"])) for edge in one.get("edges") or ()),
            )
            for one in said
        }
        if len(found) == 1:
            return found.pop()
    raise Mismatch(f"{file} must give all classes the same points, got {len(found)} kinds.")
