"""A detector: NanoDet-g, started from the shipped weights, trained on other classes."""

from pathlib import Path
from typing import ClassVar

from ocella.datasets.dataset import Dataset
from ocella.models.starter import starter_file, starter_text
from ocella.models.text.match import match_prompts
from ocella.progress import Progress, silent
from ocella.training.recipe import Recipe, Trained, need_torch
from ocella.training.settings import TrainSettings
from ocella.types import Ontology

__all__ = ["UNITS", "NanoDetRecipe"]


class NanoDetRecipe(Recipe):
    """Quality focal loss + 2 GIoU + 0.25 DFL over ATSS, AdamW at 1e-3, cosine over the budget, averaged weights."""

    name: ClassVar[str] = "nanodet-g"
    task: ClassVar[str] = "detect"
    summary: ClassVar[str] = "Small detector, started from the shipped COCO weights; minutes on a processor."
    longest: ClassVar[int] = 416

    def train(self, dataset: Dataset, out: Path, settings: TrainSettings, progress: Progress = silent) -> Trained:
        """See `Recipe.train`."""
        need_torch()
        import torch

        from ocella.training.augment import Augment
        from ocella.training.detector import DetectorLearner
        from ocella.training.networks.nanodet_g import NanoDetG
        from ocella.training.samples import box_samples, fitting_size
        from ocella.training.student import StudentFolder, parameters, run

        train, val = dataset.split("train"), dataset.split("val")
        settings = settings.replace(input_hw=settings.input_hw or fitting_size(train, self.longest))
        assert settings.input_hw is not None
        folder = StudentFolder(out, self.name, dataset, settings)
        done = folder.finished()
        if done is not None:
            return done
        seen, dropped = box_samples(train, settings.input_hw, folder.work, "train")
        held, dropped_val = box_samples(val, settings.input_hw, folder.work, "val")
        known = starter_text("coco80.txt")
        torch.manual_seed(settings.seed)
        network = NanoDetG(len(known))
        if settings.start == "starter":
            network.load_starter(starter_file("nanodet-g.onnx"))
        same = _same_classes(dataset, known)
        network.reset_classes(len(dataset.classes), same if settings.start == "starter" else {})
        augment = Augment(settings.flip, settings.vertical_flip, settings.augment)
        learner = DetectorLearner(network, seen, held, dataset.classes, settings.input_hw, augment)
        facts = {"parameters": parameters(network), "degenerate_boxes_left_out": {"train": dropped, "val": dropped_val}}
        return run(folder, learner, progress, facts)


def _same_classes(dataset: Dataset, known: tuple[str, ...]) -> dict[int, int]:
    """Classes that the starter has under this name, or an alias, or one of their prompts."""
    asked = Ontology.from_json(dataset.info["ontology"]) if "ontology" in dataset.info else None
    if asked is None or asked.names != dataset.classes:
        asked = Ontology.of(*dataset.classes)
    sure = [m for m in match_prompts(asked, known, threshold=1.0) if m.known is not None]
    return {dataset.classes.index(m.class_name): known.index(str(m.known)) for m in reversed(sure)}


UNITS = [NanoDetRecipe()]
