"""The loop on a network of a few weights: going on after an interruption, budgets, refusals."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ocella.errors import DatasetError, Mismatch, Unreadable
from ocella.models.onnx.runtime import Session
from ocella.progress import silent
from ocella.training.checkpoint import Checkpoint
from ocella.training.learner import Indices, Learner
from ocella.training.loop import Fitted, fit
from ocella.training.precision import Precision
from ocella.training.settings import TrainSettings
from ocella.training.state import validation_times

SETTINGS = TrainSettings(epochs=6, batch=4, precision="fp32", device="cpu", checkpoint_seconds=0.0, learning_rate=0.01)
TRIALS = 6
"""Passes before the first step of a fresh run: two memory orders, three times each."""
IDENTITY = {"data": "a", "recipe": "dots", "settings": "{}"}


class Killed(BaseException):
    """Stands for a process that ends."""


class Dots(Learner):
    """Mean brightness of noise; `die_at` ends the run when that step's loss is asked for."""

    learning_rate = 0.01
    metric = "score"
    outputs = ("value",)
    cells = False
    size = 10

    def __init__(self, die_at: int | None = None, *, broken: bool = False) -> None:
        torch.manual_seed(0)
        self.network = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1)
        )
        self.images = np.random.default_rng(0).integers(0, 256, (10, 3, 8, 8), np.uint8)
        self.die_at, self.calls, self.broken = die_at, 0, broken

    def batch(self, rows: Indices, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        noisy = np.clip(self.images[rows] + rng.integers(0, 20, (len(rows), 3, 8, 8)), 0, 255).astype(np.uint8)
        return {"images": torch.from_numpy(noisy)}

    def normalise(self, images: torch.Tensor) -> torch.Tensor:
        return images.float() / 255

    def losses(
        self, network: nn.Module, images: torch.Tensor, batch: Mapping[str, torch.Tensor], way: Precision
    ) -> dict[str, torch.Tensor]:
        del batch, way
        self.calls += 1
        if self.calls == self.die_at:
            raise Killed
        error = (network(images)[:, 0] - images.mean((1, 2, 3))).square().mean()
        return {"error": error / 0 if self.broken else error}

    def score_network(self, network: nn.Module, way: Precision) -> dict[str, float]:
        del way
        with torch.inference_mode():
            images = self.normalise(torch.from_numpy(self.images))
            return {"score": -float((network(images)[:, 0] - images.mean((1, 2, 3))).square().mean())}

    def score_file(self, session: Session) -> dict[str, float]:
        raise NotImplementedError

    def portable(self, network: nn.Module) -> nn.Module:
        return network


def train(
    folder: Path, learner: Learner, settings: TrainSettings = SETTINGS, identity: dict[str, str] = IDENTITY
) -> Fitted:
    return fit(learner, settings, folder, Checkpoint(folder / ".train" / "checkpoint.pt", identity), silent)


@pytest.mark.parametrize("done", [1, 4, 8, 17])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(done: int, tmp_path: Path) -> None:
    whole = train(tmp_path / "whole", Dots())
    with pytest.raises(Killed):
        train(tmp_path / "cut", Dots(TRIALS + done + 1))
    rest = Dots()
    gone_on = train(tmp_path / "cut", rest)
    assert rest.calls == 18 - done
    for a, b in zip(whole.network.parameters(), gone_on.network.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-5)
    rows = [[r for r in f.history if r["kind"] != "precision"] for f in (whole, gone_on)]
    assert [(r["kind"], r["step"]) for r in rows[0]] == [(r["kind"], r["step"]) for r in rows[1]]
    assert [r["loss"] for r in rows[0] if "loss" in r] == pytest.approx(
        [r["loss"] for r in rows[1] if "loss" in r], abs=1e-5
    )


def test_a_finished_run_does_no_more_steps(tmp_path: Path) -> None:
    train(tmp_path, Dots())
    again = Dots()
    train(tmp_path, again)
    assert again.calls == 0


def test_training_helps_and_the_best_is_kept(tmp_path: Path) -> None:
    fitted = train(tmp_path, Dots(), SETTINGS.replace(epochs=40, ema=0.9))
    scores = [row["score"] for row in fitted.history if row["kind"] == "validation"]
    assert len(scores) == SETTINGS.validations
    assert scores[-1] > scores[0]
    assert fitted.best["score"] == max(scores)
    assert Dots().score_network(fitted.network, Precision())["score"] == pytest.approx(max(scores))


def test_a_budget_in_minutes_ends_the_run(tmp_path: Path) -> None:
    fitted = train(tmp_path, Dots(), SETTINGS.replace(epochs=None, minutes=0.01, checkpoint_seconds=9))
    assert 0.6 <= fitted.seconds["training"] < 2


@pytest.mark.parametrize("changed", ["data", "recipe", "settings"])
def test_a_checkpoint_of_another_run_is_refused(changed: str, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(tmp_path, Dots(TRIALS + 5))
    with pytest.raises(Mismatch, match=f"other {changed}"):
        train(tmp_path, Dots(), identity={**IDENTITY, changed: '{"seed": 3}'})


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".train" / "checkpoint.pt"
    file.parent.mkdir()
    file.write_bytes(b"not a checkpoint")
    with pytest.raises(Unreadable, match="Delete it"):
        train(tmp_path, Dots())


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="learning rate"):
        train(tmp_path, Dots(broken=True))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_validations_come_closer_together_and_end_at_the_end(count: int) -> None:
    times = validation_times(count)
    gaps = np.diff([0, *times])
    assert times[-1] == 1
    assert (np.diff(gaps) <= 1e-9).all()
