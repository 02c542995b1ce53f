"""What the small random checkpoints of the DETR family share."""

from pathlib import Path
from typing import Any

from tests.checkpoints.parts import shake

LABELS = {0: "N/A", 1: "person", 2: "cat", 3: "N/A", 4: "dog", 5: "red car"}
"""With free places, as COCO has them."""
FREE = [i for i, name in LABELS.items() if name == "N/A"]


def save(
    network: Any, images: Any, folder: Path, *, heads: tuple[str, ...], by: float, spread: float = 2, nothing: float = 0
) -> dict[str, Any]:
    """Write network and preparation into `folder`. Weights are shaken `by` that much, so that queries differ. Those whose
    names hold one of `heads` give the scores: they spread, and the last column's bias is less by `nothing`.
    """
    import torch

    shake(network, by=by)
    torch.manual_seed(11)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if any(head in name for head in heads):
                parameter.copy_(torch.randn_like(parameter) * spread / parameter.shape[-1] ** 0.5)
                if name.endswith("bias"):
                    parameter[-1] -= nothing
    network.config.id2label = LABELS
    network.config.label2id = {name: i for i, name in LABELS.items()}
    network.save_pretrained(folder)
    images.save_pretrained(folder)
    return {"weights": folder}
