"""The demo: the main road on the photographs that come with Ocella, and each kind of label once."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.datasets import Dataset, Sample
from ocella.errors import MissingExtra
from ocella.journeys.distill import Distilled, distill, page
from ocella.journeys.label import label
from ocella.labeling.report import labelled_pictures
from ocella.labeling.summary import Labeled
from ocella.media.flight import View, flight, views
from ocella.media.load import load
from ocella.media.video import write_video
from ocella.media.wall import Hung, wall
from ocella.media.write import link_or_copy, write_text
from ocella.models.starter import starter_file
from ocella.ops.rings import clip_ring, ring_area
from ocella.progress import Progress, silent
from ocella.reports.blocks import bullets, note
from ocella.reports.page import Section, section
from ocella.training.recipe import need_torch
from ocella.types import Annotation, Detections, Source, State

__all__ = ["Demonstrated", "demo"]

Ring = npt.NDArray[np.float64]

_CLASSES = "person, cat, cup"
_TILE = "1x2"
_FPS = 5
_ROUTE: Mapping[str, Any] = {"seconds": 40, "fps": _FPS, "size_hw": (480, 640), "rounds": 10}
_LEAST_VISIBLE = 0.15
_HUNG = (
    "astronaut.png",
    "temple.jpg",
    "cat.png",
    "flower.jpg",
    "camera.png",
    "coffee.png",
    "rocket.jpg",
    "page.png",
)
_TASKS: Mapping[str, dict[str, Any]] = {
    "detect": {"model": "nanodet-g"},
    "masks": {"model": "nanodet-g+person-segmentation"},
    "keypoints": {"model": "movenet-multipose"},
    "classify": {"model": "efficientnet-lite0"},
    "ocr": {"model": "pp-ocr"},
}
_LIMITS = (
    (
        f"The scene is a camera flown over {len(_HUNG)} photographs on a wall (pan, zoom, turn, light). It is not a film of a "
        f"street: nothing in it moves by itself, and every object appears in training and in the proof."
    ),
    (
        "The proof is on the last part of the flight, on paths that the training did not see, judged by outlines drawn by hand "
        "on the photographs. It says that the student learnt these things from this teacher. It says nothing about other "
        "people, cats or cups."
    ),
    (
        "For a number that you can trust, run the same road on your own images with labels by people: "
        "ocella distill PHOTOS --classes ... --truth LABELS --out OUT"
    ),
)


@dataclass(frozen=True)
class Demonstrated:
    """The main road, the photographs labelled once for each task, and the seconds it took."""

    road: Distilled
    labeled: Mapping[str, Labeled]
    seconds: float
    report: Path

    def to_json(self) -> dict[str, Any]:
        """JSON form for `--json`."""
        return {
            "seconds": round(self.seconds, 1),
            "report": str(self.report),
            "road": self.road.to_json(),
            "labeled": {task: labeled.to_json() for task, labeled in self.labeled.items()},
        }


def demo(
    out: Path | str, *, minutes: float = 1.5, seed: int = 0, device: str = "auto", progress: Progress = silent
) -> Demonstrated:
    """Fly a camera over a wall of photographs, distil a student for what it sees, prove it on the last part of the flight by
    outlines drawn by hand, and label the photographs for each task. Run again, it reuses what is done.
    """
    began = time.monotonic()
    need_torch()
    if find_spec("rapidocr") is None:
        raise MissingExtra("The demo", "train,ocr")
    root = Path(out)
    photos = _photos(root / "photos")
    video = root / "flight.mp4"
    hung = wall([load(photos / name) for name in _HUNG], columns=3, cell_hw=(360, 480))
    if not video.is_file():
        progress("fly", 0, 1, video.name)
        write_video(video, (frame.image for frame in flight([hung.image], **_ROUTE)), _FPS)
        progress("fly", 1, 1, video.name)
    labeled = {
        task: label(photos, root / f"photos-{task}", device=device, progress=_named(progress, task), **options)
        for task, options in _TASKS.items()
    }
    road = distill(
        video,
        root / "student",
        classes=_CLASSES,
        every=1 / _FPS,
        minutes=minutes,
        tile=_TILE,
        truth=lambda dataset: _outlined(dataset, hung),
        seed=seed,
        device=device,
        progress=progress,
    )
    done = Demonstrated(road, labeled, time.monotonic() - began, root / "report.html")
    write_text(done.report, _page(done).html())
    return done


def _photos(folder: Path) -> Path:
    """The photographs in a folder of the person's own, as links or copies."""
    source = starter_file("photos/outlines.json").parent
    for photo in sorted(source.iterdir()):
        if photo.suffix in (".jpg", ".png") and not (folder / photo.name).exists():
            link_or_copy(photo, folder / photo.name)
    return folder


def _named(progress: Progress, task: str) -> Progress:
    return lambda stage, done, total, what: progress(f"{task}: {stage}", done, total, what)


def _outlined(dataset: Dataset, hung: Hung) -> Dataset:
    """What the outlines drawn on the photographs are in each frame: exact, since the flight's path is known."""
    drawn = json.loads(starter_file("photos/outlines.json").read_text(encoding="utf-8"))["outlines"]
    outlines = []
    for outline in drawn:
        place = _HUNG.index(outline["file"])
        ring = np.asarray(outline["ring"], np.float64) * hung.scales[place] + hung.corners_xy[place]
        outlines.append((outline["class"], ring))
    path = {view.index: view for view in views([hung.image], **_ROUTE)}
    source = Source("person", "outlines drawn by hand")
    accepted: State = "accepted"

    def change(sample: Sample) -> Sample:
        seen = _seen(path[int(sample.source["frame"])], outlines, dataset.classes)
        return sample.replace(annotations=(Annotation(seen, source, (accepted,) * len(seen)),))

    return dataset.map(change)


def _seen(view: View, outlines: Sequence[tuple[str, Ring]], classes: tuple[str, ...]) -> Detections:
    """Boxes around the outlines as this frame shows them; what is nearly out of the picture is left out."""
    boxes, ids = [], []
    back = np.linalg.inv(view.matrix[:, :2])
    for name, ring in outlines:
        here = (ring - view.matrix[:, 2]) @ back.T
        visible = clip_ring(here, _ROUTE["size_hw"])
        if ring_area(visible) >= _LEAST_VISIBLE * ring_area(here):
            boxes.append([*visible.min(axis=0), *visible.max(axis=0)])
            ids.append(classes.index(name))
    xyxy = np.asarray(boxes, np.float32).reshape(-1, 4)
    return Detections(xyxy, np.ones(len(ids), np.float32), np.array(ids, np.int64), classes)


def _page(done: Demonstrated) -> Any:
    before = section(
        "What this demo proves, and what not",
        note("warning", bullets(_LIMITS)),
    )
    after = [_task_section(task, labeled) for task, labeled in done.labeled.items()]
    return page(done.road, title="Ocella's demo: a small model for one scene", before=(before,), after=tuple(after))


def _task_section(task: str, labeled: Labeled) -> Section:
    """The pictures of one data set."""
    count = sum(labeled.counts.values())
    told = f"{labeled.model}: {count} labels in {len(labeled.dataset)} photographs, in {labeled.dataset.root}."
    return section(f"The photographs, labelled for {task}", told, labelled_pictures(labeled.dataset, 9))
