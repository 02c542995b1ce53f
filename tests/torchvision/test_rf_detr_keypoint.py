"""RF-DETR with keypoints beside its authors' package."""

from pathlib import Path

import numpy as np
import pytest
from tests.checkpoints.parts import picture

import ocella
from ocella.errors import InvalidValue, Mismatch, NotFound, Refused, Unreadable
from ocella.models.tasks import KeypointDetector
from ocella.types import COCO_PERSON

pytestmark = pytest.mark.filterwarnings("ignore")  # the package warns about its own older models
NAME = "rf-detr-keypoint-preview"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.checkpoints.rf_detr_keypoint import make

    made: Path = make(tmp_path_factory.mktemp("keypoint"), NAME)["weights"]
    return made


@pytest.fixture(scope="module")
def model(file: Path) -> KeypointDetector:
    loaded = ocella.load(NAME, weights=file, pickle=True, device="cpu")
    assert isinstance(loaded, KeypointDetector)
    return loaded


@pytest.mark.parametrize("size_hw", [(90, 120), (200, 60)])
def test_points_are_the_packages(model: KeypointDetector, file: Path, size_hw: tuple[int, int]) -> None:
    from rfdetr import RFDETRKeypointPreview

    image = picture(*size_hw)
    package = RFDETRKeypointPreview.from_checkpoint(str(file), device="cpu")
    theirs = package.predict(image.pixels.copy(), threshold=0.0)
    people = theirs.class_id == 0
    (found,) = model.predict([image], threshold=0)
    assert found.classes == ("person",)
    assert found.keypoints is not None
    assert found.keypoints.skeleton == COCO_PERSON
    limit = [size_hw[1], size_hw[0]]
    inside = np.prod(np.diff(theirs.data["xyxy"][people].reshape(-1, 2, 2).clip(0, limit), axis=1), axis=2) > 0
    rows = np.flatnonzero(people)[inside[:, 0]]
    assert len(found) == len(rows) >= 3
    np.testing.assert_allclose(found.confidence, theirs.detection_confidence[rows], atol=1e-4)
    np.testing.assert_allclose(found.keypoints.xy, np.clip(theirs.xy[rows], 0, limit), atol=1e-4 * max(size_hw))
    np.testing.assert_allclose(found.keypoints.confidence, theirs.keypoint_confidence[rows], atol=1e-4)


def test_batch_equals_singles(model: KeypointDetector) -> None:
    images = [picture(90, 120), picture(40, 40, 1), picture(64, 200, 2)]
    assert model.predict([]) == []
    for one, many in zip([model.predict([i])[0] for i in images], model.predict(images), strict=True):
        np.testing.assert_allclose(many.confidence, one.confidence, atol=1e-4)


def test_what_it_does_not_take(model: KeypointDetector, file: Path, tmp_path: Path) -> None:
    with pytest.raises(Mismatch, match="finds its objects itself"):
        model.predict([picture(9, 9)], [np.zeros((1, 4), np.float32)])
    with pytest.raises(InvalidValue, match=r"within 0\.\.1"):
        model.predict([picture(9, 9)], threshold=2)
    with pytest.raises(Refused, match="is a pickle"):
        ocella.load(NAME, weights=file)
    with pytest.raises(NotFound, match="on no hub"):
        ocella.load(NAME)
    (tmp_path / "broken.pth").write_bytes(b"nothing")
    with pytest.raises(Unreadable, match="no checkpoint of"):
        ocella.load(NAME, weights=tmp_path / "broken.pth", pickle=True)
