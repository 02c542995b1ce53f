"""A linear classifier on fixed features: logistic regression, its strength of decay chosen by cross-validation."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ocella.models.starter import starter_file
from ocella.training.classifier import features
from ocella.training.networks.efficientnet_lite0 import EfficientNetLite0
from ocella.training.samples import LabelSample, label_samples
from ocella.training.student import StudentFolder

__all__ = ["fit_linear", "prepare"]

_DECAYS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
_FOLDS = 4


def fit_linear(layer: nn.Linear, features: Tensor, class_id: Tensor, seed: int) -> float:
    """Give `layer` the weights that tell the classes of `features` (n, d) apart; returns the decay that was chosen."""
    mean, deviation = features.mean(0), features.std(0).mean().clamp(min=1e-6)
    scaled = (features - mean) / deviation
    decay = _choose(scaled, class_id, layer.out_features, seed)
    weight, bias = _solve(scaled, class_id, layer.out_features, decay)
    with torch.no_grad():
        layer.weight.copy_(weight / deviation)
        layer.bias.copy_(bias - layer.weight @ mean)
    return decay


def _solve(x: Tensor, y: Tensor, classes: int, decay: float) -> tuple[Tensor, Tensor]:
    weight = torch.zeros(classes, x.shape[1], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(x @ weight.T + bias, y) + decay / 2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]  # a closure that returns a tensor is what it takes
    return weight.detach(), bias.detach()


def _choose(x: Tensor, y: Tensor, classes: int, seed: int) -> float:
    """The decay with the least cross-entropy on held-out quarters."""
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    fold = torch.empty(len(y), dtype=torch.long)
    fold[order] = torch.arange(len(y)) % _FOLDS
    losses = []
    for decay in _DECAYS:
        total = 0.0
        for k in range(min(_FOLDS, len(y))):
            held = fold == k
            if held.all() or not held.any():
                continue
            weight, bias = _solve(x[~held], y[~held], classes, decay)
            total += float(F.cross_entropy(x[held] @ weight.T + bias, y[held], reduction="sum"))
        losses.append(total)
    return _DECAYS[min(range(len(losses)), key=losses.__getitem__)]


def prepare(
    folder: StudentFolder, *, linear: bool
) -> tuple[EfficientNetLite0, list[LabelSample], list[LabelSample], dict[str, Any]]:
    """The network with a classifier for the folder's classes (fitted on its features where `linear`), the samples of
    both splits, and facts for the card.
    """
    dataset, settings = folder.dataset, folder.settings
    assert settings.input_hw is not None
    seen = label_samples(dataset.split("train"), settings.input_hw, folder.work, "train")
    held = label_samples(dataset.split("val"), settings.input_hw, folder.work, "val")
    torch.manual_seed(settings.seed)
    network = EfficientNetLite0()
    if settings.start == "starter":
        network.load_starter(starter_file("efficientnet-lite0.onnx"))
    network.reset_classes(len(dataset.classes))
    facts: dict[str, Any] = {}
    if linear:
        class_id = torch.tensor([s.class_id for s in seen])
        network.eval()
        facts["linear_decay"] = fit_linear(network.classifier, features(network, seen), class_id, settings.seed)
    return network, seen, held, facts
