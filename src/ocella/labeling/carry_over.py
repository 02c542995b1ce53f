"""A data set from one class list to another: people's labels by name, machine labels made anew."""

from ocella.datasets import Dataset, Sample
from ocella.ops.remap import remap
from ocella.types import Annotation, Detections

__all__ = ["carry_over"]


def carry_over(dataset: Dataset, classes: tuple[str, ...]) -> Dataset:
    """Keep what people made, under the new class list; machine proposals of the old list go, as they are made anew."""

    def change(sample: Sample) -> Sample:
        kept = [_person_rows(a) for a in sample.annotations]
        return sample.replace(
            annotations=tuple(
                a.replace(value=remap(a.value, classes)) if isinstance(a.value, Detections) else a
                for a in kept
                if a is not None
            )
        )

    return dataset.map(change).replace(classes=classes)


def _person_rows(annotation: Annotation) -> Annotation | None:
    if annotation.source.kind == "person" or not isinstance(annotation.value, Detections):
        return annotation if annotation.source.kind == "person" else None
    rows = [i for i, s in enumerate(annotation.state) if s in ("accepted", "edited")]
    if not rows:
        return None
    state, note = tuple(annotation.state[i] for i in rows), tuple(annotation.note[i] for i in rows)
    return annotation.replace(value=annotation.value[rows], state=state, note=note)
