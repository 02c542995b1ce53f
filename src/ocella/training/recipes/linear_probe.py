"""A classifier for the impatient: a linear layer on the fixed features of the shipped EfficientNet-Lite0."""

import time
from pathlib import Path
from typing import ClassVar

from ocella.datasets.dataset import Dataset
from ocella.errors import InvalidValue
from ocella.progress import Progress, silent
from ocella.training.recipe import Recipe, Trained, need_torch
from ocella.training.settings import TrainSettings

__all__ = ["UNITS", "LinearProbeRecipe"]


class LinearProbeRecipe(Recipe):
    """Logistic regression on 1280 features; needs one pass over the images and no budget."""

    name: ClassVar[str] = "linear-probe"
    task: ClassVar[str] = "classify"
    summary: ClassVar[str] = "Linear classifier on the shipped network's features; seconds on a processor."

    def train(self, dataset: Dataset, out: Path, settings: TrainSettings, progress: Progress = silent) -> Trained:
        """See `Recipe.train`."""
        need_torch()
        from ocella.training.augment import Augment
        from ocella.training.classifier import ClassifierLearner
        from ocella.training.loop import Fitted
        from ocella.training.precision import Precision
        from ocella.training.probe import prepare
        from ocella.training.state import write_history
        from ocella.training.student import StudentFolder, finish, parameters

        if settings.start != "starter":
            raise InvalidValue("A linear probe needs features that were learned: leave start at 'starter'.")
        settings = settings.replace(input_hw=settings.input_hw or (224, 224))
        folder = StudentFolder(out, self.name, dataset, settings)
        done = folder.finished()
        if done is not None:
            return done
        begun = time.perf_counter()
        network, seen, held, facts = prepare(folder, linear=True)
        learner = ClassifierLearner(network, seen, held, Augment(strength=0))
        scores = learner.score_network(network, Precision())
        spent = round(time.perf_counter() - begun, 2)
        row = {"kind": "validation", "step": 0, "epoch": 1.0, "seconds": spent, **scores}
        write_history(out / "history.jsonl", [row])
        progress("train", 100, 100, f"accuracy {scores['accuracy']:.3f}")
        fitted = Fitted(network, row, [row], {"training": spent}, "fp32")
        return finish(
            folder, learner, fitted, {"architecture": "efficientnet-lite0", "parameters": parameters(network), **facts}
        )


UNITS = [LinearProbeRecipe()]
