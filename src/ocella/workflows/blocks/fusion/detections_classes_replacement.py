"""Objects named anew by what a classifier says of their crops."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, Mismatch
from ocella.types import Classification, Detections
from ocella.workflows.block import Block, Many
from ocella.workflows.wire_predictions import read_classification

__all__ = ["UNITS"]

_MOST_CLASSES = 4096
Said = tuple[str, float, bool]


class DetectionsClassesReplacement(Block):
    """Give each object the best class, and its confidence, of the classification of its crop; texts (read or told by a language
    model) serve as names too. Objects without one are dropped, or get `fallback_class_name` with confidence 0.
    """

    type = "detections_classes_replacement@v1"
    aliases = ("DetectionsClassesReplacement",)
    output = "predictions"
    accepts_missing = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {"type": "dynamic_crop", "name": "cut", "image": "$inputs.image", "predictions": "$steps.find.predictions"},
            {
                "type": "roboflow_classification_model",
                "name": "name",
                "image": "$steps.cut.crops",
                "model_id": "efficientnet-lite0",
            },
            {
                "type": "detections_classes_replacement",
                "name": "named",
                "object_detection_predictions": "$steps.find.predictions",
                "classification_predictions": "$steps.name.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "objects", "selector": "$steps.named.predictions"}],
    }

    fallback_class_name: str | None = None
    fallback_class_id: int | None = None

    def run(
        self,
        object_detection_predictions: Detections | None,
        classification_predictions: Many[Classification | str | list[Any] | dict[str, Any] | None],
    ) -> Detections | None:
        """The objects that have a name, in their order."""
        found = object_detection_predictions
        if found is None:
            return None
        said = _by_object(found, classification_predictions)
        fallback: Said | None = (self.fallback_class_name, 0.0, True) if self.fallback_class_name else None
        answers = [a if a is not None else fallback for a in map(_best, said)]
        kept = [i for i, answer in enumerate(answers) if answer is not None]
        chosen = [answer for answer in answers if answer is not None]
        classes = self._classes(said, chosen)
        data = {name: column for name, column in found[kept].data.items() if name != "detection_id"}
        return found[kept].replace(
            class_id=np.array([classes.index(name) for name, *_ in chosen], np.int64),
            confidence=np.array([score for _, score, _ in chosen], np.float32),
            classes=classes,
            data=data,
        )

    def _classes(self, said: Sequence[Any], chosen: Sequence[Said]) -> tuple[str, ...]:
        """All that the classifier knows, then texts as they come; the fallback where its id says, if that is free."""
        names = dict.fromkeys(name for one in said if isinstance(one, Classification) for name in one.classes)
        names |= dict.fromkeys(name for name, _, fallback in chosen if not fallback)
        wanted = self.fallback_class_name
        if any(fallback for *_, fallback in chosen) and wanted is not None and wanted not in names:
            place = -1 if self.fallback_class_id is None else self.fallback_class_id
            if len(names) < place < _MOST_CLASSES:
                names |= dict.fromkeys(f"class_{i}" for i in range(len(names), place))
            names[wanted] = None
        return tuple(names)


def _by_object(found: Detections, said: Sequence[Any]) -> list[Any]:
    """What was said of each object: crops lie in the objects' order, and objects without area have no crop."""
    read = [read_classification(one) if isinstance(one, dict) else one for one in said]
    if len(read) == len(found):
        return read
    if not read:
        return [None] * len(found)
    boxes = found.xyxy
    if found.size_hw is not None:
        height, width = found.size_hw
        boxes = np.clip(boxes, 0, (width, height, width, height))
    cut = np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(axis=1))
    if len(cut) != len(read):
        raise Mismatch(
            f"expected a classification for each of {len(found)} objects, got {len(read)}. Classify the crops of these very objects."
        )
    by_row = dict(zip(cut.tolist(), read, strict=True))
    return [by_row.get(i) for i in range(len(found))]


def _best(said: Any) -> Said | None:
    """The best class and its confidence; None where nothing was said."""
    if said is None:
        return None
    if isinstance(said, Classification):
        best = said.top(1)
        sure = bool(best) and (best[0][1] > 0 or not said.multi_label)
        return (*best[0], False) if sure else None
    while isinstance(said, list | tuple):
        said = said[0] if said else None
    if said is None:
        return None
    if not isinstance(said, str):
        raise InvalidValue(f"expected a classification or a text for each object, got {type(said).__name__}.")
    return said, 1.0, False


UNITS = (DetectionsClassesReplacement,)
