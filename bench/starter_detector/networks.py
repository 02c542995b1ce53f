"""Every starter network against its original on photographs: the largest difference of each output.

python bench/starter_detector/networks.py --archives FOLDER [--data FOLDER] [--photographs 32]
Three originals run unconverted in TensorFlow.js; EfficientNet-Lite0 runs in torch from its own weights, batch norms apart.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from efficientnet_torch import logits_and_features
from ground_truth import photographs
from reference import network_input, original_outputs, original_run

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packages" / "starter" / "build"))


def main() -> None:
    parser = argparse.ArgumentParser(description="The starter networks against their originals.")
    parser.add_argument("--data", type=Path, default=os.environ.get("OCELLA_DATA"), help="folder that holds coco128")
    parser.add_argument("--archives", type=Path, required=True, help="folder with the source archives")
    parser.add_argument("--photographs", type=int, default=32, help="how many photographs of coco128")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data, or set OCELLA_DATA, to the folder that holds coco128")
    paths = photographs(Path(options.data) / "coco128")[: options.photographs]
    print(f"{len(paths)} photographs of coco128\n")
    print("| network | output | largest value | largest difference |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, original in ORIGINALS.items():
            inputs, expected = original(paths, _members(name, options.archives, Path(folder)))
            for key, got in _starter(name, inputs, list(expected)).items():
                _row(name, key, got, expected[key])


def _row(name: str, key: str, got: Any, expected: Any) -> None:
    expected = expected.reshape(got.shape)
    if key == "poses":  # a keypoint of nobody is where two equally small numbers meet
        found = expected[:, :, 55] >= 0.1
        got, expected, key = got[found], expected[found], f"{key} of {found.sum()} people with confidence from 0.1"
    difference = float(np.abs(got - expected).max())
    print(f"| {name} | {key} | {np.abs(expected).max():.2f} | {difference:.1e} |")
    if key == "logits":
        same = float((got.argmax(axis=1) == expected.argmax(axis=1)).mean())
        print(f"| {name} | most likely class | | the same on {same:.1%} |")


def _members(name: str, archives: Path, folder: Path) -> list[Path]:
    from recipes import RECIPES
    from sources import SOURCES

    source = SOURCES[RECIPES[name].source]
    return source.extract(source.verified(archives), RECIPES[name].members, folder)


def _starter(name: str, inputs: Any, keys: list[str]) -> dict[str, Any]:
    import onnxruntime

    import ocella_starter

    session = onnxruntime.InferenceSession(ocella_starter.path(name), providers=["CPUExecutionProvider"])
    outputs = [session.run(keys, {"images": image[None]}) for image in inputs]
    return {key: np.concatenate(parts) for key, parts in zip(keys, zip(*outputs, strict=True), strict=True)}


def _rgb(path: Path, size: int) -> Any:
    return cv2.resize(cv2.imread(str(path)), (size, size), interpolation=cv2.INTER_AREA)[:, :, ::-1]


def _nanodet(paths: list[Path], files: list[Path]) -> tuple[Any, dict[str, Any]]:
    inputs = np.stack([network_input(path)[0] for path in paths])
    scores, distances, _ = original_outputs(files[0], inputs)
    return inputs, {"scores": scores, "distances": distances}


def _movenet(paths: list[Path], files: list[Path]) -> tuple[Any, dict[str, Any]]:
    inputs = np.stack([_rgb(path, 256) for path in paths]).astype(np.int32)
    parts, _ = original_run(files[0], inputs, ["Identity:0"])
    return inputs, {"poses": parts[0]}


def _segmentation(paths: list[Path], files: list[Path]) -> tuple[Any, dict[str, Any]]:
    inputs = np.stack([_rgb(path, 256) for path in paths]).astype(np.float32) / 255
    parts, _ = original_run(files[0], inputs, ["activation_10:0"])
    return np.ascontiguousarray(inputs.transpose(0, 3, 1, 2)), {"mask": parts[0]}


def _efficientnet(paths: list[Path], files: list[Path]) -> tuple[Any, dict[str, Any]]:
    pixels = np.stack([_rgb(path, 224) for path in paths]).astype(np.float32)
    inputs = np.ascontiguousarray(((pixels - 127) / 128).transpose(0, 3, 1, 2))
    return inputs, logits_and_features(files[0], inputs)


ORIGINALS: dict[str, Callable[[list[Path], list[Path]], tuple[Any, dict[str, Any]]]] = {
    "nanodet-g": _nanodet,
    "movenet-multipose": _movenet,
    "person-segmentation": _segmentation,
    "efficientnet-lite0": _efficientnet,
}

if __name__ == "__main__":
    main()
