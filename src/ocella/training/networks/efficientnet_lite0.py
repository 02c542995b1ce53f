"""EfficientNet-Lite0 in torch: the network behind the starter classifier, ready to be trained on other classes.

Batch norms: the shipped weights have them folded into the convolutions, and they stay folded. Each of the 49
convolutions carries a bias and there is no batch norm. The same weights give the same outputs as the ONNX file.
Strided convolutions are padded as TensorFlow's SAME does for even sizes: nothing more on the left and top.
"""

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor, nn

from ocella.training.networks.onnx_weights import OnnxWeights

__all__ = ["FEATURES", "EfficientNetLite0"]

FEATURES = 1280
# expansion, kernel, stride, channels, repeats
_STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)


class _Same(nn.Module):
    """A convolution whose stride of 2 pads the right and bottom more, ReLU6 after it where `active`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, depthwise: bool = False) -> None:
        super().__init__()
        near, far = (kernel - stride) // 2, (kernel - stride + 1) // 2
        self.before = (near, far, near, far) if near != far else None
        pad = 0 if self.before else near
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, pad, groups=inputs if depthwise else 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x if self.before is None else F.pad(x, self.before))
        return y


class _Block(nn.Module):
    """Inverted residual: widen, depthwise, narrow."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = _Same(inputs, wide, 1) if expansion > 1 else None
        self.depthwise = _Same(wide, wide, kernel, stride, depthwise=True)
        self.project = _Same(wide, outputs, 1)
        self.residual = inputs == outputs and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        wide = x if self.expand is None else F.relu6(self.expand(x))
        y: Tensor = self.project(F.relu6(self.depthwise(wide)))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """Images (n, 3, h, w), RGB as (value - 127) / 128, h and w multiples of 32, to features (n, 1280) and
    logits (n, classes).
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = _Same(3, 32, 3, 2)
        blocks, inputs = [], 32
        for expansion, kernel, stride, outputs, repeats in _STAGES:
            for i in range(repeats):
                blocks.append(_Block(inputs, outputs, expansion, kernel, stride if i == 0 else 1))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)
        self.head = _Same(inputs, FEATURES, 1)
        self.classifier = nn.Linear(FEATURES, classes)
        for layer in self.convolutions():
            nn.init.kaiming_normal_(layer.weight, mode="fan_out")
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # every convolution here has a bias

    def convolutions(self) -> list[nn.Conv2d]:
        """Every convolution in forward order."""
        return [m for m in self.modules() if isinstance(m, nn.Conv2d)]

    def load_starter(self, path: Path) -> None:
        """Take the weights of the ONNX file of the starter classifier; raises Mismatch where they do not fit."""
        weights = OnnxWeights(path, "logits")
        weights.fill_convolutions(self.convolutions())
        weights.fill_linear(self.classifier)

    def reset_classes(self, classes: int) -> None:
        """Tell other classes apart: a new classifier that starts at zero."""
        self.classifier = nn.Linear(FEATURES, classes)
        nn.init.zeros_(self.classifier.weight)
        nn.init.zeros_(self.classifier.bias)

    def features(self, images: Tensor) -> Tensor:
        """Features (n, 1280) before the classifier."""
        x = F.relu6(self.stem(images))
        for block in self.blocks:
            x = block(x)
        pooled: Tensor = F.relu6(self.head(x)).mean((2, 3))
        return pooled

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features and logits."""
        features = self.features(images)
        logits: Tensor = self.classifier(features)
        return features, logits
