"""Teaching NanoDet-g: its batches, its loss, its score."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ocella.metrics.average_precision import average_precision
from ocella.models.detection.nanodet_decode import MEAN_BGR, STD_BGR, cells, nanodet_decode
from ocella.models.onnx.runtime import Session
from ocella.training.assign import assign
from ocella.training.augment import Augment
from ocella.training.learner import Indices, Learner
from ocella.training.losses import (
    distances_to_xyxy,
    distribution_focal,
    generalised_iou,
    mean_distance,
    quality_focal,
)
from ocella.training.networks.nanodet_g import NanoDetG
from ocella.training.precision import Precision
from ocella.training.samples import BoxSample

__all__ = ["DetectorLearner"]

_FLOOR = 0.02
Floats = npt.NDArray[np.float32]


class DetectorLearner(Learner):
    """Boxes from images. Assignment needs labels alone, so it is done with the batch, beside the network's work."""

    learning_rate = 1e-3
    metric = "ap"
    outputs = ("scores", "distances")
    cells = True

    def __init__(
        self,
        network: NanoDetG,
        train: Sequence[BoxSample],
        val: Sequence[BoxSample],
        classes: Sequence[str],
        input_hw: tuple[int, int],
        augment: Augment,
    ) -> None:
        self.network: NanoDetG = network
        self.train, self.val = train, val
        self.classes, self.input_hw, self.augment = tuple(classes), input_hw, augment
        self.size = len(train)
        self.mean = torch.tensor(MEAN_BGR[::-1]).view(1, 3, 1, 1)
        self.deviation = torch.tensor(STD_BGR[::-1]).view(1, 3, 1, 1)
        centres, strides = cells(input_hw)
        self.centres, self.strides = torch.from_numpy(centres), torch.from_numpy(strides)

    def batch(self, rows: Indices, rng: np.random.Generator) -> dict[str, Tensor]:
        """See `Learner.batch`."""
        images, image_of, cell_of, box_of, class_of = [], [], [], [], []
        for i, row in enumerate(rows):
            sample = self.train[row]
            pixels, xyxy, class_id = self.augment.boxes(sample.pixels, sample.xyxy, sample.class_id, rng)
            taken, answers = assign(xyxy, self.input_hw)
            images.append(pixels)
            image_of.append(np.full(len(taken), i))
            cell_of.append(taken)
            box_of.append(xyxy[answers])
            class_of.append(class_id[answers])
        return {
            "images": torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2),
            "image": torch.from_numpy(np.concatenate(image_of)),
            "cell": torch.from_numpy(np.concatenate(cell_of)),
            "xyxy": torch.from_numpy(np.concatenate(box_of)),
            "class_id": torch.from_numpy(np.concatenate(class_of)),
        }

    def normalise(self, images: Tensor) -> Tensor:
        """See `Learner.normalise`."""
        rgb = (images.float() - self.mean.to(images.device)) / self.deviation.to(images.device)
        return rgb.flip(1)

    def losses(
        self, network: nn.Module, images: Tensor, batch: Mapping[str, Tensor], way: Precision
    ) -> dict[str, Tensor]:
        """See `Learner.losses`."""
        with way.autocast():
            logits, distances = network(images)
        logits, device = logits.float(), images.device
        image, cell, class_id = (batch[k].to(device) for k in ("image", "cell", "class_id"))
        target, centres = batch["xyxy"].to(device), self.centres.to(device)[cell]
        strides = self.strides.to(device)[cell].unsqueeze(1)
        chosen = distances[image, cell].float()
        found = distances_to_xyxy(mean_distance(chosen) * strides, centres)
        overlap, generalised = generalised_iou(found, target)
        quality = torch.zeros_like(logits)
        quality[image, cell, class_id] = overlap.detach().clamp(0, 1)
        weight = logits.detach()[image, cell].sigmoid().amax(1)
        total = weight.sum().clamp(min=1e-3)
        sides = torch.cat([centres - target[:, :2], target[:, 2:] - centres], 1) / strides
        return {
            "quality": quality_focal(logits, quality).sum() / max(1, len(cell)),
            "overlap": 2 * ((1 - generalised) * weight).sum() / total,
            "distance": 0.25 * (distribution_focal(chosen, sides) * weight).sum() / total,
        }

    def score_network(self, network: nn.Module, way: Precision) -> dict[str, float]:
        """See `Learner.score_network`."""

        def outputs(images: Tensor) -> tuple[Floats, Floats]:
            with torch.inference_mode(), way.autocast():
                logits, distances = network(way.place(images))
            return logits.float().sigmoid().cpu().numpy(), distances.float().cpu().numpy()

        return self._score(outputs)

    def score_file(self, session: Session) -> dict[str, float]:
        """See `Learner.score_file`."""

        def outputs(images: Tensor) -> tuple[Floats, Floats]:
            found = session.run({"images": images.numpy()})
            return found["scores"], found["distances"]

        return self._score(outputs)

    def portable(self, network: nn.Module) -> nn.Module:
        """See `Learner.portable`."""
        return _Scored(network)

    def _score(self, outputs: Callable[[Tensor], tuple[Floats, Floats]]) -> dict[str, float]:
        """AP and AP50 of `outputs` (images to scores and distances) on the validation images."""
        found, size = [], 8
        for start in range(0, len(self.val), size):
            part = self.val[start : start + size]
            images = torch.from_numpy(np.stack([s.pixels for s in part])).permute(0, 3, 1, 2)
            scores, distances = outputs(self.normalise(images).contiguous())
            sizes = [s.size_hw for s in part]
            found += nanodet_decode(scores, distances, self.input_hw, sizes, self.classes, threshold=_FLOOR)
        result = average_precision(found, [s.truth for s in self.val])
        return {"ap": round(float(result.ap), 4), "ap50": round(float(result.ap50), 4)}


class _Scored(nn.Module):
    """The network with the sigmoid that its users expect."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Scores 0..1 and distance logits."""
        logits, distances = self.network(images)
        return logits.sigmoid(), distances
