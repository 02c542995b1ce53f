from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tests.small_models import Blocks, card, paint

from ocella.errors import Mismatch
from ocella.media.load import load
from ocella.models.compose.top_down import TopDown
from ocella.models.entry import LoadOptions, zoo
from ocella.models.tasks import KeypointDetector
from ocella.types import Detections, Image, Keypoints, Ontology, Skeleton


class Middles(KeypointDetector):
    """Points at the middle of each box, half sure; of blocks of the colours on its card."""

    def __init__(self, *classes: str) -> None:
        self._card = card("middles", "keypoints", classes)

    def predict(
        self,
        images: Sequence[Image],
        boxes: Sequence[npt.NDArray[np.float32]] | None = None,
        *,
        threshold: float | None = None,
    ) -> list[Detections]:
        given = [np.array([[0, 0, i.width, i.height]], np.float32) for i in images] if boxes is None else boxes
        found = [self._point(b) for b in given]
        return [f[f.confidence >= (0.6 if threshold is None else threshold)] for f in found]

    def _point(self, boxes: npt.NDArray[np.float32]) -> Detections:
        n = len(boxes)
        middle = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
        points = Keypoints(
            middle.astype(np.float32), np.ones((n, 1), np.float32), np.ones((n, 1), bool), Skeleton(("middle",))
        )
        return Detections(boxes, np.full(n, 0.5), np.zeros(n, np.int64), ("block",), keypoints=points)


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return load(paint(tmp_path / "a.png", ("red", 0, 0, 20, 10), ("green", 30, 5, 50, 25)))


def test_boxes_of_the_detector_get_points_of_the_pose_model(image: Image) -> None:
    (found,) = TopDown(Blocks(), Middles()).predict([image])
    assert found.names == ["red", "green"]
    assert found.classes == ("red", "green", "blue")
    np.testing.assert_allclose(found.confidence, 0.9)
    np.testing.assert_allclose(found.data["pose_confidence"], 0.5)
    assert KeypointDetector.points(found).xy.tolist() == [[[10, 5]], [[40, 15]]]


@pytest.mark.parametrize(
    ("pose", "find", "names"),
    [
        (Middles(), None, ["red", "green"]),
        (Middles("green"), None, ["green"]),
        (Middles("green"), Ontology.of("red"), ["red"]),
    ],
)
def test_what_the_detector_looks_for(image: Image, pose: Middles, find: Ontology | None, names: list[str]) -> None:
    model = TopDown(Blocks(), pose, find=find)
    (found,) = model.predict([image])
    assert found.names == names
    assert found.classes == model.card.classes


def test_a_threshold_is_the_detector_s(image: Image) -> None:
    assert len(TopDown(Blocks(), Middles()).predict([image], threshold=0.95)[0]) == 0
    assert len(TopDown(Blocks(), Middles()).predict([image], threshold=0.85)[0]) == 2
    assert TopDown(Blocks(), Middles()).predict([]) == []


def test_boxes_that_are_given_go_to_the_pose_model(image: Image) -> None:
    detector = Blocks()
    (found,) = TopDown(detector, Middles()).predict([image], [np.array([[2, 2, 4, 4]], np.float32)], threshold=0.1)
    assert KeypointDetector.points(found).xy.tolist() == [[[3, 3]]]
    assert detector.seen == 0


def test_a_pose_model_that_takes_no_boxes_says_so(image: Image) -> None:
    pose = zoo.get("movenet-multipose").build(LoadOptions(device="cpu", threads=1))
    assert isinstance(pose, KeypointDetector)
    with pytest.raises(Mismatch, match="takes no boxes"):
        TopDown(Blocks(knows=("person",)), pose, find=Ontology.of("red")).predict([image])


def test_the_card_is_a_pose_model_s() -> None:
    made = TopDown(Blocks(), Middles("red")).card
    assert (made.name, made.task, made.classes) == ("blocks+middles", "keypoints", ("red",))
