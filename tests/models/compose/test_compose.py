import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import ocella_starter
from ocella.errors import InvalidValue, Mismatch
from ocella.media.load import load as load_image
from ocella.models.card import ModelCard
from ocella.models.compose import Grounded, Tiled, TopDown, TwoStage, join
from ocella.models.entry import LoadOptions, zoo
from ocella.models.load import load
from ocella.models.tasks import Classifier, Detector, KeypointDetector, Segmenter
from ocella.ops.crop import resize
from ocella.ops.iou import iou
from ocella.types import Detections, Image, Keypoints, Masks, Ontology, Origin, Skeleton

PHOTOS = Path(ocella_starter.__file__).parent / "photos"
PLACES = ((150, 120), (700, 150), (1300, 200), (200, 900), (760, 560), (1350, 930))
SIDE = 100
PERSON_IN_PHOTO = np.array([15, 14, 364, 508]) / 512

CARD = ModelCard(
    name="squares",
    task="detect",
    summary="white squares",
    checkpoint="none",
    code_license="Apache-2.0",
    weights_license="CC0-1.0",
    commercial_use=True,
    parameters=1,
    megabytes=0.5,
    input_hw=(1, 1),
    classes=("square",),
    sha256="aa",
)


class Squares(Detector):
    """Exact: every white square whose side is at least 1/10 of the longer side of what it is shown, with masks."""

    def __init__(self, *, knows: tuple[str, ...] = ("square",)) -> None:
        self.knows = knows
        self.shown: list[Image] = []

    @property
    def card(self) -> ModelCard:
        return replace(CARD, classes=self.knows, open_vocabulary=not self.knows)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.knows

    def predict(
        self, images: Sequence[Image], ontology: Ontology | None = None, *, threshold: float | None = None
    ) -> list[Detections]:
        self.shown += images
        names = ontology.names if ontology else self.knows
        return [self._find(i, names) for i in images if threshold is None or threshold <= 1]

    def _find(self, image: Image, names: tuple[str, ...]) -> Detections:
        white = image.pixels[..., 0] == 255
        boxes, masks = [], []
        while white.any():
            y, x = np.argwhere(white)[0]
            width = int(np.argmin([*white[y, x:], False]))
            height = int(np.argmin([*white[y:, x], False]))
            mask = np.zeros_like(white)
            mask[y : y + height, x : x + width] = True
            white = white & ~mask
            if max(height, width) >= max(image.size_hw) / 10:
                boxes.append([x, y, x + width, y + height])
                masks.append(mask)
        n = len(boxes)
        xyxy = np.array(boxes, np.float32).reshape(-1, 4)
        dense = np.array(masks).reshape(n, *image.size_hw)
        return Detections(xyxy, np.full(n, 0.9), np.zeros(n, np.int64), names, Masks.from_dense(dense))


class Fill(Segmenter):
    """The whole box is the mask; it says that it can mask `able` (all where empty)."""

    def __init__(self, *able: str, commercial: bool = True) -> None:
        self.able, self.commercial = able, commercial

    @property
    def card(self) -> ModelCard:
        return replace(
            CARD,
            name="fill",
            task="segment",
            classes=self.able,
            commercial_use=self.commercial,
            weights_license="CC-BY-4.0",
            sha256="bb",
        )

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[np.ndarray] | None = None,
        *,
        points: Sequence[np.ndarray] | None = None,
    ) -> list[Masks]:
        assert boxes is not None
        assert points is None
        made = []
        for image, rows in zip(images, boxes, strict=True):
            dense = np.zeros((len(rows), *image.size_hw), bool)
            for mask, (x1, y1, x2, y2) in zip(dense, rows.astype(int), strict=True):
                mask[y1:y2, x1:x2] = True
            made.append(Masks.from_dense(dense))
        return made


def squares(size_hw: tuple[int, int], *boxes: tuple[int, int, int, int], origin: Origin | None = None) -> Image:
    pixels = np.zeros((*size_hw, 3), np.uint8)
    for x1, y1, x2, y2 in boxes:
        pixels[y1:y2, x1:x2] = 255
    return Image(pixels, origin or Origin())


