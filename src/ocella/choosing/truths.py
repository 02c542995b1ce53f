"""Labels that are there already, as the truth about images."""

import hashlib
from collections.abc import Sequence

import numpy as np

from ocella.datasets import Dataset, Sample
from ocella.errors import Mismatch, NotFound, OcellaError
from ocella.types import Classification, Detections, ImageRef, Label, Ontology

__all__ = ["truths_of"]


def truths_of(dataset: Dataset, images: Sequence[ImageRef], ontology: Ontology) -> dict[str, Label]:
    """By name the truth of each image that the data set has labels of, found by content: people's labels, or all where no
    person made any. A class of the data set is the class of the ontology of that name, or else the one that has it among its
    prompts. Raises NotFound where no image has labels, Mismatch where a class has none.
    """
    by_content = {s.sha256: s for s in dataset if s.seen}
    places = _places(dataset, ontology)
    found: dict[str, Label] = {}
    for image in images:
        sample = by_content.get(_sha256(image))
        label = None if sample is None else _truth(_of_people(sample), dataset, places, ontology.names)
        if label is not None:
            found[image.name] = label
    if not found:
        raise NotFound(
            f"{dataset.root} has labels of none of the {len(images)} images looked at. It must hold the very same image files."
        )
    return found


def _places(dataset: Dataset, ontology: Ontology) -> dict[int, int]:
    """Class ids of the data set to those of the ontology."""
    named = {name.lower(): i for i, name in enumerate(ontology.names)}
    worded = {p.lower(): i for p, i in reversed(ontology.prompts)}
    places = {k: named.get(name.lower(), worded.get(name.lower(), -1)) for k, name in enumerate(dataset.classes)}
    absent = [name for i, name in enumerate(ontology.names) if i not in places.values()]
    if absent:
        raise Mismatch(
            f"The labels in {dataset.root} have no class {', '.join(absent[:5])}; they have {', '.join(dataset.classes[:20])}. "
            f"Say which of them are meant, like --classes '{absent[0]}={dataset.classes[0]}'."
        )
    return {k: i for k, i in places.items() if i >= 0}


def _of_people(sample: Sample) -> Sample:
    people = tuple(a for a in sample.annotations if a.source.kind == "person")
    return sample.replace(annotations=people) if people else sample


def _truth(sample: Sample, dataset: Dataset, places: dict[int, int], classes: tuple[str, ...]) -> Label | None:
    if dataset.task in ("detect", "keypoints"):
        return _objects(sample, dataset, places, classes)
    if dataset.task == "classify":
        return _class(sample, dataset, places, classes)
    kept = sample.kept()
    return kept[-1] if kept else None


def _objects(sample: Sample, dataset: Dataset, places: dict[int, int], classes: tuple[str, ...]) -> Detections:
    found = sample.detections(dataset.classes)
    table = np.array([places.get(k, -1) for k in range(len(dataset.classes))], np.int64)
    ids = table[found.class_id]
    return found[ids >= 0].replace(class_id=ids[ids >= 0], classes=classes)


def _class(sample: Sample, dataset: Dataset, places: dict[int, int], classes: tuple[str, ...]) -> Classification | None:
    labels = sample.labels(Classification)
    name = labels[-1].top()[0][0] if labels else ""
    place = places.get(dataset.classes.index(name)) if name in dataset.classes else None
    if place is None:
        return None
    scores = np.zeros(len(classes), np.float32)
    scores[place] = 1
    return Classification(scores, classes)


def _sha256(image: ImageRef) -> str:
    try:
        return hashlib.sha256(image.read()).hexdigest()
    except OcellaError:  # what cannot be read is set aside by whoever looks at it
        return ""
