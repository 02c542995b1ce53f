"""Videos of boxes that cross a line and stay in a zone for known times, and what finds the boxes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ocella.media.timed_video import TimedVideo
from ocella.types import Detections, Image
from ocella.workflows.block import Block
from ocella.workflows.compile import compile_workflow
from ocella.workflows.kinds import Objects
from ocella.workflows.workflow import Workflow

HEIGHT, WIDTH = 160, 320
LINE = 161
"""Where the upright line is; centres of boxes never lie on it, nor within two pixels of it for a turn."""
ZONE = (201, 261)
"""Left and right end of the zone, which is as high as the picture."""
SIDE = 16
LANES = 5


@dataclass(frozen=True)
class Box:
    """Goes `step` pixels a frame (to the left where negative) in a lane, in at frame `start`; may turn back at frame `turn`."""

    lane: int
    step: int
    start: int
    turn: int = 0

    def centre(self, frame: int) -> tuple[int, int] | None:
        """x and y in a frame; None while it is wholly out of sight."""
        age = frame - self.start
        if age < 0:
            return None
        ahead = min(age, self.turn) - max(age - self.turn, 0) if self.turn else age
        x = (-SIDE // 2 if self.step > 0 else WIDTH + SIDE // 2) + ahead * self.step
        return (x, 16 + self.lane * 32) if -SIDE // 2 <= x <= WIDTH + SIDE // 2 else None


@dataclass(frozen=True)
class Traffic:
    """Boxes, and the times of the frames: not even, so that counting frames is no way to tell the time."""

    boxes: tuple[Box, ...]
    times: tuple[float, ...]

    @classmethod
    def of(cls, seconds: float, seed: int) -> "Traffic":
        """Random boxes one after another in each lane, gone three seconds before the end."""
        random = np.random.default_rng(seed)
        times = np.cumsum([0.0] + [0.03, 0.05] * round(seconds * 12.5))[: round(seconds * 25)]
        last = len(times) - 75
        boxes = []
        for lane in range(LANES):
            start = int(random.integers(0, 40))
            while True:
                step = int(random.choice([-5, -4, -3, 3, 4, 5]))
                turn = round(200 / abs(step)) if random.random() < 0.25 else 0
                frames = 2 * turn if turn else (WIDTH + SIDE) // abs(step) + 1
                if start + frames > last:
                    break
                boxes.append(Box(lane, step, start, turn))
                start += frames + int(random.integers(60, 100))
        return cls(tuple(boxes), tuple(round(float(t), 3) for t in times))

    def crossings(self) -> tuple[int, int]:
        """How often a centre went over the line to the right, and to the left."""
        right = left = 0
        for box in self.boxes:
            xs = [c[0] for c in map(box.centre, range(len(self.times))) if c is not None]
            right += sum(a < LINE < b for a, b in itertools.pairwise(xs))
            left += sum(b < LINE < a for a, b in itertools.pairwise(xs))
        return right, left

    def stays(self) -> list[float]:
        """Seconds of each stay in the zone, from the first frame inside to the last, sorted."""
        out = []
        for box in self.boxes:
            began: float | None = None
            last = 0.0
            for frame, seconds in enumerate(self.times):
                centre = box.centre(frame)
                if centre is not None and ZONE[0] < centre[0] < ZONE[1]:
                    began, last = seconds if began is None else began, seconds
                elif began is not None:
                    out.append(last - began)
                    began = None
        return sorted(out)

    def images(self) -> Iterator[tuple[Image, float]]:
        """The frames with their times."""
        for frame, seconds in enumerate(self.times):
            pixels = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
            for box in self.boxes:
                centre = box.centre(frame)
                if centre is not None:
                    left, right = max(centre[0] - SIDE // 2, 0), max(centre[0] + SIDE // 2, 0)
                    pixels[centre[1] - SIDE // 2 : centre[1] + SIDE // 2, left:right] = 220
            yield Image(pixels), seconds

    def write(self, path: Path) -> Path:
        """A video file."""
        with TimedVideo(path, quality=12) as video:
            for image, seconds in self.images():
                video.write(image, seconds)
        return path


class FindBoxes(Block):
    """Bright boxes on a dark ground, by their outlines."""

    type = "find_boxes@v1"
    output = "found"

    def run(self, image: Image) -> Objects:
        import cv2

        bright = (image.pixels[:, :, 1] > 128).astype(np.uint8)
        outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        boxes = [cv2.boundingRect(outline) for outline in outlines]
        xyxy = np.array([(x, y, x + w, y + h) for x, y, w, h in boxes if w > 4], np.float32).reshape(-1, 4)
        return Detections(
            xyxy=xyxy,
            confidence=np.full(len(xyxy), 0.9, np.float32),
            class_id=np.zeros(len(xyxy), np.int64),
            classes=("box",),
        )


def counting(tracker: str) -> Workflow:
    """Finds, tracks, counts over the line, and times in the zone."""
    zone = [[ZONE[0], 0], [ZONE[1], 0], [ZONE[1], HEIGHT], [ZONE[0], HEIGHT]]
    steps: list[dict[str, Any]] = [
        {"type": "find_boxes@v1", "name": "find", "image": "$inputs.image"},
        {"type": tracker, "name": "track", "image": "$inputs.image", "detections": "$steps.find.found"},
        {
            "type": "roboflow_core/line_counter@v2",
            "name": "line",
            "image": "$inputs.image",
            "detections": "$steps.track.tracked_detections",
            "line_segment": [[LINE, HEIGHT], [LINE, 0]],
            "triggering_anchor": "CENTER",
        },
        {
            "type": "roboflow_core/time_in_zone@v3",
            "name": "zone",
            "image": "$inputs.image",
            "detections": "$steps.track.tracked_detections",
            "zone": zone,
            "triggering_anchor": "CENTER",
            "remove_out_of_zone_detections": True,
            "reset_out_of_zone_detections": True,
        },
    ]
    outputs = {"in": "line.count_in", "out": "line.count_out", "timed": "zone.timed_detections"}
    definition = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": steps,
        "outputs": [{"type": "JsonField", "name": n, "selector": f"$steps.{s}"} for n, s in outputs.items()],
    }
    return compile_workflow(definition, [FindBoxes])
