"""The starter detector against the original, unconverted network on coco128.

python bench/starter_detector/run.py --archives FOLDER [--data FOLDER]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ground_truth import average_precision, coco_truth, photographs
from reference import boxes_of, network_input, original_outputs

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = 0.005
COLUMNS = ("AP", "AP50", "AP75", "small", "medium", "large", "AR100")

Found = list[tuple[list[float], float, int]]


def main() -> int:
    parser = argparse.ArgumentParser(description="The starter detector against the original network on coco128.")
    parser.add_argument("--data", type=Path, default=os.environ.get("OCELLA_DATA"), help="folder that holds coco128")
    parser.add_argument("--archives", type=Path, required=True, help="folder with the human-models archive")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data, or set OCELLA_DATA, to the folder that holds coco128")
    data = Path(options.data) / "coco128"
    paths = photographs(data)
    truth = coco_truth(paths, data)
    prepared = [network_input(path) for path in paths]
    inputs, sizes = np.stack([p[0] for p in prepared]), [p[1] for p in prepared]

    original = _original(options.archives, inputs)
    converted = _converted(inputs)
    print(f"{len(paths)} photographs, {len(truth['annotations'])} boxes by people")
    print(
        f"largest difference of an output: scores {_worst(original, converted, 0):.1e}, distances {_worst(original, converted, 1):.1e}\n"
    )
    rows = [
        ("original network (TensorFlow.js, wasm), independent decoding", _decoded(original, sizes), original[2]),
        ("converted file (ONNX Runtime), independent decoding", _decoded(converted, sizes), converted[2]),
        ('`ocella.load("nanodet-g").predict(images, threshold=0.05)`', *_ours(paths)),
    ]
    return _table(truth, rows)


def _original(archives: Path, inputs: Any) -> tuple[Any, Any, float]:
    sys.path.insert(0, str(ROOT / "packages" / "starter" / "build"))
    from sources import SOURCES

    source = SOURCES["human-models"]
    with tempfile.TemporaryDirectory() as folder:
        members = ("package/models/nanodet.json", "package/models/nanodet.bin")
        model = source.extract(source.verified(archives), members, Path(folder))[0]
        scores, distances, report = original_outputs(model, inputs)
    return scores, distances, report["median_ms"]


def _converted(inputs: Any) -> tuple[Any, Any, float]:
    import onnxruntime

    import ocella_starter

    session = onnxruntime.InferenceSession(ocella_starter.path("nanodet-g"), providers=["CPUExecutionProvider"])
    outputs, times = [], []
    for image in inputs:
        start = time.perf_counter()
        outputs.append(session.run(["scores", "distances"], {"images": image[None]}))
        times.append(time.perf_counter() - start)
    scores, distances = (np.concatenate(parts) for parts in zip(*outputs, strict=True))
    return scores, distances, float(np.median(times)) * 1000


def _ours(paths: list[Path]) -> tuple[list[Found], float]:
    import ocella
    from ocella.types import Image

    detector = ocella.load("nanodet-g")
    results: list[Found] = []
    times = []
    for path in paths:
        image = Image(np.ascontiguousarray(cv2.imread(str(path))[:, :, ::-1]))
        start = time.perf_counter()
        found = detector.predict([image], threshold=0.05)[0]
        times.append(time.perf_counter() - start)
        columns = zip(found.xyxy.tolist(), found.confidence.tolist(), found.class_id.tolist(), strict=True)
        results.append(list(columns))
    return results, float(np.median(times)) * 1000


def _decoded(outputs: tuple[Any, Any, float], sizes: list[tuple[int, int]]) -> list[Found]:
    return [boxes_of(s, d, *size) for s, d, size in zip(outputs[0], outputs[1], sizes, strict=True)]


def _worst(a: tuple[Any, ...], b: tuple[Any, ...], index: int) -> float:
    return float(np.abs(a[index] - b[index]).max())


def _table(truth: dict[str, Any], rows: list[tuple[str, list[Found], float]]) -> int:
    print("coco128 comes from COCO train2017, which the network has seen in training: the figures are optimistic.\n")
    print(f"| | {' | '.join(COLUMNS)} | difference of AP | ms |")
    print("|---" * (len(COLUMNS) + 3) + "|")
    first = None
    worst = 0.0
    for name, predictions, milliseconds in rows:
        stats = average_precision(truth, predictions)
        first = stats["AP"] if first is None else first
        worst = max(worst, abs(stats["AP"] - first))
        cells = " | ".join(f"{stats[column]:.3f}" for column in COLUMNS)
        print(f"| {name} | {cells} | {stats['AP'] - first:+.4f} | {milliseconds:.0f} |")
    print(f"\nlargest difference of AP {worst:.4f}, allowed {ALLOWED}: {'met' if worst <= ALLOWED else 'NOT MET'}")
    return int(worst > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
