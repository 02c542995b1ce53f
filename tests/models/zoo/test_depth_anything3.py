"""Depth Anything 3 beside its network written out, tensor by published tensor, with nothing of the library's classes.

The port was also run once beside the network of the package libreyolo 1.6.0 on one set of random weights of full size:
depth and sky were equal to the last bit.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.checkpoints.depth_anything3 import make, tensors
from tests.checkpoints.parts import picture
from torch.nn import functional as F

import ocella
from ocella.errors import Mismatch
from ocella.models.networks.depth_anything3 import build, forward, parted, rename
from ocella.models.zoo.depth_anything3 import DepthAnything3, _sky_behind, prepare

T = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny-da3")
    make(made, "da3mono-large")
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> DepthAnything3:
    loaded = ocella.load("da3mono-large", weights=folder, device="cpu")
    assert isinstance(loaded, DepthAnything3)
    return loaded


def linear(t: T, name: str, x: Any) -> Any:
    return F.linear(x, t[f"{name}.weight"], t[f"{name}.bias"])


def norm(t: T, name: str, x: Any, eps: float) -> Any:
    return F.layer_norm(x, x.shape[-1:], t[f"{name}.weight"], t[f"{name}.bias"], eps)


def conv(t: T, name: str, x: Any, **how: int) -> Any:
    return F.conv2d(x, t[f"{name}.weight"], t.get(f"{name}.bias"), **how)


def block(t: T, x: Any) -> Any:
    query, key, value = linear(t, "attn.qkv", norm(t, "norm1", x, 1e-6)).chunk(3, dim=-1)
    weights = (query @ key.transpose(1, 2) * query.shape[-1] ** -0.5).softmax(dim=-1)  # one head: 64 wide
    x = x + t["ls1.gamma"] * linear(t, "attn.proj", weights @ value)
    return x + t["ls2.gamma"] * linear(t, "mlp.fc2", F.gelu(linear(t, "mlp.fc1", norm(t, "norm2", x, 1e-6))))


def below(t: T, prefix: str) -> T:
    return {name.removeprefix(prefix): tensor for name, tensor in t.items() if name.startswith(prefix)}


def written_out(t: T, x: Any) -> tuple[Any, Any]:
    """Depth and sky of (1, 3, h, w)."""
    body, head = below(t, "model.backbone.pretrained."), below(t, "model.head.")
    h, w = x.shape[2] // 14, x.shape[3] // 14
    tokens = conv(body, "patch_embed.proj", x, stride=14).flatten(2).transpose(1, 2)
    grid = body["pos_embed"][:, 1:].reshape(1, 5, 5, 64).permute(0, 3, 1, 2)
    if (h, w) != (5, 5):
        grid = F.interpolate(grid, scale_factor=((h + 0.1) / 5, (w + 0.1) / 5), mode="bicubic")
    first = body["cls_token"] + body["pos_embed"][:, :1]
    x = torch.cat([first, tokens + grid.flatten(2).transpose(1, 2)], dim=1)
    levels: list[Any] = []
    for i in range(24):
        x = block(below(body, f"blocks.{i}."), x)
        if i in {4, 11, 17, 23}:
            map_ = norm(body, "norm", x, 1e-5)[:, 1:].transpose(1, 2).reshape(1, 64, h, w)
            levels.append(conv(head, f"projects.{len(levels)}", map_))
    for i, stride in ((0, 4), (1, 2)):
        weight, bias = head[f"resize_layers.{i}.weight"], head[f"resize_layers.{i}.bias"]
        levels[i] = F.conv_transpose2d(levels[i], weight, bias, stride=stride)
    levels[3] = conv(head, "resize_layers.3", levels[3], stride=2, padding=1)
    levels = [conv(head, f"scratch.layer{i + 1}_rn", level, padding=1) for i, level in enumerate(levels)]
    out = levels[3]
    for i in (4, 3, 2, 1):
        own = below(head, f"scratch.refinenet{i}.")
        if i < 4:
            out = out + unit(own, "resConfUnit1", levels[i - 1])
        size = levels[i - 2].shape[2:] if i > 1 else [2 * s for s in out.shape[2:]]
        out = F.interpolate(unit(own, "resConfUnit2", out), size=size, mode="bilinear", align_corners=True)
        out = conv(own, "out_conv", out)
    out = conv(head, "scratch.output_conv1", out, padding=1)
    out = F.interpolate(out, size=(h * 14, w * 14), mode="bilinear", align_corners=True)
    depth, sky = (
        conv(head, f"scratch.{b}.2", conv(head, f"scratch.{b}.0", out, padding=1).relu())
        for b in ("output_conv2", "sky_output_conv2")
    )
    return depth.exp()[:, 0], sky.relu()[:, 0]


def unit(t: T, name: str, x: Any) -> Any:
    return x + conv(t, f"{name}.conv2", conv(t, f"{name}.conv1", x.relu(), padding=1).relu(), padding=1)


@pytest.mark.parametrize("size_hw", [(70, 70), (56, 84), (140, 42)])
def test_the_network_is_as_published(size_hw: tuple[int, int]) -> None:
    published = tensors()
    own = parted({rename(name): tensor for name, tensor in published.items()})
    network = build(own).eval()
    network.load_state_dict(own)
    pixels = torch.from_numpy(np.random.default_rng(1).normal(size=(1, 3, *size_hw)).astype(np.float32))
    with torch.inference_mode():
        expected, expected_sky = written_out(published, pixels)
        depth, sky = forward(network, pixels)
    assert float(expected.std()) > 1e-2
    assert float(expected_sky.max()) > 1e-2
    np.testing.assert_allclose(depth, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(sky, expected_sky, atol=1e-4)


def test_depth_is_of_the_image_s_size_and_not_turned_around(model: DepthAnything3) -> None:
    image = picture(60, 90)
    (found,) = model.predict([image])
    assert found.depth.shape == (60, 90)
    assert not found.metric
    with torch.inference_mode():
        depth, sky = written_out(tensors(), torch.from_numpy(prepare(image.pixels))[None])
        behind = _sky_behind(depth[0], sky[0])
        expected = F.interpolate(behind[None, None], size=(60, 90), mode="bicubic")[0, 0]
    np.testing.assert_allclose(found.depth, expected, rtol=1e-4, atol=1e-4)


def test_the_sky_is_behind_all_else() -> None:
    depth = torch.arange(1, 101, dtype=torch.float32).reshape(10, 10)
    sky = torch.zeros(10, 10)
    assert _sky_behind(depth, sky) is depth
    sky[:2] = 0.3
    found = _sky_behind(depth, sky)
    assert found[:2].unique().tolist() == pytest.approx([float(torch.quantile(depth[2:], 0.99))])
    assert torch.equal(found[2:], depth[2:])


@pytest.mark.parametrize(
    ("size_hw", "input_hw"),
    [((480, 640), (378, 504)), ((1000, 700), (504, 350)), ((1, 300), (14, 504)), ((1, 1), (504, 504))],
)
def test_inputs_are_whole_patches(size_hw: tuple[int, int], input_hw: tuple[int, int]) -> None:
    assert prepare(picture(*size_hw).pixels).shape == (3, *input_hw)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    others = {name: t for name, t in tensors().items() if "projects" not in name}
    save_file(others, tmp_path / "model.safetensors")
    with pytest.raises(Mismatch, match="no weights of a Depth Anything 3"):
        ocella.load("da3mono-large", weights=tmp_path)
    beyond = tensors() | {"model.cam_dec.weight": torch.zeros(1)}
    save_file(beyond, tmp_path / "model.safetensors")
    with pytest.raises(Mismatch, match=r"has 1 more, like model\.cam_dec\.weight"):
        ocella.load("da3mono-large", weights=tmp_path)
