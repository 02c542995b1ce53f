import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.small_models import Blocks, Brightness, Light, Rulers, Teller, card, paint

from ocella.errors import InvalidValue, NoMatch
from ocella.media.load import load as load_image
from ocella.models.closed import ClosedClassifier, ClosedVocabulary
from ocella.models.compose import Grounded, Tiled, TopDown, TwoStage
from ocella.models.compose.recollection import Memory, Recollection, Tally, pixel_hash
from ocella.models.compose.remembered import remembered
from ocella.models.load import load
from ocella.models.starter import starter_file
from ocella.models.tasks import Detector, KeypointDetector, Model, Segmenter
from ocella.types import ClassDef, Classification, Detections, Image, Keypoints, Masks, Ontology, Skeleton

COCO128 = Path(__file__).parents[4] / "shared" / "data" / "coco128"
PHOTOS = ("astronaut.png", "boats.jpg", "cat.png", "coffee.png")


class Kept:
    """A memory that holds text, as a file would."""

    def __init__(self) -> None:
        self.bodies: dict[tuple[str, str], str] = {}

    def find(self, question: str, pixels: Sequence[str]) -> dict[str, Any]:
        return {p: json.loads(self.bodies[question, p]) for p in pixels if (question, p) in self.bodies}

    def add(self, question: str, items: Iterable[tuple[str, Any]]) -> None:
        for pixels, body in items:
            self.bodies[question, pixels] = json.dumps(body)


@cache
def photos() -> tuple[Image, ...]:
    return tuple(load_image(starter_file(f"photos/{name}")) for name in PHOTOS)


@cache
def starter(name: str) -> Model:
    return load(name, threads=1)


def with_memory(model: Model, memory: Memory, *, floor: float = 0.0) -> tuple[Any, Tally]:
    tally = Tally()
    return remembered(model, Recollection(model.card, memory, tally), floor=floor), tally


ONTOLOGIES: dict[str, Ontology | None] = {
    "own classes": None,
    "one": Ontology.of("person"),
    "several prompts": Ontology.parse("animal=cat|dog|horse, vehicle=car|bus|boat, human=person"),
    "own thresholds": Ontology((ClassDef("person", threshold=0.6), ClassDef("boat", threshold=0.05), ClassDef("cup"))),
    "nothing there": Ontology.of("zebra"),
}
TILES = {"whole": None, "1x2": (1, 2), "2x2": (2, 2)}
THRESHOLDS = (None, 0.02, 0.5)


def answers(
    detector: Detector,
    images: Sequence[Image],
    ontologies: Sequence[str] = tuple(ONTOLOGIES),
    thresholds: Sequence[float | None] = THRESHOLDS,
) -> list[tuple[str, list[Detections]]]:
    """What a detector says for every tiling, ontology and threshold."""
    return [
        (f"{cut}, {named}, {threshold}", looking.predict(images, ONTOLOGIES[named], threshold=threshold))
        for cut, tile in TILES.items()
        for looking in [Tiled(detector, *tile) if tile else detector]
        for named in ontologies
        for threshold in thresholds
    ]


def test_a_remembered_detector_says_the_same_to_the_bit() -> None:
    detector, memory = starter("nanodet-g"), Kept()
    assert isinstance(detector, Detector)
    images = photos()[:1]
    plain = dict(answers(detector, images))
    for _ in range(2):  # the second time all comes from memory
        again, tally = with_memory(detector, memory, floor=0.02)
        for case, found in answers(again, images):
            assert found == plain[case], case
    assert tally.ran == 0
    assert sum(len(f) for found in plain.values() for f in found) > 500
    assert len({question for question, _ in memory.bodies}) == 1
    assert len(memory.bodies) == len(images) * (1 + 2 + 4)


