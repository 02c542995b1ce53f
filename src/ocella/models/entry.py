"""How a model gets into the zoo: its card and the function that builds it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocella.models.card import ModelCard
from ocella.models.tasks import Model
from ocella.registry import Registry

__all__ = ["LoadOptions", "ModelEntry", "zoo"]


@dataclass(frozen=True)
class LoadOptions:
    """How to load: `device` auto, cpu, cuda or mps; `threads` 0 = all cores; `dtype` auto, float32, bfloat16 or float16;
    `batch` images at once, 0 = the model's choice; `runtime` auto, onnx or openvino for ONNX files; `weights` a folder or
    file instead of the fetched ones; `card` the one to show instead of the zoo's; `task`, `classes`, `layout` and
    `input_hw` (where its input has no fixed size) of an ONNX file; `remote_code` and `pickle` allow what runs code of
    strangers; `license` "commercial" refuses models whose licences forbid that; `api_base`,
    `api_model` and `api_key` of a server that speaks the OpenAI protocol (`layout` of its boxes: thousandths, shares, pixels).
    """

    device: str = "auto"
    threads: int = 0
    dtype: str = "auto"
    batch: int = 0
    runtime: str = "auto"
    weights: Path | None = None
    card: ModelCard | None = None
    task: str = ""
    classes: tuple[str, ...] = ()
    layout: str = ""
    input_hw: tuple[int, int] | None = None
    remote_code: bool = False
    pickle: bool = False
    license: str = ""
    api_base: str = ""
    api_model: str = ""
    api_key: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        if self.weights is not None:
            object.__setattr__(self, "weights", Path(self.weights))


@dataclass(frozen=True)
class ModelEntry:
    """One model of the zoo. `build` may import heavy libraries; nothing else here does. `opens` names the checkpoints
    of transformers that this entry opens for a person who brings one: the architecture in config.json.
    """

    card: ModelCard
    build: Callable[[LoadOptions], Model]
    opens: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name


zoo: Registry[ModelEntry] = Registry("model", "ocella.models.zoo", "ocella.models", ModelEntry)
"""Every model, by walking `zoo/` and the entry points `ocella.models`."""
