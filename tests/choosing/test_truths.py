"""Labels that are there already."""

from pathlib import Path

import numpy as np
import pytest
from tests.choosing.scenes import detections

from ocella.choosing.truths import truths_of
from ocella.datasets import Dataset, Sample
from ocella.errors import Mismatch, NotFound
from ocella.media.write import write_bytes
from ocella.types import Annotation, ClassDef, Classification, Detections, ImageRef, Ontology, Source

PERSON, MODEL = Source("person", "me"), Source("model", "nanodet-g")
CLASSES = ("car", "truck", "dog")


def data(root: Path, annotations: dict[str, list[Annotation]], task: str = "detect") -> tuple[Dataset, list[ImageRef]]:
    """A data set whose images are named by their content."""
    import hashlib

    samples, images = [], []
    for name, own in annotations.items():
        content = f"bytes of {name}".encode()
        write_bytes(root / "images" / name, content)
        sha = hashlib.sha256(content).hexdigest()
        samples.append(Sample(f"images/{name}", (100, 100), sha, annotations=tuple(own)))
        images.append(ImageRef(f"elsewhere/{name}", data=content))
    return Dataset(root, task, CLASSES, tuple(samples)), images


def boxes(*class_ids: int) -> Detections:
    return detections([(0, 0, 10, 10, 1.0, k) for k in class_ids], CLASSES)


def test_by_content_and_class_name(tmp_path: Path) -> None:
    dataset, images = data(
        tmp_path, {"a.jpg": [Annotation(boxes(0, 2), PERSON)], "b.jpg": [], "c.jpg": [Annotation(boxes(), PERSON)]}
    )
    found = truths_of(dataset, images, Ontology.of("dog", "car"))
    assert list(found) == ["elsewhere/a.jpg", "elsewhere/c.jpg"]
    truth = found["elsewhere/a.jpg"]
    assert isinstance(truth, Detections)
    assert truth.classes == ("dog", "car")
    assert truth.names == ["car", "dog"] or list(truth.names) == ["car", "dog"]
    assert len(found["elsewhere/c.jpg"]) == 0  # type: ignore[arg-type]  # looked at, nothing there


def test_classes_may_be_joined_by_prompts(tmp_path: Path) -> None:
    dataset, images = data(tmp_path, {"a.jpg": [Annotation(boxes(0, 1, 2), PERSON)]})
    found = truths_of(dataset, images, Ontology((ClassDef("vehicle", ("car", "truck")),)))["elsewhere/a.jpg"]
    assert isinstance(found, Detections)
    assert found.class_id.tolist() == [0, 0]


def test_people_go_before_models_and_rejected_labels_do_not_count(tmp_path: Path) -> None:
    rejected = Annotation(boxes(0, 0), PERSON, state=("accepted", "rejected"))
    dataset, images = data(
        tmp_path, {"a.jpg": [Annotation(boxes(0, 1, 2), MODEL), rejected], "b.jpg": [Annotation(boxes(0), MODEL)]}
    )
    found = truths_of(dataset, images, Ontology.of("car"))
    assert [len(found[f"elsewhere/{n}"]) for n in ("a.jpg", "b.jpg")] == [1, 1]  # type: ignore[arg-type]  # both have rows


def test_a_class_of_images(tmp_path: Path) -> None:
    said = Classification(np.array([0, 1, 0], np.float32), CLASSES)
    dataset, images = data(tmp_path, {"a.jpg": [Annotation(said, PERSON)]}, "classify")
    found = truths_of(dataset, images, Ontology.of("dog", "truck", "car"))["elsewhere/a.jpg"]
    assert isinstance(found, Classification)
    assert found.top()[0][0] == "truck"


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    dataset, images = data(tmp_path, {"a.jpg": [Annotation(boxes(0), PERSON)]})
    with pytest.raises(Mismatch, match="no class bus; they have car, truck, dog"):
        truths_of(dataset, images, Ontology.of("car", "bus"))
    with pytest.raises(NotFound, match="none of the 1 images"):
        truths_of(dataset, [ImageRef("x.jpg", data=b"another")], Ontology.of("car"))