@pytest.mark.skipif(not COCO128.is_dir(), reason="needs the photographs of ../shared/data beside the repository")
def test_on_everyday_photographs_too() -> None:
    detector = starter("nanodet-g")
    assert isinstance(detector, Detector)
    images = [load_image(f) for f in sorted(COCO128.rglob("*.jpg"))[::32]]
    again, _ = with_memory(detector, Kept(), floor=0.02)
    assert len(images) == 4
    for asked in (("several prompts", 0.1), ("own thresholds", 0.3)):
        case = [asked[0]], [asked[1]]
        assert answers(again, images, *case) == answers(detector, images, *case)


def test_prompts_thresholds_and_the_whole_image_of_tiles_are_one_look() -> None:
    detector, tally = with_memory(starter("nanodet-g"), Kept(), floor=0.02)
    image = photos()[0]
    for ontology in ONTOLOGIES.values():
        detector.predict([image], ontology, threshold=0.3)
    assert (tally.ran, tally.reused) == (1, 4)
    Tiled(detector, 2, 2).predict([image], ONTOLOGIES["one"])
    assert (tally.ran, tally.reused) == (5, 5)
    detector.predict([image, Image(image.pixels.copy())])
    assert (tally.ran, tally.reused) == (5, 7)
    detector.predict([image], threshold=0.01)
    assert tally.ran == 6, "below the floor it looks again"


def test_equal_images_of_one_call_are_looked_at_once() -> None:
    detector, tally = with_memory(starter("nanodet-g"), Kept())
    found = detector.predict([photos()[0]] * 3)
    assert (tally.ran, tally.reused) == (1, 2)
    assert found[0] == found[1] == found[2]
    assert detector.predict([]) == []


def test_seconds_are_those_of_the_look_whenever_it_was() -> None:
    memory = Kept()
    first, taken = with_memory(starter("nanodet-g"), memory)
    Tiled(first, 2, 2).predict(photos()[:1])
    assert 0 < taken.looking <= taken.spent
    second, told = with_memory(starter("nanodet-g"), memory)
    Tiled(second, 2, 2).predict(photos()[:1])
    assert told.looking == pytest.approx(taken.looking)
    assert told.spent < taken.looking


def test_card_classes_and_refusals_are_the_detector_s() -> None:
    plain = starter("nanodet-g")
    detector, _ = with_memory(plain, Kept())
    assert isinstance(plain, Detector)
    assert (detector.card, detector.classes) == (plain.card, plain.classes)
    assert detector.matches(Ontology.of("kitten")) == plain.matches(Ontology.of("kitten"))
    with pytest.raises(NoMatch, match="forklift"):
        detector.predict(photos()[:1], Ontology.of("forklift"))
    with pytest.raises(InvalidValue, match=r"threshold must be within 0\.\.1"):
        detector.predict(photos()[:1], threshold=1.5)


CLASSES = [None, Ontology.parse("animal=tabby|Egyptian cat, drink=espresso|cup"), Ontology.of("lakeside", "boathouse")]


def test_a_classifier_scores_once_for_every_ontology() -> None:
    plain = starter("efficientnet-lite0")
    classifier, tally = with_memory(plain, Kept())
    for ontology in CLASSES:
        assert classifier.predict(photos(), ontology) == plain.predict(photos(), ontology)  # type: ignore[attr-defined]
    assert (tally.ran, tally.reused) == (len(photos()), 2 * len(photos()))


class Tagger(ClosedClassifier):
    """Scores that stand alone, which its answers say."""

    classes = ("dark", "light")
    card = card("tagger", "classify", classes)
    _vocabulary = ClosedVocabulary(classes, "classify")

    def predict(self, images: Sequence[Image], ontology: Ontology | None = None) -> list[Classification]:
        return [replace(f, multi_label=True) for f in super().predict(images, ontology)]

    def _score(self, images: Sequence[Image]) -> npt.NDArray[np.float32]:
        light = np.array([i.pixels.mean() / 255 for i in images], np.float32)
        return np.stack([1 - light, light], axis=1)


def test_a_classifier_s_own_scores_keep_what_they_mean() -> None:
    tagger, _ = with_memory(Tagger(), Kept())
    for ontology in (None, Ontology.of("light")):
        assert tagger.predict(photos(), ontology) == Tagger().predict(photos(), ontology)


