"""What can be said of images without any answer: which to label first, and how steady a setting is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocella.choosing.coverage import images_to_label
from ocella.choosing.look import look
from ocella.choosing.run import Run
from ocella.choosing.setting import Setting
from ocella.embeddings.duplicates import difference_hash, near_pairs
from ocella.media.load import load
from ocella.media.write import encode_jpeg
from ocella.metrics.agreement import agreement
from ocella.models.pool import Pool
from ocella.progress import Progress
from ocella.types import Detections, Embedding, Image, ImageRef

__all__ = ["images_worth_labelling", "scene_groups", "steadiness", "vectors_of"]

EMBEDDER = "efficientnet-lite0-features"
_TURNED = 12
"""Images that are mirrored and shrunk to see how steady a setting is."""


def images_worth_labelling(
    images: Sequence[ImageRef],
    count: int,
    file: Path,
    pool: Pool,
    *,
    doubt: Sequence[float] | None = None,
    progress: Progress,
) -> tuple[str, ...]:
    """Names of up to `count` images that together look most like all of them, near-duplicates once; `doubt` of the models
    about each image makes it worth more. Images that cannot be read are left out.
    """
    kept, vectors = vectors_of(images, file, pool, progress=progress)
    rows = {ref.name: n for n, ref in enumerate(images)}
    chosen = images_to_label(
        vectors,
        min(count, len(vectors)),
        doubt=None if doubt is None else np.asarray(doubt)[[rows[ref.name] for ref in kept]],
        groups=scene_groups(kept),
    )
    return tuple(kept[i].name for i in chosen)


def vectors_of(
    images: Sequence[ImageRef], file: Path, pool: Pool, *, progress: Progress
) -> tuple[tuple[ImageRef, ...], npt.NDArray[np.float32]]:
    """The images that can be read, and their vectors (n, d) by the starter embedder."""
    looked = look([Setting(EMBEDDER)], images, file, pool, progress=progress)
    vectors = np.stack([e.vector for e in looked.runs[0].said if isinstance(e, Embedding)])
    return looked.images, vectors


def steadiness(
    runs: Sequence[Run], images: Sequence[ImageRef], file: Path, pool: Pool, *, progress: Progress
) -> Mapping[Setting, float]:
    """For each setting of detectors how far what it finds stays the same when an image is mirrored, and when it is shrunk to
    two thirds: the mean share of objects that agree, 0 to 1.
    """
    able = [r for r in runs if all(isinstance(label, Detections) for label in r.said)]
    few = list(range(0, len(images), max(1, len(images) // _TURNED)))[:_TURNED]
    if not able or not few:
        return {}
    shown = [load(images[i]) for i in few]
    changed = [ref for i, image in zip(few, shown, strict=True) for ref in _changed(images[i].name, image)]
    again = look([r.setting for r in able], changed, file, pool, progress=progress)
    before = {r.setting: r for r in able}
    names = {ref.name: place for place, ref in enumerate(again.images)}
    found: dict[Setting, float] = {}
    for run in again.runs:
        usual = run.card.threshold
        shares = []
        for i, image in zip(few, shown, strict=True):
            plain = _sure(before[run.setting].said[i], usual)
            for kind in ("mirrored", "smaller"):
                if (name := f"{images[i].name} {kind}") in names:
                    turned = _back(_sure(run.said[names[name]], usual), image, kind)
                    shares.append(agreement([plain], [turned]).share)
        found[run.setting] = float(np.mean(shares)) if shares else 0.0
    return found


def _changed(name: str, image: Image) -> list[ImageRef]:
    import cv2

    height, width = image.size_hw
    small = cv2.resize(image.pixels, (max(1, width * 2 // 3), max(1, height * 2 // 3)), interpolation=cv2.INTER_AREA)
    pictures = {"mirrored": np.ascontiguousarray(image.pixels[:, ::-1]), "smaller": small}
    return [ImageRef(f"{name} {kind}", data=encode_jpeg(Image(p), 95)) for kind, p in pictures.items()]


def _sure(label: object, usual: float) -> Detections:
    assert isinstance(label, Detections)
    return label[label.confidence >= usual]


def _back(found: Detections, image: Image, kind: str) -> Detections:
    """Boxes in a changed image as boxes in the original."""
    height, width = image.size_hw
    if kind == "mirrored":
        return found.replace(
            xyxy=np.stack([width - found.xyxy[:, 2], found.xyxy[:, 1], width - found.xyxy[:, 0], found.xyxy[:, 3]], 1),
            masks=None,
            keypoints=None,
        )
    scale = np.array([width / max(1, width * 2 // 3), height / max(1, height * 2 // 3)] * 2, np.float32)
    return found.replace(xyxy=found.xyxy * scale, masks=None, keypoints=None)


def scene_groups(images: Sequence[ImageRef]) -> list[int]:
    """A number for each image; near-duplicates share one."""
    group = list(range(len(images)))
    pairs = near_pairs(np.stack([difference_hash(load(ref)) for ref in images]))
    for i, j in pairs:
        group[j] = group[i]
    return group
