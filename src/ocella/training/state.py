"""Everything that the next training step needs, in memory; and on disk through a checkpoint."""

import copy
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ocella.media.write import write_text
from ocella.training.precision import Precision
from ocella.training.settings import TrainSettings

__all__ = ["TrainState", "validation_times", "write_history"]


class TrainState:
    """Network, its running average, optimiser, place, time used by purpose, history and the best weights so far.
    `due` holds the shares of the budget at which to validate next.
    """

    def __init__(self, network: nn.Module, way: Precision, settings: TrainSettings) -> None:
        self.way = way
        self.network: nn.Module = way.place(network).train()
        self.average = copy.deepcopy(self.network).eval()
        self.optimiser = _optimiser(self.network, settings.weight_decay)
        self.step = 0
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, Any] = {}
        self.best_weights: dict[str, Tensor] = {}
        self.seconds = {"set_up": 0.0, "training": 0.0, "validation": 0.0}
        self.due = validation_times(settings.validations)

    def to_checkpoint(self) -> dict[str, Any]:
        """As tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "best_weights": self.best_weights,
            "optimiser": self.optimiser.state_dict(),
            "rng": torch.get_rng_state(),
            **{name: getattr(self, name) for name in ("step", "history", "best", "seconds", "due")},
            "bf16": self.way.bf16,
            "channels_last": self.way.channels_last,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.network.load_state_dict(saved["network"])
        self.average.load_state_dict(saved["average"])
        self.optimiser.load_state_dict(saved["optimiser"])
        torch.set_rng_state(saved["rng"])
        for name in ("step", "history", "best", "best_weights", "seconds", "due"):
            setattr(self, name, saved[name])

    def follow(self, decay: float) -> None:
        """Move the average towards the network, faster in the first steps."""
        keep = min(decay, self.step / (self.step + 9))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.network.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)

    def note(self, kind: str, epoch: float, values: dict[str, float]) -> dict[str, Any]:
        """A new row of the history."""
        place = {"kind": kind, "step": self.step, "epoch": round(epoch, 3)}
        self.history.append({**place, "seconds": round(self.seconds["training"], 3), **values})
        return self.history[-1]

    def keep_if_best(self, row: dict[str, Any], metric: str) -> None:
        """Keep the averaged weights where no validation before was better; of equal ones the later."""
        if not self.best or row[metric] >= self.best[metric]:
            self.best = dict(row)
            self.best_weights = {k: v.detach().cpu().clone() for k, v in self.average.state_dict().items()}


def _optimiser(network: nn.Module, decay: float) -> torch.optim.Optimizer:
    """AdamW; biases do not decay."""
    weights = [p for p in network.parameters() if p.ndim > 1]
    biases = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups)


def validation_times(count: int) -> list[float]:
    """Shares of the budget, closer together towards the end, the last at the end."""
    return [1 - (1 - (i + 1) / count) ** 1.5 for i in range(count)]


def write_history(path: Path, history: list[dict[str, Any]]) -> None:
    """One JSON object a line, replaced as a whole."""
    write_text(path, "".join(json.dumps(row) + "\n" for row in history))
