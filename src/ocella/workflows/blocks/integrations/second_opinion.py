"""Another model's view of each object."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.ops.crop import crop
from ocella.types import Detections, Image, Ontology
from ocella.workflows.block import Block

__all__ = ["UNITS"]

CONFIRMED, REJECTED, UNSURE = "confirmed", "rejected", "unsure"
Opinions = tuple[list[str], npt.NDArray[np.float64]]


class Opinion(NamedTuple):
    """All objects with the columns `opinion` (confirmed, rejected or unsure) and `opinion_score` (larger speaks for it), and those
    of each opinion.
    """

    predictions: Detections
    confirmed: Detections
    rejected: Detections
    unsure: Detections


class SecondOpinion(Block):
    """Let a second model look at the crop of each box, widened by `margin` of its sides, and say whether the class is right. A
    model that embeds images and texts, or classifies by texts, confirms where the class fits better than the other classes and
    than `against`, by more than `at_least`; a vision-language model is asked `question`, where {class} is the name, and confirms
    by yes.
    """

    type = "second_opinion@v1"
    slow = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "second_opinion",
                "name": "ask",
                "image": "$inputs.image",
                "predictions": "$steps.find.predictions",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "sure", "selector": "$steps.ask.confirmed"}],
    }

    model_id: str = "conse-efficientnet-lite0-embed"
    against: list[str] = ["background"]  # a default, never changed
    at_least: Annotated[float, Field(ge=0, le=2)] = 0.0
    margin: Annotated[float, Field(ge=0, le=2)] = 0.1
    question: str = "Is there a {class} in this picture? Answer yes or no."

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """The question names the class."""
        asked = str(step.get("question", "{class}"))
        fine = "{class}" in asked or asked.startswith("$")
        return [] if fine else [("question", "text with {class} in it", "Like: Is there a {class}?")]

    def run(self, image: Image, predictions: Detections) -> Opinion:
        """The objects, sorted by opinion."""
        said, score = [UNSURE] * len(predictions), np.zeros(len(predictions))
        rows = self._visible(image, predictions)
        if rows:
            crops = crop(image, [self._window(predictions.xyxy[i]) for i in rows])
            with self.services.lease(self.model_id) as model:
                ask = _WAYS.get(model.card.task)
                if ask is None:
                    raise InvalidValue(
                        f"model_id must be a model that embeds, classifies by text or answers questions, got '{self.model_id}' "
                        f"for {model.card.task}."
                    )
                opinions, values = ask(self, model, crops, [predictions.names[i] for i in rows], predictions.classes)
            for row, opinion, value in zip(rows, opinions, values, strict=True):
                said[row], score[row] = opinion, value
        words = np.array(said, np.str_) if said else np.zeros(0, "<U9")
        found = predictions.replace(data={**predictions.data, "opinion": words, "opinion_score": score})
        return Opinion(found, *(found[words == word] for word in (CONFIRMED, REJECTED, UNSURE)))

    def _visible(self, image: Image, found: Detections) -> list[int]:
        height, width = image.size_hw
        boxes = np.clip(found.xyxy, 0, (width, height, width, height))
        return [int(i) for i in np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(axis=1))]

    def _window(self, box: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        x1, y1, x2, y2 = box.astype(np.float64)
        wide, tall = (x2 - x1) * self.margin, (y2 - y1) * self.margin
        return np.array([x1 - wide, y1 - tall, x2 + wide, y2 + tall])

    def _texts(self, names: Sequence[str], classes: Sequence[str]) -> list[str]:
        return list(dict.fromkeys([*names, *classes, *self.against]))

    def _embedded(self, model: Any, crops: Sequence[Image], names: Sequence[str], classes: Sequence[str]) -> Opinions:
        texts = self._texts(names, classes)
        spoken = np.stack([e.vector for e in model.embed_text(texts)]).astype(np.float64)
        seen = np.stack([e.vector for e in model.predict(crops)]).astype(np.float64)
        return self._compared(seen @ spoken.T, names, texts)

    def _classified(self, model: Any, crops: Sequence[Image], names: Sequence[str], classes: Sequence[str]) -> Opinions:
        texts = self._texts(names, classes)
        scores = np.stack([c.confidence for c in model.predict(crops, Ontology.of(*texts))]).astype(np.float64)
        return self._compared(scores, names, texts)

    def _compared(self, scores: npt.NDArray[np.float64], names: Sequence[str], texts: list[str]) -> Opinions:
        """By how much each crop's own class leads the best other text."""
        own = np.array([texts.index(name) for name in names])
        rows = np.arange(len(names))
        others = scores.copy()
        others[rows, own] = -np.inf
        lead = scores[rows, own] - (others.max(axis=1) if len(texts) > 1 else 0.0)
        return [CONFIRMED if value > self.at_least else REJECTED for value in lead], lead

    def _answered(self, model: Any, crops: Sequence[Image], names: Sequence[str], classes: Sequence[str]) -> Opinions:
        del classes
        opinions, scores = [UNSURE] * len(names), np.zeros(len(names))
        for name in dict.fromkeys(names):
            rows = [i for i, n in enumerate(names) if n == name]
            answers = model.predict([crops[i] for i in rows], self.question.replace("{class}", name))
            for row, answer in zip(rows, answers, strict=True):
                opinions[row] = _yes_or_no(answer.text)
                sure = 1.0 if answer.confidence is None else answer.confidence
                scores[row] = {CONFIRMED: sure, REJECTED: -sure}.get(opinions[row], 0.0)
        return opinions, scores


def _yes_or_no(text: str) -> str:
    words = "".join(c if c.isalpha() else " " for c in text.lower()).split()
    first = next((w for w in words if w in ("yes", "no")), "")
    return {"yes": CONFIRMED, "no": REJECTED}.get(first, UNSURE)


_WAYS: Mapping[str, Callable[..., Opinions]] = {
    "embed": SecondOpinion._embedded,  # noqa: SLF001  # its own
    "classify": SecondOpinion._classified,  # noqa: SLF001
    "vlm": SecondOpinion._answered,  # noqa: SLF001
}
UNITS = (SecondOpinion,)
