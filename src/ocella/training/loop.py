"""The training loop, one for every recipe, read from top to bottom."""

import copy
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ocella.errors import DatasetError
from ocella.models.device import torch_device
from ocella.progress import Progress
from ocella.training.batches import Batches
from ocella.training.checkpoint import Checkpoint
from ocella.training.learner import Learner
from ocella.training.precision import Precision, choose_precision
from ocella.training.settings import TrainSettings
from ocella.training.state import TrainState, write_history

__all__ = ["Fitted", "fit"]


@dataclass(frozen=True)
class Fitted:
    """The best weights (in `network`), their scores, every row of the history and where the seconds went."""

    network: nn.Module
    best: dict[str, Any]
    history: list[dict[str, Any]]
    seconds: dict[str, float]
    precision: str


def fit(learner: Learner, settings: TrainSettings, folder: Path, checkpoint: Checkpoint, progress: Progress) -> Fitted:
    """Train until the budget is used, going on from the checkpoint where there is one. The budget in minutes counts
    steps alone (waiting for their data included); set-up, validation and checkpoints are counted apart.
    """
    state = _start(learner, settings, checkpoint)
    saved = time.perf_counter()
    with Batches(learner, settings, state.step) as batches:
        limit = math.inf if settings.epochs is None else settings.epochs * batches.steps_each
        warmup = max(1, min(settings.warmup_steps, limit / 4))
        share = _share(state, settings, limit)
        tick = time.perf_counter()
        for batch in batches:
            if share >= 1:
                break

            # one step: rate, forward, backward, update, average
            rate = (settings.learning_rate or learner.learning_rate) * min(1.0, (state.step + 1) / warmup)
            for group in state.optimiser.param_groups:
                group["lr"] = rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
            parts = _losses(learner, state.network, batch, state.way)
            loss = torch.stack(list(parts.values())).sum()
            state.optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            nn.utils.clip_grad_norm_(state.network.parameters(), settings.clip, error_if_nonfinite=False)
            state.optimiser.step()
            state.step += 1
            state.follow(settings.ema)
            state.seconds["training"] += time.perf_counter() - tick
            share = _share(state, settings, limit)
            epoch = state.step / batches.steps_each
            if state.step % 10 == 1 or share >= 1:
                _note_losses(state, epoch, loss, parts, share, progress)

            # validation: the averaged weights, a few times, more often towards the end
            if share >= state.due[0]:
                state.due = [due for due in state.due if due > share]
                _validate(learner, state, epoch, share, progress)

            # checkpoint: everything that the next step needs
            if time.perf_counter() - saved >= settings.checkpoint_seconds or share >= 1:
                checkpoint.save(state.to_checkpoint())
                write_history(folder / "history.jsonl", state.history)
                saved = time.perf_counter()
            tick = time.perf_counter()

    write_history(folder / "history.jsonl", state.history)
    state.average.load_state_dict(state.best_weights)
    seconds = {name: round(value, 2) for name, value in state.seconds.items()}
    return Fitted(state.average, state.best, state.history, seconds, state.way.name)


def _start(learner: Learner, settings: TrainSettings, checkpoint: Checkpoint) -> TrainState:
    """Threads, device, precision, and the state of the checkpoint or a fresh one."""
    begun = time.perf_counter()
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = torch_device(settings.device)
    saved = checkpoint.load()
    if saved is not None:
        way = Precision(device, saved["bf16"] and device != "mps", saved["channels_last"])
        state = TrainState(learner.network, way, settings)
        state.restore(saved)
    else:
        way, tried = choose_precision(settings.precision, device, lambda w: _trial(learner, settings, w))
        state = TrainState(learner.network, way, settings)
        if tried:
            state.note("precision", 0.0, {f"seconds a step, {name}": spent for name, spent in tried.items()})
    state.seconds["set_up"] += time.perf_counter() - begun
    return state


def _losses(learner: Learner, network: nn.Module, batch: Mapping[str, Tensor], way: Precision) -> dict[str, Tensor]:
    images = way.place(learner.normalise(batch["images"].to(way.device)))
    return learner.losses(network, images, batch, way)


def _note_losses(
    state: TrainState, epoch: float, loss: Tensor, parts: Mapping[str, Tensor], share: float, progress: Progress
) -> None:
    value = float(loss.detach())
    if not math.isfinite(value):
        raise DatasetError(
            f"The loss is {value} at step {state.step}. Lower the learning rate, or look for odd boxes: ocella clean"
        )
    state.note("step", epoch, {"loss": round(value, 5), **{k: round(float(v.detach()), 5) for k, v in parts.items()}})
    best = ", ".join(f"{k} {v:.3f}" for k, v in _scores(state.best).items())
    progress("train", round(100 * share), 100, f"loss {value:.3f}" + (f", best {best}" if best else ""))


def _validate(learner: Learner, state: TrainState, epoch: float, share: float, progress: Progress) -> None:
    begun = time.perf_counter()
    row = state.note("validation", epoch, learner.score_network(state.average, state.way))
    state.keep_if_best(row, learner.metric)
    state.seconds["validation"] += time.perf_counter() - begun
    progress(
        "train", round(100 * share), 100, "validated: " + ", ".join(f"{k} {v:.3f}" for k, v in _scores(row).items())
    )


def _scores(row: Mapping[str, Any]) -> dict[str, float]:
    return {k: v for k, v in row.items() if k not in {"kind", "step", "epoch", "seconds"}}


def _trial(learner: Learner, settings: TrainSettings, way: Precision) -> None:
    """A step's forward and backward pass on a copy of the network."""
    batch = learner.batch(np.arange(min(settings.batch, learner.size)), np.random.default_rng(0))
    network: nn.Module = way.place(copy.deepcopy(learner.network)).train()
    torch.stack(list(_losses(learner, network, batch, way).values())).sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    if way.device == "cuda":
        torch.cuda.synchronize()


def _share(state: TrainState, settings: TrainSettings, limit: float) -> float:
    """How much of the budget is used, 0..1."""
    used = state.seconds["training"] / (60 * settings.minutes) if settings.epochs is None else state.step / limit
    return min(1.0, used)
