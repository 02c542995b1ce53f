"""Batches made in a thread, a step or two ahead of the network."""

import math
import queue
import threading
from collections.abc import Iterator
from typing import Self

import numpy as np
from torch import Tensor

from ocella.training.learner import Indices, Learner
from ocella.training.settings import TrainSettings

__all__ = ["Batches"]


class Batches:
    """Batches from `step` on, without end. Order and changes follow from seed, epoch and place alone, so a run that goes
    on sees what it would have seen.
    """

    def __init__(self, learner: Learner, settings: TrainSettings, step: int) -> None:
        self._learner, self._settings, self._step = learner, settings, step
        self._ready: queue.Queue[dict[str, Tensor] | Exception] = queue.Queue(2)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="batches", daemon=True)

    @property
    def steps_each(self) -> int:
        """Steps of one epoch."""
        return math.ceil(self._learner.size / self._settings.batch)

    def rows(self, step: int) -> tuple[Indices, np.random.Generator]:
        """The samples of a step, and the generator for their changes."""
        seed, batch = self._settings.seed, self._settings.batch
        epoch, place = divmod(step, self.steps_each)
        order = np.random.default_rng([seed, epoch]).permutation(self._learner.size)
        chosen = order[place * batch : (place + 1) * batch]
        if len(chosen) < batch:  # filled up from the front, so that all steps weigh the same
            chosen = np.concatenate([chosen, np.resize(order, batch - len(chosen))])
        return chosen, np.random.default_rng([seed, epoch, place])

    def _work(self) -> None:
        step = self._step
        while not self._stop.is_set():
            try:
                item: dict[str, Tensor] | Exception = self._learner.batch(*self.rows(step))
            except Exception as error:  # noqa: BLE001  # handed to the loop, which raises it
                item = error
            step += 1
            self._put(item)

    def _put(self, item: dict[str, Tensor] | Exception) -> None:
        while not self._stop.is_set():
            try:
                self._ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        while True:
            item = self._ready.get()
            if isinstance(item, Exception):
                raise item
            yield item

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
