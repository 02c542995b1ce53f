"""One setting, tried on one image after the other."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ocella.choosing.setting import Setting
from ocella.errors import Cancelled, OcellaError
from ocella.models.card import ModelCard
from ocella.models.compose import tiled
from ocella.models.labels import label_images
from ocella.models.tasks import Embedder, Model
from ocella.types import Image, Label, Ontology

__all__ = ["Attempt", "reason_of"]

_FLOORED = ("detect", "keypoints")
"""Tasks whose models leave out what they are unsure of."""
_MOST_FAILURES = 2
_FAILING_SHARE = 20
"""A setting may fail on two images, or on one of twenty where those are more."""


@dataclass
class Attempt:
    """What `setting` said of images by number, down to `floor`, and the seconds it takes for each; `failed` says of which
    it said nothing and why, `refused` why it is tried no more.
    """

    setting: Setting
    floor: float
    said: dict[int, Label] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    refused: str = ""
    card: ModelCard | None = None
    _model: Model | None = None
    _asked: Ontology | None = None

    def start(self, model: Model) -> None:
        """Begin with a loaded model; refused at once where a prompt is nothing to it."""
        self._model, self._asked = tiled(model, self.setting.tile), _without_thresholds(self.setting.ontology)
        self.card = self._model.card
        if "+" in self.setting.model:  # a second model would look at everything that the first is unsure of
            self.floor = max(self.floor, self.card.threshold / 2)
        try:
            if self._asked is not None:
                self._model.matches(self._asked)
        except Exception as error:  # noqa: BLE001  # as in `look`
            self.refused = reason_of(error)

    def stop(self) -> None:
        """Let go of the model."""
        self._model = None

    def look(self, number: int, image: Image, shared: Callable[[], float]) -> None:
        """Label an image. `shared` is the balance of seconds so far between looks as they took when they ran and what
        remembering them takes: it makes up for what other settings looked at before.
        """
        if self.refused or self._model is None:
            return
        began, balance = time.perf_counter(), shared()
        try:
            (self.said[number],) = self._label(self._model, image)
            self.seconds[number] = time.perf_counter() - began + shared() - balance
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001  # as in `look`
            self.failed[number] = reason_of(error)

    def judge(self, count: int) -> None:
        """Refuse it where it failed on too many of `count` images."""
        if not self.refused and len(self.failed) > min(max(_MOST_FAILURES, count // _FAILING_SHARE), count - 1):
            reason = next(iter(self.failed.values()))
            many = f"fails on {len(self.failed)} of {count} images: " if count > 1 else ""
            self.refused = f"{many}{reason}"

    def _label(self, model: Any, image: Image) -> list[Any]:
        if isinstance(model, Embedder):  # a vector is no label of a data set, but clusters and probes choose by it
            return model.predict([image])
        threshold = self.floor if model.task in _FLOORED else None
        return label_images(model, [image], ontology=self._asked, threshold=threshold, prompt=self.setting.prompt)


def reason_of(error: Exception) -> str:
    """An error in words."""
    return str(error) if isinstance(error, OcellaError) else f"{type(error).__name__}: {error}"


def _without_thresholds(ontology: Ontology | None) -> Ontology | None:
    return None if ontology is None else Ontology(tuple(replace(c, threshold=None) for c in ontology.classes))
