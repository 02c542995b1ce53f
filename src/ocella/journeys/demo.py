"""The demo: the main road on the photographs that come with Ocella, and each kind of label once."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.journeys.distill import Distilled, distill, page
from ocella.journeys.label import label
from ocella.labeling.report import label_sections
from ocella.labeling.summary import Labeled
from ocella.media.flight import View, flight, views
from ocella.media.load import load
from ocella.media.video import write_video
from ocella.media.write import link_or_copy, write_text
from ocella.ops.rings import clip_ring, ring_area
from ocella.progress import Progress, silent
from ocella.reports.blocks import bullets, note
from ocella.reports.gallery import gallery
from ocella.reports.page import Section, section
from ocella.types import Annotation, Detections, Image, Source, State

__all__ = ["Demonstrated", "demo"]

_CLASSES = "person, cat, cup"
_SIZE_HW = (320, 416)
_FPS = 5
_ROUNDS = 5
_SHOT_SECONDS = 1.6
_LEAST_VISIBLE = 0.15
_FLOWN = ("astronaut.png", "temple.jpg", "camera.png", "cat.png", "coffee.png", "flower.jpg", "rocket.jpg")
_TASKS: Mapping[str, dict[str, Any]] = {
    "detect": {"model": "nanodet-g", "tile": "2x2"},
    "masks": {"model": "nanodet-g+person-segmentation"},
    "keypoints": {"model": "movenet-multipose"},
    "classify": {"model": "efficientnet-lite0"},
    "ocr": {"model": "pp-ocr"},
}


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
    """Fly a camera over the photographs, distil a student for what it sees, prove it on the last part of the flight by
    outlines drawn by hand, and label the photographs for each task. Run again, it reuses what is done.
    """
    began = time.monotonic()
    root = Path(out)
    photos = _photos(root / "photos")
    video = root / "flight.mp4"
    flown = [load(photos / name) for name in _FLOWN]
    if not video.is_file():
        progress("fly", 0, 1, video.name)
        write_video(video, (frame.image for frame in flight(flown, **_route())), _FPS)
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
        truth=lambda dataset: _outlined(dataset, flown),
        seed=seed,
        device=device,
        progress=progress,
    )
    done = Demonstrated(road, labeled, time.monotonic() - began, root / "report.html")
    write_text(done.report, _page(done).html())
    return done


def _photos(folder: Path) -> Path:
    """The photographs in a folder of the person's own, as links or copies."""
    import ocella_starter

    source = Path(ocella_starter.__file__).parent / "photos"
    for photo in sorted(source.iterdir()):
        if photo.suffix in (".jpg", ".png") and not (folder / photo.name).exists():
            link_or_copy(photo, folder / photo.name)
    return folder


def _route() -> dict[str, Any]:
    return {"seconds": _SHOT_SECONDS * len(_FLOWN) * _ROUNDS, "fps": _FPS, "size_hw": _SIZE_HW, "rounds": _ROUNDS}


def _named(progress: Progress, task: str) -> Progress:
    return lambda stage, done, total, what: progress(f"{task}: {stage}", done, total, what)


def _outlined(dataset: Dataset, flown: list[Image]) -> Dataset:
    """What the outlines drawn on the photographs are in each frame: exact, since the flight's path is known."""
    import ocella_starter

    drawn = json.loads(ocella_starter.path("photos/outlines.json").read_text(encoding="utf-8"))["outlines"]
    by_photo: dict[int, list[tuple[str, np.ndarray]]] = {}
    for outline in drawn:
        ring = np.asarray(outline["ring"], np.float64)
        by_photo.setdefault(_FLOWN.index(outline["file"]), []).append((outline["class"], ring))
    path = {view.index: view for view in views(flown, **_route())}
    source = Source("person", "outlines drawn by hand")
    accepted: State = "accepted"

    def change(sample: Sample) -> Sample:
        view = path[int(sample.source["frame"])]
        seen = _seen(view, by_photo.get(view.photo, []), dataset.classes)
        return sample.replace(annotations=(Annotation(seen, source, (accepted,) * len(seen)),))

    return dataset.map(change)


def _seen(view: View, outlines: list[tuple[str, np.ndarray]], classes: tuple[str, ...]) -> Detections:
    """Boxes around the outlines as this frame shows them; what is nearly out of the picture is left out."""
    boxes, ids = [], []
    back = np.linalg.inv(view.matrix[:, :2])
    for name, ring in outlines:
        here = (ring - view.matrix[:, 2]) @ back.T
        visible = clip_ring(here, _SIZE_HW)
        if ring_area(visible) >= _LEAST_VISIBLE * ring_area(here):
            boxes.append([*visible.min(axis=0), *visible.max(axis=0)])
            ids.append(classes.index(name))
    return Detections(
        np.asarray(boxes, np.float32).reshape(-1, 4), np.ones(len(ids), np.float32), np.array(ids, np.int64), classes
    )


def _page(done: Demonstrated) -> Any:
    before = section(
        "What this demo proves, and what not",
        note(
            "warning",
            bullets(
                [
                    (
                        f"The scene is a camera flown over {len(_FLOWN)} photographs (pan, zoom, turn, light). It is not a film "
                        "of a street: nothing in it moves by itself, and every object appears in training and in the proof."
                    ),
                    (
                        "The proof is on the last part of the flight, on paths that the training did not see, judged by "
                        "outlines drawn by hand on the photographs. It says that the student learnt these things from this "
                        "teacher. It says nothing about other people, cats or cups."
                    ),
                    (
                        "For a number that you can trust, run the same road on your own images with labels by people: "
                        "ocella distill PHOTOS --classes ... --truth LABELS --out OUT"
                    ),
                ]
            ),
        ),
    )
    after = [_task_section(task, labeled) for task, labeled in done.labeled.items()]
    return page(done.road, title="Ocella's demo: a small model for one scene", before=(before,), after=tuple(after))


def _task_section(task: str, labeled: Labeled) -> Section:
    """The pictures of one data set."""
    pictures = label_sections(labeled, pictures=9)[-1].blocks
    count = sum(labeled.counts.values())
    told = f"{labeled.model}: {count} labels in {len(labeled.dataset)} photographs, in {labeled.dataset.root}."
    return section(f"The photographs, labelled for {task}", told, *(pictures or [gallery([])]))
