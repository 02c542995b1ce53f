"""A data set from one class list to another: people's labels by name, machine labels made anew."""

from ocella.datasets import Dataset, Sample
from ocella.labeling.rule import by_rule
from ocella.ops.remap import remap
from ocella.types import Annotation, Detections

__all__ = ["carry_over"]


def carry_over(dataset: Dataset, classes: tuple[str, ...]) -> Dataset:
    """Keep what people made, under the new class list; machine proposals of the old list go, as they are made anew."""

    def change(sample: Sample) -> Sample:
        kept = [_person_rows(a, classes) for a in sample.annotations]
        return sample.replace(
            annotations=tuple(
                a.replace(value=remap(a.value, classes)) if isinstance(a.value, Detections) else a
                for a in kept
                if a is not None
            )
        )

    return dataset.map(change).replace(classes=classes)


def _person_rows(annotation: Annotation, classes: tuple[str, ...]) -> Annotation | None:
    if annotation.source.kind == "person" or not isinstance(annotation.value, Detections):
        return annotation if annotation.source.kind == "person" else None
    said = zip(annotation.state, annotation.note, annotation.value.names, strict=True)
    rows = [
        i
        for i, (state, note, name) in enumerate(said)
        if state in ("accepted", "edited") or (state == "rejected" and not by_rule(note) and name in classes)
    ]
    if not rows:
        return None
    state, note = tuple(annotation.state[i] for i in rows), tuple(annotation.note[i] for i in rows)
    return annotation.replace(value=annotation.value[rows], state=state, note=note)
