"""How to compute a step: number format and memory order, chosen by a trial of a few steps."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Precision", "choose_precision"]


@dataclass(frozen=True)
class Precision:
    """`bf16` computes convolutions in bfloat16 (weights stay float32); `channels_last` orders memory by pixel."""

    device: str = "cpu"
    bf16: bool = False
    channels_last: bool = False

    @property
    def name(self) -> str:
        """As shown to people."""
        return ("bf16" if self.bf16 else "fp32") + (" channels-last" if self.channels_last else "")

    def autocast(self) -> AbstractContextManager[Any]:
        """The context that a forward pass runs in."""
        import torch

        return torch.autocast(self.device, torch.bfloat16) if self.bf16 else nullcontext()

    def place(self, value: Any) -> Any:
        """A network or an image batch on the device, in this memory order."""
        import torch

        order = torch.channels_last if self.channels_last else torch.contiguous_format
        return value.to(self.device, memory_format=order)


def choose_precision(
    wanted: Literal["auto", "fp32", "bf16"], device: str, step: Callable[[Precision], None], *, repeats: int = 2
) -> tuple[Precision, dict[str, float]]:
    """The quickest way to do `step` on a copy of the network, with the seconds of each way tried."""
    import torch

    ways = [Precision(device, bf16, order) for bf16 in (False, True) for order in (False, True)]
    if device == "mps" or (device == "cuda" and not torch.cuda.is_bf16_supported()):
        ways = [w for w in ways if not w.bf16]
    ways = [w for w in ways if wanted == "auto" or w.bf16 == (wanted == "bf16")] or ways
    # bfloat16 in channel order has not been the quickest anywhere; it is not worth a trial
    ways = [w for w in ways if w.channels_last or not w.bf16]
    if len(ways) == 1:
        return ways[0], {}
    seconds = {way: _time(way, step, repeats) for way in ways}
    return min(seconds, key=lambda w: seconds[w]), {w.name: round(s, 4) for w, s in seconds.items()}


def _time(way: Precision, step: Callable[[Precision], None], repeats: int) -> float:
    step(way)
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        step(way)
        best = min(best, time.perf_counter() - start)
    return best
