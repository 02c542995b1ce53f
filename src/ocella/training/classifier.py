"""Teaching EfficientNet-Lite0: its batches, its loss, its score."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ocella.models.onnx.runtime import Session
from ocella.training.augment import Augment
from ocella.training.learner import Indices, Learner
from ocella.training.networks.efficientnet_lite0 import EfficientNetLite0
from ocella.training.precision import Precision
from ocella.training.samples import LabelSample

__all__ = ["ClassifierLearner", "features"]

Floats = npt.NDArray[np.float32]
_MEAN, _DEVIATION = 127.0, 128.0


class ClassifierLearner(Learner):
    """One class from each image, cross-entropy with smoothed labels."""

    learning_rate = 1e-4
    metric = "accuracy"
    outputs = ("features", "logits")
    cells = False

    def __init__(
        self, network: EfficientNetLite0, train: Sequence[LabelSample], val: Sequence[LabelSample], augment: Augment
    ) -> None:
        self.network: EfficientNetLite0 = network
        self.train, self.val, self.augment = train, val, augment
        self.size = len(train)

    def batch(self, rows: Indices, rng: np.random.Generator) -> dict[str, Tensor]:
        """See `Learner.batch`."""
        images = np.stack([self.augment.image(self.train[row].pixels, rng) for row in rows])
        labels = torch.tensor([self.train[row].class_id for row in rows])
        return {"images": torch.from_numpy(images).permute(0, 3, 1, 2), "class_id": labels}

    def normalise(self, images: Tensor) -> Tensor:
        """See `Learner.normalise`."""
        return (images.float() - _MEAN) / _DEVIATION

    def losses(
        self, network: nn.Module, images: Tensor, batch: Mapping[str, Tensor], way: Precision
    ) -> dict[str, Tensor]:
        """See `Learner.losses`."""
        with way.autocast():
            _, logits = network(images)
        return {
            "cross_entropy": F.cross_entropy(logits.float(), batch["class_id"].to(images.device), label_smoothing=0.1)
        }

    def score_network(self, network: nn.Module, way: Precision) -> dict[str, float]:
        """See `Learner.score_network`."""

        def outputs(images: Tensor) -> Floats:
            with torch.inference_mode(), way.autocast():
                _, logits = network(way.place(images))
            return np.asarray(logits.float().cpu().numpy())

        return self._score(outputs)

    def score_file(self, session: Session) -> dict[str, float]:
        """See `Learner.score_file`."""
        return self._score(lambda images: session.run({"images": images.numpy()})["logits"])

    def portable(self, network: nn.Module) -> nn.Module:
        """See `Learner.portable`."""
        return network

    def _score(self, outputs: Callable[[Tensor], Floats]) -> dict[str, float]:
        """Accuracy, and mean cross-entropy to tell equal ones apart, on the validation images."""
        parts = [outputs(images) for images in batches(self.val)]
        logits = torch.from_numpy(np.concatenate(parts))
        truth = torch.tensor([s.class_id for s in self.val])
        right = (logits.argmax(1) == truth).float().mean()
        return {"accuracy": round(float(right), 4), "cross_entropy": round(float(F.cross_entropy(logits, truth)), 4)}


def batches(samples: Sequence[LabelSample], size: int = 16) -> list[Tensor]:
    """Normalised float images of all samples, `size` at a time."""
    found = []
    for start in range(0, len(samples), size):
        pixels = np.stack([s.pixels for s in samples[start : start + size]])
        images = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().float()
        found.append((images - _MEAN) / _DEVIATION)
    return found


def features(network: EfficientNetLite0, samples: Sequence[LabelSample]) -> Tensor:
    """Features (n, 1280) of all samples."""
    with torch.no_grad():
        return torch.cat([network.features(images) for images in batches(samples)])
