"""What a training run is told."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from ocella.errors import InvalidValue

__all__ = ["TrainSettings"]


@dataclass(frozen=True)
class TrainSettings:
    """Budget: `minutes` of training alone (set-up, validation and export come on top) or, where given, `epochs`.
    None means the recipe's choice; `input_hw` in multiples of 32. `vertical_flip` is for images without an up.
    """

    minutes: float = 1.0
    epochs: int | None = None
    input_hw: tuple[int, int] | None = None
    batch: int = 8
    learning_rate: float | None = None
    weight_decay: float = 0.01
    warmup_steps: int = 25
    ema: float = 0.98
    clip: float = 10.0
    flip: bool = True
    vertical_flip: bool = False
    augment: float = 1.0
    seed: int = 0
    start: Literal["starter", "random"] = "starter"
    device: str = "auto"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: int = 0
    checkpoint_seconds: float = 15.0
    validations: int = 5

    def __post_init__(self) -> None:
        if self.epochs is None and not self.minutes > 0:
            raise InvalidValue(f"minutes must be above 0, got {self.minutes}.")
        if self.epochs is not None and self.epochs < 1:
            raise InvalidValue(f"epochs must be at least 1, got {self.epochs}.")
        if self.batch < 1 or self.validations < 1:
            raise InvalidValue(f"batch and validations must be at least 1, got {self.batch} and {self.validations}.")
        if self.input_hw is not None and any(side < 32 or side % 32 for side in self.input_hw):
            raise InvalidValue(f"input_hw must be multiples of 32, got {self.input_hw}.")
        if not 0 <= self.ema < 1:
            raise InvalidValue(f"ema must be in 0..1 without 1, got {self.ema}.")
        for name, allowed in (("start", ("starter", "random")), ("precision", ("auto", "fp32", "bf16"))):
            if getattr(self, name) not in allowed:
                raise InvalidValue(f"{name} must be one of {', '.join(allowed)}, got '{getattr(self, name)}'.")

    def replace(self, **changes: Any) -> "TrainSettings":
        """A copy with some fields changed, checked again."""
        return dataclasses.replace(self, **changes)

    def identity(self) -> dict[str, Any]:
        """The fields that change what is learned; where and how fast it is learned is left out."""
        fields = dataclasses.asdict(self)
        for name in ("device", "precision", "threads", "checkpoint_seconds"):
            del fields[name]
        return fields