class Drawn(Segmenter):
    """The inside of a box as its mask; of points the pixel of the first."""

    card = card("drawn", "segment")

    def __init__(self) -> None:
        self.seen = 0

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        points: Sequence[npt.NDArray[np.float32]] | None = None,
    ) -> list[Masks]:
        self.seen += len(images)
        given = boxes or [np.concatenate([p[:, 0, :2], p[:, 0, :2] + 1], axis=1) for p in points or ()]
        return [self._draw(image, own) for image, own in zip(images, given, strict=True)]

    def _draw(self, image: Image, boxes: npt.NDArray[np.float32]) -> Masks:
        full = np.zeros((len(boxes), *image.size_hw), bool)
        for mask, (x1, y1, x2, y2) in zip(full, boxes.astype(int), strict=True):
            mask[y1:y2, x1:x2] = True
        return Masks.from_dense(full)


def test_every_task_remembers_and_says_the_same() -> None:
    images = list(photos()[:2])
    asked: list[tuple[Model, tuple[Any, ...], dict[str, Any]]] = [
        (starter("person-segmentation-map"), (), {}),
        (starter("person-segmentation-map"), (Ontology.of("person"),), {}),
        (starter("movenet-multipose"), (), {"threshold": 0.1}),
        (Rulers(), (), {}),
        (Light(), (), {"threshold": 0.4}),
        (Brightness(), (Ontology.of("night", "day"),), {}),
        (Teller(), ("How wide?",), {}),
        (load("efficientnet-lite0-features", threads=1), (), {}),
        (Blocks(), (Ontology.of("red"),), {}),
        (Drawn(), ([np.array([[1, 2, 30, 40]], np.float32)] * 2,), {}),
        (Drawn(), (), {"points": [np.array([[[5, 6, 1]]], np.float32)] * 2}),
    ]
    for plain, given, options in asked:
        memory = Kept()
        expected = plain.predict(images, *given, **options)  # type: ignore[attr-defined]
        for ran in (2, 0):
            again, tally = with_memory(plain, memory)
            assert again.predict(images, *given, **options) == expected, plain.card.name
            assert (tally.ran, tally.reused) == (ran, 2 - ran), plain.card.name
            assert again.card == plain.card


def test_boxes_are_part_of_what_is_asked() -> None:
    plain = Drawn()
    segmenter, tally = with_memory(plain, Kept())
    one, two = np.array([[0, 0, 9, 9]], np.float32), np.array([[0, 0, 9, 9], [1, 1, 2, 2]], np.float32)
    image = photos()[0]
    a, b = segmenter.predict([image, image], [one, two])
    assert (len(a), len(b), tally.ran) == (1, 2, 2)
    assert segmenter.predict([image], [two]) == [b]
    assert plain.seen == 2


def test_words_thresholds_and_prompts_are_part_of_what_an_open_model_is_asked(tmp_path: Path) -> None:
    image = load_image(paint(tmp_path / "a.png", ("red", 0, 0, 20, 10), ("green", 30, 5, 50, 25)))
    detector, tally = with_memory(Blocks(), Kept())
    for ontology in (None, Ontology.of("red"), Ontology.of("green"), Ontology.parse("thing=red|green")):
        assert detector.predict([image], ontology) == Blocks().predict([image], ontology)
    assert detector.predict([image], threshold=0.95) == [Detections.empty(Blocks().classes)]
    assert tally.ran == 5
    teller, told = with_memory(Teller(), Kept())
    assert [teller.predict([image], p)[0].text for p in ("a", "b", "a")] == ["a 96", "b 96", "a 96"]
    assert (told.ran, told.reused) == (2, 1)


def test_an_example_counts_by_its_pixels(tmp_path: Path) -> None:
    example = paint(tmp_path / "example.png", ("red", 0, 0, 20, 10))
    ontology = Ontology((ClassDef("red", exemplars=(str(example),)),))
    memory = Kept()
    for colour, ran in (("red", 1), ("red", 0), ("blue", 1)):
        paint(example, (colour, 0, 0, 20, 10))
        detector, tally = with_memory(Blocks(), memory)
        detector.predict([photos()[0]], ontology)
        assert tally.ran == ran


