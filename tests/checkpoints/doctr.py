"""Small networks of docTR, made with its own package: a detector fitted to grey bars, a reader with random weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIDE = 128
NETWORKS = {"detection": "fast_tiny", "recognition": "crnn_mobilenet_v3_small"}


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the weights of the card `name` into `folder`; the options that load them."""
    import torch
    from doctr.models import detection, recognition
    from safetensors.torch import save_file

    del name
    torch.manual_seed(1)
    torch.set_num_threads(1)
    finds = detection.fast_tiny(pretrained=False, pretrained_backbone=False)
    reads = recognition.crnn_mobilenet_v3_small(pretrained=False, pretrained_backbone=False)
    _fit(finds)
    _wake(reads)
    for part, network, shape in (("detection", finds, (3, SIDE, SIDE)), ("recognition", reads, (3, 32, 128))):
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / f"{part}.safetensors")
        settings = {**network.cfg, "input_shape": shape, "arch": NETWORKS[part], "task": part}
        (folder / f"{part}.json").write_text(json.dumps(settings), encoding="utf-8")
    return {"weights": folder, "threads": 1}


def page(height: int, width: int, seed: int = 0) -> tuple[Any, Any]:
    """A light page with grey bars, as pixels, and where the bars are."""
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 240, np.uint8)
    inked = np.zeros((height, width), bool)
    for top in range(8, height - 20, 28):
        left = 10
        while left < width - 40:
            length = int(rng.integers(24, 60))
            inked[top : top + 14, left : min(left + length, width - 8)] = True
            left += length + 14
    pixels[inked] = rng.integers(40, 100, (int(inked.sum()), 3))
    return pixels, inked


def _fit(finds: Any) -> None:
    """The last layer by least squares on some pages, so that bars become words and nothing else does."""
    import torch

    pages = [page(SIDE, SIDE, seed) for seed in range(5)]
    pages[3][0][:, :40], pages[3][1][:, :40] = 0, False  # the border that docTR puts around a page
    pages[4][0][:] = np.random.default_rng(0).integers(80, 180, (SIDE, SIDE, 3))
    pages[4][1][:] = False
    inked = torch.stack([torch.tensor(i).float() for _, i in pages])[:, None]
    with torch.no_grad():
        pixels = _prepared(finds, [p for p, _ in pages])
        seen = _centred(finds, lambda: finds.prob_head[0](finds.neck([*finds.feat_extractor(pixels).values()])))
        wanted = torch.nn.functional.interpolate(inked, size=seen.shape[-2:], mode="area") * 24 - 16
        rows = seen.permute(0, 2, 3, 1).flatten(0, 2)
        weights = torch.linalg.lstsq(rows, wanted.flatten()[:, None]).solution
        finds.prob_head[2].weight.copy_(weights.T[..., None, None])


def _wake(reads: Any) -> None:
    """Weights so large that what is read depends on what is seen."""
    import torch

    rng = np.random.default_rng(2)
    with torch.no_grad():
        pixels = _prepared(reads, list(rng.integers(0, 256, (16, 32, 128, 3), np.uint8)))
        _centred(reads, lambda: reads.feat_extractor(pixels))
        for parameter in reads.decoder.parameters():
            parameter.mul_(4)
        reads.linear.weight.mul_(20)


def _prepared(network: Any, pixels: list[Any]) -> Any:
    import torch

    mean, std = (torch.tensor(network.cfg[k])[:, None, None] for k in ("mean", "std"))
    return torch.stack([(torch.tensor(p).permute(2, 0, 1) / 255 - mean) / std for p in pixels])


def _centred(network: Any, see: Callable[[], Any]) -> Any:
    """What `see` gives with a normalisation by what it saw at every layer."""
    import torch

    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    network.train()
    see()
    network.eval()
    return see()
