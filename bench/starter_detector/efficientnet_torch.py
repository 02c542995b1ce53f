"""EfficientNet-Lite0 run in torch straight from its state dict, batch norms unfolded, for comparison."""

from pathlib import Path
from typing import Any

__all__ = ["logits_and_features"]

FIRST_OF_STAGE_WITH_STRIDE_2 = (1, 3, 5, 11)
BLOCKS = 16


def logits_and_features(checkpoint: Path, inputs: Any) -> dict[str, Any]:
    """`logits` (n, 1000) and `features` (n, 1280) of normalised inputs (n, 3, 224, 224)."""
    import torch
    from torch.nn import functional as F

    state = torch.load(checkpoint, map_location="cpu", weights_only=True)

    def same(x: Any, kernel: int, stride: int) -> Any:
        total = max((-(-x.shape[2] // stride) - 1) * stride + kernel - x.shape[2], 0)
        return F.pad(x, [total // 2, total - total // 2] * 2)

    def layer(x: Any, convolution: str, norm: str, stride: int = 1, groups: int = 1) -> Any:
        weight = state[f"{convolution}.weight"]
        x = F.conv2d(same(x, weight.shape[2], stride), weight, stride=stride, groups=groups)
        parts = [state[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(x, *parts, eps=1e-3)

    with torch.inference_mode():
        x = F.relu6(layer(torch.from_numpy(inputs), "_conv_stem", "_bn0", 2))
        for index in range(BLOCKS):
            name, start = f"_blocks.{index}", x
            if f"{name}._expand_conv.weight" in state:
                x = F.relu6(layer(x, f"{name}._expand_conv", f"{name}._bn0"))
            stride = 2 if index in FIRST_OF_STAGE_WITH_STRIDE_2 else 1
            x = F.relu6(layer(x, f"{name}._depthwise_conv", f"{name}._bn1", stride, x.shape[1]))
            x = layer(x, f"{name}._project_conv", f"{name}._bn2")
            x = x + start if x.shape == start.shape else x
        features = F.relu6(layer(x, "_conv_head", "_bn1")).mean(dim=(2, 3))
        logits = F.linear(features, state["_fc.weight"], state["_fc.bias"])
    return {"features": features.numpy(), "logits": logits.numpy()}
