"""What one setting said of each image."""

from dataclasses import dataclass

from ocella.choosing.setting import Setting
from ocella.models.card import ModelCard
from ocella.types import Embedding, Label

__all__ = ["Run"]


@dataclass(frozen=True, eq=False)
class Run:
    """`said` has one label an image, in the order of the images, down to a confidence far below any threshold, so that
    every threshold can be judged without looking again. `seconds` an image on this machine, `card` the facts, `why` where
    the setting comes from (one sentence).
    """

    setting: Setting
    said: tuple[Label | Embedding, ...]
    seconds: float
    card: ModelCard
    why: str = ""