def in_order(found: Detections) -> list[list[float]]:
    return sorted(found.xyxy.tolist())


@cache
def nanodet() -> Detector:
    model = load("nanodet-g", device="cpu", threads=1)
    assert isinstance(model, Detector)
    return model


@cache
def crowd() -> tuple[Image, np.ndarray]:
    """The astronaut, 100 px small, on six places of a large grey canvas; and the boxes of the six."""
    small = resize(load_image(PHOTOS / "astronaut.png"), (SIDE, SIDE)).pixels
    canvas = np.full((1200, 1600, 3), 128, np.uint8)
    for x, y in PLACES:
        canvas[y : y + SIDE, x : x + SIDE] = small
    return Image(canvas), np.array([np.tile(place, 2) + PERSON_IN_PHOTO * SIDE for place in PLACES])


# --- Tiled


def test_tiles_find_what_is_too_small_for_the_whole_at_its_exact_place() -> None:
    image = squares((100, 100), (3, 3, 9, 9), (80, 85, 87, 92), (40, 10, 60, 30))
    (plain,) = Squares().predict([image])
    (tiled,) = Tiled(Squares()).predict([image])
    assert in_order(plain) == [[40, 10, 60, 30]]
    assert in_order(tiled) == [[3, 3, 9, 9], [40, 10, 60, 30], [80, 85, 87, 92]]
    assert tiled.classes == ("square",)


def test_masks_come_back_to_their_place_too() -> None:
    image = squares((100, 100), (3, 3, 9, 9), (80, 85, 87, 92), (40, 10, 60, 30))
    (tiled,) = Tiled(Squares()).predict([image])
    assert tiled.masks is not None
    for (x1, y1, x2, y2), mask in zip(tiled.xyxy.astype(int), tiled.masks.dense(), strict=True):
        assert mask[y1:y2, x1:x2].all()
        assert mask.sum() == (x2 - x1) * (y2 - y1)


def test_an_object_cut_by_a_tile_is_left_to_the_neighbour() -> None:
    image = squares((100, 100), (53, 20, 60, 27))
    (tiled,) = Tiled(Squares()).predict([image])
    assert in_order(tiled) == [[53, 20, 60, 27]]


def test_boxes_of_a_crop_are_in_the_crop_s_own_pixels() -> None:
    origin = Origin("photo.jpg", (500.0, 400.0), (2.0, 2.0))
    boxes = ((3, 3, 9, 9), (80, 85, 87, 92))
    (alone,) = Tiled(Squares()).predict([squares((100, 100), *boxes)])
    (cropped,) = Tiled(Squares()).predict([squares((100, 100), *boxes, origin=origin)])
    assert cropped == alone


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 3), (4, 2)])
def test_the_whole_and_every_tile_are_shown_once(rows: int, columns: int) -> None:
    detector = Squares()
    Tiled(detector, rows, columns).predict([squares((90, 120)), squares((1, 1))])
    assert len(detector.shown) == 2 * (1 + rows * columns)
    assert detector.shown[0].size_hw == (90, 120)


def test_tiles_of_nothing_are_nothing_with_its_classes() -> None:
    assert Tiled(Squares()).predict([]) == []
    (found,) = Tiled(Squares()).predict([squares((50, 50))], Ontology.of("box"))
    assert (len(found), found.classes) == (0, ("box",))


def test_tiled_says_what_it_is() -> None:
    tiled = Tiled(nanodet(), 2, 3)
    assert tiled.card.name == "tiled-2x3(nanodet-g)"
    assert replace(tiled.card, name="nanodet-g") == nanodet().card
    assert tiled.classes == nanodet().classes
    assert [m.known for m in tiled.matches(Ontology.of("person"))] == ["person"]


