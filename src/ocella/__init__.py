"""Ocella: from a folder of unlabelled images to a small vision model you can trust."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocella.datasets.convert import export_dataset, import_dataset
    from ocella.datasets.dataset import Dataset
    from ocella.journeys.advise import advise
    from ocella.journeys.ask import ask
    from ocella.journeys.choose import choose
    from ocella.journeys.clean import clean, undo
    from ocella.journeys.distill import distill
    from ocella.journeys.label import label
    from ocella.journeys.predict import predict
    from ocella.journeys.prove import prove
    from ocella.journeys.split import split
    from ocella.journeys.train import train
    from ocella.journeys.workflow import open_workflow
    from ocella.media.load import load as load_image
    from ocella.models.load import list_models, load
    from ocella.workflows.run import Session, run_workflow
    from ocella.workflows.services import Services

__version__ = "0.1.0"

__all__ = [
    "Dataset",
    "Services",
    "Session",
    "advise",
    "ask",
    "choose",
    "clean",
    "distill",
    "export_dataset",
    "import_dataset",
    "label",
    "list_models",
    "load",
    "load_image",
    "open_workflow",
    "predict",
    "prove",
    "run_workflow",
    "split",
    "train",
    "undo",
]

_HOMES = {
    "Dataset": "ocella.datasets.dataset:Dataset",
    "Services": "ocella.workflows.services:Services",
    "Session": "ocella.workflows.run:Session",
    "advise": "ocella.journeys.advise:advise",
    "ask": "ocella.journeys.ask:ask",
    "choose": "ocella.journeys.choose:choose",
    "clean": "ocella.journeys.clean:clean",
    "distill": "ocella.journeys.distill:distill",
    "export_dataset": "ocella.datasets.convert:export_dataset",
    "import_dataset": "ocella.datasets.convert:import_dataset",
    "label": "ocella.journeys.label:label",
    "list_models": "ocella.models.load:list_models",
    "load": "ocella.models.load:load",
    "load_image": "ocella.media.load:load",
    "open_workflow": "ocella.journeys.workflow:open_workflow",
    "predict": "ocella.journeys.predict:predict",
    "prove": "ocella.journeys.prove:prove",
    "run_workflow": "ocella.workflows.run:run_workflow",
    "split": "ocella.journeys.split:split",
    "train": "ocella.journeys.train:train",
    "undo": "ocella.journeys.clean:undo",
}


def __getattr__(name: str) -> Any:
    """Public names load on first use, so that `import ocella` is quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ocella' has no attribute '{name}'")
    from importlib import import_module

    module, _, attribute = _HOMES[name].partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