def test_other_weights_and_other_options_are_another_model() -> None:
    memory, image = Kept(), photos()[0]
    for sha, options, ran in (("1", "", 1), ("1", "", 0), ("2", "", 1), ("2", "float16", 1), ("2", "float16", 0)):
        tally = Tally()
        model = Blocks()
        recollection = Recollection(replace(model.card, sha256=sha), memory, tally, options=options)
        again = remembered(model, recollection)
        assert isinstance(again, Detector)
        again.predict([image])
        assert tally.ran == ran, (sha, options)


@pytest.mark.parametrize(
    "body", ["null", "{}", '{"said": {}, "seconds": 1}', '{"said": {"class_id": {"bytes": "eJw"}}, "seconds": "x"}']
)
def test_what_cannot_be_read_is_looked_at_anew(body: str) -> None:
    memory = Kept()
    detector, _ = with_memory(starter("nanodet-g"), memory)
    expected = detector.predict(photos()[:1])
    memory.bodies = dict.fromkeys(memory.bodies, body)
    again, tally = with_memory(starter("nanodet-g"), memory)
    assert again.predict(photos()[:1]) == expected
    assert tally.ran == 1
    assert body not in memory.bodies.values()


def test_parts_of_a_composition_remember_each_for_itself() -> None:
    plain, classifier, pose = starter("nanodet-g"), starter("efficientnet-lite0"), Drawn()
    memory, images = Kept(), photos()[:2]
    ontology = Ontology.of("person", "cat")
    assert isinstance(plain, Detector)
    for ran in (True, False):
        detector, found = with_memory(plain, memory)
        named, looked = with_memory(classifier, memory)
        masks, drawn = with_memory(pose, memory)
        assert Grounded(detector, masks).predict(images, ontology) == Grounded(plain, pose).predict(images, ontology)
        both = TwoStage(detector, named).predict(images)
        assert both == TwoStage(plain, classifier).predict(images)  # type: ignore[arg-type]
        assert [t.ran > 0 for t in (found, looked, drawn)] == [ran] * 3
    assert sum(map(len, both)) > 2


class Middles(KeypointDetector):
    """Points at the middle of each box."""

    card = card("middles", "keypoints", ("person",))

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        assert boxes is not None
        assert threshold == 0.0
        return [self._point(own) for own in boxes[: len(images)]]

    def _point(self, boxes: npt.NDArray[np.float32]) -> Detections:
        n = len(boxes)
        middle = np.asarray((boxes[:, None, :2] + boxes[:, None, 2:]) / 2, np.float32)
        points = Keypoints(middle, np.ones((n, 1), np.float32), np.ones((n, 1), bool), Skeleton(("middle",)))
        return Detections(boxes, np.full(n, 0.5), np.zeros(n, np.int64), ("person",), keypoints=points)


def test_a_pose_model_in_boxes() -> None:
    plain, memory = starter("nanodet-g"), Kept()
    assert isinstance(plain, Detector)
    for ran in (2, 0):
        detector, _ = with_memory(plain, memory)
        pose, tally = with_memory(Middles(), memory)
        assert TopDown(detector, pose).predict(photos()[:2]) == TopDown(plain, Middles()).predict(photos()[:2])
        assert tally.ran == ran


def test_hashes_name_pixels_and_shape() -> None:
    pixels = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    whole = Image(pixels)
    assert pixel_hash(whole) == pixel_hash(Image(pixels.copy()))
    assert pixel_hash(Image(pixels[:, 1:])) == pixel_hash(Image(pixels[:, 1:].copy()))
    others = [pixels.reshape(6, 4, 3), pixels[::-1], pixels[:2], pixels ^ 1]
    assert len({pixel_hash(Image(np.ascontiguousarray(p))) for p in [pixels, *others]}) == 5
