"""What a model of each task should say of the photographs that come with Ocella, and whether it does."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.media.load import load
from ocella.models.starter import starter_file, starter_text
from ocella.models.text.match import match_prompts
from ocella.ops.iou import iou
from ocella.ops.masks import mask_iou
from ocella.types import Detections, Image, Masks, Ontology, Part

__all__ = ["CHECKS", "Seen"]

_SUBJECTS = {
    "astronaut.png": ("an astronaut", "astronaut|woman|person"),
    "boats.jpg": ("boats on a river", "boat|ship|canoe|river"),
    "camera.png": ("a man behind a camera", "camera|man|person|photographer|tripod"),
    "cat.png": ("a cat", "cat|tabby|kitten|lynx"),
    "coffee.png": ("a cup of coffee", "coffee|cup|espresso|mug|saucer"),
    "flower.jpg": ("an orange flower", "flower|dahlia|daisy"),
    "page.png": ("a printed page", "page|text|book|document|paper|menu"),
    "rocket.jpg": ("a rocket", "rocket|missile|launch|projectile"),
    "temple.jpg": ("a pagoda", "pagoda|temple|palace|building|tower|monastery"),
}
"""Of each photograph a caption, and words of which one should come up."""
_IN_IMAGENET = ("cat.png", "coffee.png", "rocket.jpg")


@dataclass(frozen=True)
class Seen:
    """One look: at which photograph, for what, what the model said, and whether that is right."""

    photo: str
    expected: str
    said: str
    right: bool

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"photo": self.photo, "expected": self.expected, "said": self.said, "right": self.right}


@dataclass(frozen=True)
class _Outlined:
    photo: str
    name: str
    image: Image
    mask: Masks
    box: npt.NDArray[np.float32]


@cache
def _outlined() -> tuple[_Outlined, ...]:
    """The things that have an outline drawn by hand."""
    found = []
    for item in json.loads("\n".join(starter_text("photos/outlines.json")))["outlines"]:
        image = _photo(item["file"])
        ring = np.array(item["ring"], np.float64)
        box = np.concatenate([ring.min(axis=0), ring.max(axis=0)]).astype(np.float32)[None]
        mask = Masks.from_polygons([[Part(ring)]], image.size_hw)
        found.append(_Outlined(item["file"], item["class"], image, mask, box))
    return tuple(found)


@cache
def _photo(file: str) -> Image:
    return load(starter_file(f"photos/{file}"))


def _known(names: Sequence[str], classes: Sequence[str]) -> set[str]:
    """Which of the names a model with these classes knows; all where it takes any."""
    if not classes:
        return set(names)
    found = match_prompts(Ontology.of(*dict.fromkeys(names)), classes)
    return {m.class_name for m in found if m.known is not None}


def _asked(model: Any) -> list[_Outlined]:
    known = _known([t.name for t in _outlined()], model.card.classes)
    return [t for t in _outlined() if t.name in known]


def _detect(model: Any) -> Iterator[Seen]:
    for thing in _asked(model):
        (found,) = model.predict([thing.image], Ontology.of(thing.name))
        best = float(iou(thing.box, found.xyxy).max(initial=0))
        yield Seen(thing.photo, f"a box around the {thing.name}", f"{len(found)}, overlap {best:.2f}", best >= 0.5)


def _segment(model: Any) -> Iterator[Seen]:
    able = [t for t in _outlined() if not model.card.classes or t.name in model.card.classes]
    for thing in able:
        (found,) = model.predict([thing.image], [thing.box])
        yield _outline(thing, found)


def _follow(model: Any) -> Iterator[Seen]:
    for thing in _outlined():
        steps = [Image(np.roll(thing.image.pixels, 4 * i, axis=1)) for i in range(3)]
        *_, last = model.predict(steps, thing.box)
        moved = Masks.from_dense(np.roll(thing.mask.dense(), 8, axis=2))
        masks = last.masks if isinstance(last, Detections) and last.masks is not None else Masks.empty(moved.size_hw)
        best = float(mask_iou(moved, masks).max(initial=0))
        yield Seen(thing.photo, f"the {thing.name} two frames on", f"overlap {best:.2f}", best >= 0.6)


def _outline(thing: _Outlined, found: Masks) -> Seen:
    best = float(mask_iou(thing.mask, found).max(initial=0))
    return Seen(thing.photo, f"the outline of the {thing.name}", f"overlap {best:.2f}", best >= 0.6)


def _regions(model: Any) -> Iterator[Seen]:
    for thing in _asked(model):
        (found,) = model.predict([thing.image], Ontology.of(thing.name))
        yield _outline(thing, Masks.from_dense((found.class_id == 0)[None]))


def _classify(model: Any) -> Iterator[Seen]:
    if model.card.classes:
        for file in _IN_IMAGENET:
            (found,) = model.predict([_photo(file)])
            yield _words(file, found.top()[0][0])
        return
    captions = Ontology.of(*(caption for caption, _ in _SUBJECTS.values()))
    for file, (caption, _) in _SUBJECTS.items():
        (found,) = model.predict([_photo(file)], captions)
        said, score = found.top()[0]
        yield Seen(file, caption, f"{said} {score:.2f}", said == caption)


def _words(file: str, said: str) -> Seen:
    expected = _SUBJECTS[file][1]
    return Seen(file, expected.replace("|", ", "), said[:200], re.search(rf"\b({expected})", said.lower()) is not None)


def _points(model: Any) -> Iterator[Seen]:
    for thing in (t for t in _outlined() if t.name == "person"):
        boxes = [thing.box] if "box" in model.card.prompts else None
        (found,) = model.predict([thing.image], boxes)
        inside = 0.0
        if len(found) and found.keypoints is not None:
            x, y = np.clip(found.keypoints.xy[0].T.astype(int), 0, np.array(thing.image.size_hw)[::-1, None] - 1)
            inside = (
                float(thing.mask.dense()[0][y, x][found.keypoints.visible[0]].mean())
                if found.keypoints.visible[0].any()
                else 0
            )
        yield Seen(thing.photo, "points on the person", f"{inside:.0%} of the visible ones", inside >= 0.7)


def _read(model: Any) -> Iterator[Seen]:
    (found,) = model.predict([_photo("page.png")])
    letters = re.sub(r"\W", "", found.text.lower())
    for line in (
        "Region-based segmentation",
        "histogram of grey values",
        "unambiguously as either object or background",
    ):
        right = re.sub(r"\W", "", line.lower()) in letters
        yield Seen("page.png", line, f"{len(found)} lines", right)


def _ask(model: Any) -> Iterator[Seen]:
    for file in _SUBJECTS:
        (answer,) = model.predict([_photo(file)], "What is the main thing in this photograph? Answer in a few words.")
        yield _words(file, answer.text)


def _compare(model: Any) -> Iterator[Seen]:
    photos = {file: _photo(file) for file in _SUBJECTS}
    plain = np.stack([e.vector for e in model.predict(list(photos.values()))])
    turned = [Image(np.ascontiguousarray(p.pixels[:, ::-1])) for p in photos.values()]
    for file, vector in zip(photos, model.predict(turned), strict=True):
        nearest = list(photos)[int((plain @ vector.vector).argmax())]
        yield Seen(file, "its mirror image is nearest to itself", nearest, nearest == file)
    if model.card.open_vocabulary:
        texts = np.stack([e.vector for e in model.embed_text([caption for caption, _ in _SUBJECTS.values()])])
        for row, file in zip(texts @ plain.T, photos, strict=True):
            nearest = list(photos)[int(row.argmax())]
            yield Seen(file, f"nearest to '{_SUBJECTS[file][0]}'", nearest, nearest == file)


def _depth(model: Any) -> Iterator[Seen]:
    """Of a thing in front of its background the median must be nearer."""
    for thing in _outlined():
        (found,) = model.predict([thing.image])
        on = thing.mask.dense()[0]
        near, far = float(np.median(found.depth[on])), float(np.median(found.depth[~on]))
        yield Seen(thing.photo, f"the {thing.name} nearer than the rest", f"{near:.3g} and {far:.3g}", near < far)


CHECKS: dict[str, Callable[[Any], Iterator[Seen]]] = {
    "detect": _detect,
    "segment": _segment,
    "track": _follow,
    "semantic-segment": _regions,
    "classify": _classify,
    "keypoints": _points,
    "embed": _compare,
    "depth": _depth,
    "ocr": _read,
    "vlm": _ask,
}
"""For each task the looks at the photographs, one after the other."""