def test_tiles_find_small_people_that_the_plain_detector_misses() -> None:
    image, expected = crowd()
    (plain,) = nanodet().predict([image], Ontology.of("person"))
    (tiled,) = Tiled(nanodet(), 3, 3).predict([image], Ontology.of("person"))
    assert (iou(expected, plain.xyxy).max(axis=1) > 0.5).sum() <= 4
    assert (iou(expected, tiled.xyxy).max(axis=1) > 0.65).all()
    assert set(tiled.names) == {"person"}
    assert len(tiled) == len(expected)


def test_a_threshold_reaches_the_tiles() -> None:
    image, _ = crowd()
    (found,) = Tiled(nanodet(), 3, 3).predict([image], Ontology.of("person"), threshold=0.6)
    assert 0 < len(found) < len(PLACES)
    assert (found.confidence >= np.float32(0.6)).all()


@pytest.mark.parametrize("merge", ["nms", "wbf"])
def test_slices_of_so_many_pixels_find_the_same(merge: Literal["nms", "wbf"]) -> None:
    detector = Squares()
    image = squares((100, 100), (3, 3, 9, 9), (80, 85, 87, 92), (40, 10, 60, 30))
    (found,) = Tiled(detector, slice_hw=(60, 60), merge=merge).predict([image])
    assert in_order(found) == [[3, 3, 9, 9], [40, 10, 60, 30], [80, 85, 87, 92]]
    assert [i.size_hw for i in detector.shown] == [(100, 100), *[(60, 60)] * 4]
    assert found.masks is not None
    assert found.masks.area.tolist() == found.area.tolist()


def test_an_image_no_larger_than_a_slice_is_shown_once() -> None:
    detector = Squares()
    Tiled(detector, slice_hw=(64, 64)).predict([squares((50, 64))])
    assert [i.size_hw for i in detector.shown] == [(50, 64)]
    assert Tiled(detector, slice_hw=(64, 48)).card.name == "tiled-64x48px(squares)"


class Wide(Squares):
    """As Squares, one pixel too wide and less sure in a part than in the whole."""

    def _find(self, image: Image, names: tuple[str, ...]) -> Detections:
        found = super()._find(image, names)
        whole = image.size_hw == (100, 100)
        return (
            found
            if whole
            else found.replace(xyxy=found.xyxy + np.array([0, 0, 1, 0], np.float32), confidence=found.confidence - 0.6)
        )


def test_weighted_fusion_gives_the_mean_of_what_whole_and_tiles_saw() -> None:
    image = squares((100, 100), (5, 5, 25, 25))
    (best,) = Tiled(Wide()).predict([image])
    (mean,) = Tiled(Wide(), merge="wbf").predict([image])
    assert best.xyxy.tolist() == [[5, 5, 25, 25]]
    assert best.confidence[0] == pytest.approx(0.9)
    np.testing.assert_allclose(mean.xyxy, [[5, 5, (0.9 * 25 + 0.3 * 26) / 1.2, 25]], rtol=1e-6)
    assert mean.confidence[0] == pytest.approx(0.6)


def test_a_way_to_merge_is_one_of_two() -> None:
    with pytest.raises(InvalidValue, match="merge must be one of nms, wbf, got 'mean'"):
        Tiled(Squares(), merge="mean")  # type: ignore[arg-type]  # what a person may type


class Pointed(Squares):
    """As Squares, with the middle of each as a keypoint instead of a mask."""

    def _find(self, image: Image, names: tuple[str, ...]) -> Detections:
        found = super()._find(image, names)
        middle = (found.xyxy[:, None, :2] + found.xyxy[:, None, 2:]).astype(np.float32) / np.float32(2)
        ones = np.ones((len(found), 1), np.float32)
        return found.replace(masks=None, keypoints=Keypoints(middle, ones, ones > 0, Skeleton(("middle",))))


