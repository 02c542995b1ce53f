"""A classifier: EfficientNet-Lite0, started from the shipped weights, all of it trained on other classes."""

from pathlib import Path
from typing import ClassVar

from ocella.datasets.dataset import Dataset
from ocella.progress import Progress, silent
from ocella.training.recipe import Recipe, Trained, need_torch
from ocella.training.settings import TrainSettings

__all__ = ["UNITS", "EfficientNetLite0Recipe"]


class EfficientNetLite0Recipe(Recipe):
    """First the linear probe, then all weights from there at a low rate: the head's start does not tear the rest."""

    name: ClassVar[str] = "efficientnet-lite0"
    task: ClassVar[str] = "classify"
    summary: ClassVar[str] = "Small classifier, fine-tuned from the shipped ImageNet weights; minutes on a processor."

    def train(self, dataset: Dataset, out: Path, settings: TrainSettings, progress: Progress = silent) -> Trained:
        """See `Recipe.train`."""
        need_torch()
        from ocella.training.augment import Augment
        from ocella.training.classifier import ClassifierLearner
        from ocella.training.probe import prepare
        from ocella.training.student import StudentFolder, parameters, run

        settings = settings.replace(input_hw=settings.input_hw or (224, 224))
        folder = StudentFolder(out, self.name, dataset, settings)
        done = folder.finished()
        if done is not None:
            return done
        network, seen, held, facts = prepare(folder, linear=settings.start == "starter")
        augment = Augment(settings.flip, settings.vertical_flip, settings.augment)
        learner = ClassifierLearner(network, seen, held, augment)
        return run(folder, learner, progress, {"parameters": parameters(network), **facts})


UNITS = [EfficientNetLite0Recipe()]
