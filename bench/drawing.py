"""What it costs to draw twenty objects on 1280 x 720 with Ocella and with supervision, in one process, by turns.

python bench/drawing.py [--rounds 50] [--quick]
Both copy the image first. Masks are what each takes at its best: run lengths here; booleans of the whole image there, which
is what it gets from models, and its own packed form in the last column.
"""

import argparse
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import supervision as sv

sys.path.insert(0, str(Path(__file__).resolve().parent / "workflows"))

from definitions import boxes  # after the path

from ocella.types import COCO_PERSON, Detections, Image, Keypoints, Masks
from ocella.workflows.catalog import find_block

COUNT, SIZE = 20, (720, 1280)
BAR = 1 / 4
CHAIN = ("box", "label", "mask", "polygon")
Way = Callable[[], Any]


def main() -> int:
    parser = argparse.ArgumentParser(description="Drawings of Ocella and of supervision.")
    parser.add_argument("--rounds", type=int, default=50, help="turns of each")
    parser.add_argument("--quick", action="store_true", help="a first look: the figures say nothing")
    given = parser.parse_args()
    image = Image(np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8))
    frames = [objects(step) for step in range(30)]
    contestants = {
        "Ocella": ours(image, frames),
        "supervision": theirs(image, [frame.to_supervision() for frame in frames], frames[0]),
        "packed": theirs(image, [packed(frame.to_supervision()) for frame in frames], frames[0]),
    }
    taken: dict[str, dict[str, list[float]]] = {name: {way: [] for way in ways} for name, ways in contestants.items()}
    for _ in range(3 if given.quick else given.rounds):
        for name, ways in contestants.items():
            for way, run in ways.items():
                began = time.perf_counter()
                run()
                taken[name][way].append(1000 * (time.perf_counter() - began))
    met = table({name: {way: statistics.median(t) for way, t in ways.items()} for name, ways in taken.items()})
    if os.getloadavg()[0] > (os.cpu_count() or 1) + 0.5:
        print(f"The machine was busy: load {os.getloadavg()[0]:.1f}.")
    return 0 if met or given.quick else 1


def table(ms: dict[str, dict[str, float]]) -> bool:
    """Print medians; whether the chain of four is under its share of supervision's time."""
    for ways in ms.values():
        ways["all four"] = sum(ways[way] for way in CHAIN)
    print(f"supervision {sv.__version__}, {COUNT} objects on {SIZE[1]} x {SIZE[0]}, milliseconds (medians)\n")
    print("| | Ocella | supervision | share | supervision, packed masks |\n|---|---|---|---|---|")
    for way, own in ms["Ocella"].items():
        peer, other = ms["supervision"][way], ms["packed"][way]
        print(f"| {way} | {own:.2f} | {peer:.2f} | {own / peer:.2f} | {other:.2f} |")
    share = ms["Ocella"]["all four"] / ms["supervision"]["all four"]
    print(f"\nAll four: {share:.3f}, allowed {BAR}: {'met' if share <= BAR else 'NOT MET'}.")
    return share <= BAR


def objects(step: int) -> Detections:
    """Objects with elliptical masks and seventeen points, a little further to the right with each step."""
    xyxy = np.array(boxes(COUNT, (SIZE[0], SIZE[1] - 60)), np.float32) + np.array([2 * step, 0, 2 * step, 0])
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    dense = [
        ((columns - (x1 + x2) / 2) / (x2 - x1)) ** 2 + ((rows - (y1 + y2) / 2) / (y2 - y1)) ** 2 <= 0.25
        for x1, y1, x2, y2 in xyxy
    ]
    spots = (
        np.random.default_rng(1).random((COUNT, 17, 2)) * (xyxy[:, None, 2:] - xyxy[:, None, :2]) + xyxy[:, None, :2]
    )
    seen = np.ones((COUNT, 17))
    return Detections(
        xyxy,
        np.full(COUNT, 0.87),
        np.arange(COUNT) % 5,
        ("person", "bicycle", "car", "traffic light", "dog"),
        Masks.from_dense(np.array(dense)) if step == 0 else None,
        Keypoints(spots, seen, seen, COCO_PERSON),
        np.arange(COUNT),
    )


def ours(image: Image, frames: list[Detections]) -> dict[str, Way]:
    def way(family: str, found: Detections, **fields: Any) -> Way:
        block = find_block(f"{family}_visualization")[0]()
        for name, value in fields.items():
            setattr(block, name, value)
        block.setup()
        return lambda: block.run(image, found)

    numbers = find_block("label_visualization")[0]()
    numbers.text = "Confidence"
    changing = itertools.cycle(
        [frames[0].replace(confidence=np.random.default_rng(i).random(COUNT, np.float32)) for i in range(50)]
    )
    trace = find_block("trace_visualization")[0]()
    trace.setup()
    for frame in frames:
        trace.run(image, frame)
    first = frames[0]
    return {
        "box": way("bounding_box", first),
        "label": way("label", first),
        "label, new each time": lambda: numbers.run(image, next(changing)),
        "mask": way("mask", first),
        "polygon": way("polygon", first),
        "keypoint dots": way("keypoint", first, annotator_type="vertex"),
        "keypoint edges": way("keypoint", first),
        "trace": lambda: trace.run(image, frames[-1]),
    }


def theirs(image: Image, frames: list[Any], first: Detections) -> dict[str, Way]:
    found, spots = frames[0], first.keypoints
    points = sv.KeyPoints(xy=spots.xy, keypoint_confidence=spots.confidence, class_id=first.class_id)
    scores = itertools.cycle([[f"{c:.2f}" for c in np.random.default_rng(i).random(COUNT)] for i in range(50)])
    letters = sv.LabelAnnotator(text_scale=1.0)
    edges = sv.EdgeAnnotator(edges=[(a + 1, b + 1) for a, b in COCO_PERSON.edges])
    dots, trace = sv.VertexAnnotator(radius=10), sv.TraceAnnotator(thickness=1)
    for frame in frames:
        trace.annotate(image.pixels.copy(), frame)

    def way(annotator: Any) -> Way:
        return lambda: annotator.annotate(scene=image.pixels.copy(), detections=found)

    return {
        "box": way(sv.BoxAnnotator()),
        "label": lambda: letters.annotate(scene=image.pixels.copy(), detections=found),
        "label, new each time": lambda: letters.annotate(
            scene=image.pixels.copy(), detections=found, labels=next(scores)
        ),
        "mask": way(sv.MaskAnnotator()),
        "polygon": way(sv.PolygonAnnotator()),
        "keypoint dots": lambda: dots.annotate(scene=image.pixels.copy(), key_points=points),
        "keypoint edges": lambda: edges.annotate(scene=image.pixels.copy(), key_points=points),
        "trace": lambda: trace.annotate(scene=image.pixels.copy(), detections=frames[-1]),
    }


def packed(found: Any) -> Any:
    """Its own form of masks that are cut out of the image."""
    from supervision.detection.compact_mask import CompactMask

    if found.mask is not None:
        found.mask = CompactMask.from_dense(found.mask, found.xyxy, image_shape=SIZE)
    return found


if __name__ == "__main__":
    sys.exit(main())