@pytest.mark.parametrize("merge", ["nms", "wbf"])
def test_keypoints_come_back_to_their_place(merge: Literal["nms", "wbf"]) -> None:
    image = squares((100, 100), (3, 3, 9, 9), (80, 85, 87, 92), (40, 10, 60, 30))
    (found,) = Tiled(Pointed(), merge=merge).predict([image])
    assert found.keypoints is not None
    np.testing.assert_allclose(found.keypoints.xy[:, 0], (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2)
    assert len(found) == 3


# --- join


def test_what_joins_with_a_detector() -> None:
    card = nanodet().card
    made = {
        task: join(nanodet(), zoo.get(name).build(LoadOptions(device="cpu", threads=1)))
        for task, name in (
            ("segment", "person-segmentation"),
            ("classify", "efficientnet-lite0"),
            ("keypoints", "movenet-multipose"),
        )
    }
    assert [type(m) for m in made.values()] == [Grounded, TwoStage, TopDown]
    assert isinstance(made["keypoints"], KeypointDetector)
    assert all(m.card.name.startswith(card.name + "+") and m.card.task == m.task for m in made.values())
    assert all(m.card.parameters > card.parameters for m in made.values())


def test_what_does_not_join() -> None:
    classifier = zoo.get("efficientnet-lite0").build(LoadOptions(device="cpu", threads=1))
    assert isinstance(classifier, Classifier)
    for first, second, got in ((classifier, nanodet(), "classify+detect"), (nanodet(), nanodet(), "detect+detect")):
        with pytest.raises(Mismatch, match=r"one of classify, embed, keypoints, segment, got " + re.escape(got)):
            join(first, second)


# --- Grounded


def test_boxes_get_masks() -> None:
    (found,) = Grounded(Squares(), Fill()).predict([squares((50, 60), (10, 10, 30, 20))])
    assert found.masks is not None
    assert int(found.masks.dense().sum()) == 20 * 10
    assert Grounded(Squares(), Fill()).predict([]) == []


def test_a_class_that_the_segmenter_cannot_mask_is_refused() -> None:
    joined = Grounded(Squares(knows=("dog", "person")), Fill("person"))
    detector = Grounded(nanodet(), Fill("person"))
    assert detector.classes == joined.classes == ("person",)
    assert [m.known for m in detector.matches(Ontology.of("person"))] == ["person"]
    with pytest.raises(Mismatch, match=r"'fill' makes masks of person only, not of cat, dog\. Leave these out, or use"):
        detector.predict([squares((9, 9))], Ontology.parse("dog, person, cat"))


def test_words_for_a_detector_of_any_prompt_are_held_against_the_segmenter() -> None:
    joined = Grounded(Squares(knows=()), Fill("person"))
    assert [f.classes for f in joined.predict([squares((9, 9))], Ontology.of("person", "woman"))] == [
        ("person", "woman")
    ]
    with pytest.raises(Mismatch, match=r"makes masks of person only, not of forklift\."):
        joined.predict([squares((9, 9))], Ontology.of("person", "forklift"))
    anything = Grounded(Squares(knows=()), Fill())
    assert anything.predict([squares((9, 9))], Ontology.of("forklift"))[0].classes == ("forklift",)


def test_without_an_ontology_only_what_can_be_masked_is_asked_for() -> None:
    (found,) = Grounded(nanodet(), Fill("person")).predict([load_image(PHOTOS / "cat.png")], threshold=0.3)
    assert found.classes == ("person",)
    assert set(found.names) <= {"person"}


def test_grounded_says_what_it_is_and_takes_the_stricter_licence() -> None:
    card = Grounded(Squares(), Fill(commercial=False)).card
    assert card.name == "squares+fill"
    assert card.weights_license == "CC0-1.0; CC-BY-4.0"
    assert not card.commercial_use
    assert (card.parameters, card.megabytes, card.sha256) == (2, 1.0, "aabb")
    assert Grounded(Squares(), Fill()).card.commercial_use


def test_compositions_compose() -> None:
    segmenter = zoo.get("person-segmentation").build(LoadOptions(device="cpu", threads=1))
    assert isinstance(segmenter, Segmenter)
    image = load_image(PHOTOS / "astronaut.png")
    (found,) = Tiled(Grounded(nanodet(), segmenter), 2, 2).predict([image])
    assert found.masks is not None
    assert found.masks.size_hw == image.size_hw
    dense = found.masks.dense()[int(np.argmax(found.area))]
    assert dense[100, 225]
    assert not dense[20, 500]
