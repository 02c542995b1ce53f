"""A student: from a learner to its directory with weights, card, history and the proof of its export."""

import json
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.datasets.dataset import Dataset
from ocella.media.write import write_bytes, write_json
from ocella.models.card import Accuracy, ModelCard
from ocella.models.load import find_entry
from ocella.models.onnx.runtime import Session
from ocella.progress import Progress
from ocella.training.checkpoint import Checkpoint, fingerprint
from ocella.training.export import ALLOWED_LOSS, export, halve, prove_export
from ocella.training.learner import Learner
from ocella.training.lineage import lineage
from ocella.training.loop import Fitted, fit
from ocella.training.precision import Precision
from ocella.training.recipe import Trained
from ocella.training.settings import TrainSettings

__all__ = ["StudentFolder", "parameters", "run"]

_BATCH_NORM = (
    "The starter's batch norms are folded into its convolutions and stay folded: "
    "each convolution carries a bias, there is no batch norm in training or use."
)


def parameters(network: Any) -> int:
    """How many numbers the network has learned."""
    return sum(p.numel() for p in network.parameters())


@dataclass(frozen=True)
class StudentFolder:
    """`model.onnx`, `weights.safetensors`, `card.json`, `history.jsonl` of the student that `recipe` makes from
    `dataset` under `settings`; `.train/` while it is not finished.
    """

    root: Path
    recipe: str
    dataset: Dataset
    settings: TrainSettings

    @property
    def model(self) -> Path:
        """The exported network."""
        return self.root / "model.onnx"

    @property
    def work(self) -> Path:
        """What only an unfinished run needs."""
        return self.root / ".train"

    @property
    def checkpoint(self) -> Checkpoint:
        """The run's state."""
        return Checkpoint(self.work / "checkpoint.pt", fingerprint(self.dataset, self.recipe, self.settings.identity()))

    def finished(self) -> Trained | None:
        """The student where it is finished already; raises Mismatch where it is one of other data or settings."""
        card, history = self.root / "card.json", self.root / "history.jsonl"
        if not (card.is_file() and self.model.is_file() and history.is_file()):
            return None
        known = ModelCard.from_json(json.loads(card.read_text(encoding="utf-8")))
        self.checkpoint.check(known.data.get("identity", {}))
        rows = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
        return Trained(self.root, known, rows, known.data["numbers"], known.data["seconds"])

    def write(self, card: ModelCard, weights: Mapping[str, Any]) -> None:
        """Write weights, then the card as the last file, then remove what only training needs."""
        from safetensors.torch import save

        tensors = {k: v.detach().cpu().contiguous() for k, v in weights.items()}
        write_bytes(self.root / "weights.safetensors", save(tensors))
        write_json(self.root / "card.json", card.to_json())
        shutil.rmtree(self.work, ignore_errors=True)


def run(folder: StudentFolder, learner: Learner, progress: Progress, facts: Mapping[str, Any]) -> Trained:
    """Fit, export, prove the export on the validation images, write the directory. Raises Refused, Mismatch."""
    fitted = fit(learner, folder.settings, folder.root, folder.checkpoint, progress)
    return finish(folder, learner, fitted, facts)


def finish(folder: StudentFolder, learner: Learner, fitted: Fitted, facts: Mapping[str, Any]) -> Trained:
    """Export a fitted network, prove it, write the student's directory."""
    begun = time.perf_counter()
    key = learner.metric
    # torch computes the comparison in float32 as the exported file does, also where training was in bfloat16
    before = learner.score_network(fitted.network.to("cpu"), Precision())[key]
    export(learner.portable(fitted.network), folder.model, outputs=learner.outputs, cells=learner.cells)

    def score(session: Session) -> float:
        return learner.score_file(session)[key]

    after = prove_export(key, before, folder.model, score)
    half = halve(folder.model)
    halved = score(Session(half, device="cpu"))
    if abs(halved - before) <= ALLOWED_LOSS:
        after = halved
        half.replace(folder.model)
    else:
        half.unlink()
    numbers = {
        "metric": key,
        "validation": {k: v for k, v in fitted.best.items() if k not in {"kind", "step", "epoch", "seconds"}},
        "chosen_at_step": fitted.best.get("step", 0),
        "validations": sum(row["kind"] == "validation" for row in fitted.history),
        "torch": before,
        "onnx": after,
    }
    seconds = {**fitted.seconds, "export": round(time.perf_counter() - begun, 2)}
    card = student_card(folder, numbers, {**facts, "seconds": seconds, "precision": fitted.precision})
    card = ModelCard.from_json(json.loads(json.dumps(card.to_json())))
    folder.write(card, fitted.network.state_dict())
    return Trained(folder.root, card, fitted.history, numbers, seconds)


def student_card(folder: StudentFolder, numbers: Mapping[str, Any], facts: Mapping[str, Any]) -> ModelCard:
    """The card of a student that stands in `folder`."""
    dataset, settings = folder.dataset, folder.settings
    architecture = str(facts.get("architecture", folder.recipe))
    start = find_entry(architecture).card
    origin = lineage(dataset, start if settings.start == "starter" else None)
    counts = Counter(s.split for s in dataset if s.seen)
    chosen = f"best of {numbers['validations']} validations on these images, so a little optimistic"
    accuracy = Accuracy(str(numbers["metric"]), float(numbers["onnx"]), f"{counts['val']} validation images", chosen)
    data = {
        "architecture": architecture,
        "recipe": folder.recipe,
        "input_hw": list(settings.input_hw or start.input_hw),
        "start": settings.start,
        "train": {"images": counts["train"], "val_images": counts["val"], **_label_counts(dataset)},
        "numbers": dict(numbers),
        "batch_norm": _BATCH_NORM,
        "settings": settings.identity(),
        "identity": folder.checkpoint.identity,
        **{k: v for k, v in facts.items() if k != "architecture"},
    }
    return ModelCard(
        name=folder.root.name,
        task=start.task,
        summary=f"{start.name} trained on {counts['train']} images for {len(dataset.classes)} classes.",
        checkpoint="model.onnx",
        code_license=start.code_license,
        weights_license=origin.weights_license,
        commercial_use=origin.commercial_use,
        parameters=int(facts["parameters"]),
        megabytes=round(folder.model.stat().st_size / 1e6, 2),
        input_hw=settings.input_hw or start.input_hw,
        classes=dataset.classes,
        threshold=start.threshold,
        accuracy=(accuracy,),
        teacher=origin.teacher,
        data=data,
    )


def _label_counts(dataset: Dataset) -> dict[str, Any]:
    from ocella.types import Classification

    counts: dict[str, Counter[str]] = {"train": Counter(), "val": Counter()}
    for sample in dataset:
        if sample.split in counts:
            counts[sample.split].update(sample.detections(dataset.classes).names)
            counts[sample.split].update(c.top()[0][0] for c in sample.labels(Classification))
    return {"labels": {name: dict(count) for name, count in counts.items()}}
