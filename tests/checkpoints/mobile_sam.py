"""A small random MobileSAM: tensors under the names of the published file, none of which its network here has made."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHANNELS, WINDOWS, HEADS, WIDTH = (8, 16, 24, 32), (0, 3, 4, 3), (0, 1, 2, 2), 32


def make(folder: Path, name: str) -> dict[str, Any]:
    """Write the weights of the card `name` into `folder`; the options that load them."""
    import torch

    del name
    torch.manual_seed(2)
    tensors = {n: filled(n, shape) for n, shape in (*encoder(), *prompts(), *decoder())}
    torch.save(tensors, folder / "mobile_sam.pt")
    return {"weights": folder / "mobile_sam.pt", "pickle": True}


def filled(name: str, shape: tuple[int, ...]) -> Any:
    """Random numbers that keep the scale from layer to layer."""
    import torch

    if name.endswith("num_batches_tracked"):
        return torch.tensor(1)
    if name.endswith("running_var"):
        return torch.rand(shape) + 0.5
    if name.endswith(("bn.weight", "norm.weight")) or (len(shape) == 1 and name.endswith("weight")):
        return torch.rand(shape) + 0.5
    spread = (shape[1] * (shape[2] * shape[3] if len(shape) == 4 else 1)) ** -0.5 if len(shape) > 1 else 0.2
    return torch.randn(shape) * spread * (4 if "embed" in name or "gaussian" in name else 1.5)


def convolution(prefix: str, before: int, after: int, kernel: int = 1, groups: int = 1) -> Iterator[Any]:
    """A convolution and its batch norm."""
    yield f"{prefix}.c.weight", (after, before // groups, kernel, kernel)
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{prefix}.bn.{part}", (after,)
    yield f"{prefix}.bn.num_batches_tracked", ()


def dense(prefix: str, before: int, after: int) -> Iterator[Any]:
    """A linear layer."""
    yield f"{prefix}.weight", (after, before)
    yield f"{prefix}.bias", (after,)


def norm(prefix: str, width: int) -> Iterator[Any]:
    """A layer norm."""
    yield f"{prefix}.weight", (width,)
    yield f"{prefix}.bias", (width,)


def encoder() -> Iterator[Any]:
    """TinyViT with its neck, and the classifier that the published file still has."""
    at = "image_encoder"
    yield from convolution(f"{at}.patch_embed.seq.0", 3, CHANNELS[0] // 2, 3)
    yield from convolution(f"{at}.patch_embed.seq.2", CHANNELS[0] // 2, CHANNELS[0], 3)
    for stage, width in enumerate(CHANNELS):
        yield from block(f"{at}.layers.{stage}.blocks.0", stage, width)
        if stage < 3:
            grown, down = CHANNELS[stage + 1], f"{at}.layers.{stage}.downsample"
            yield from convolution(f"{down}.conv1", width, grown)
            yield from convolution(f"{down}.conv2", grown, grown, 3, grown)
            yield from convolution(f"{down}.conv3", grown, grown)
    yield from (*norm(f"{at}.norm_head", CHANNELS[3]), *dense(f"{at}.head", CHANNELS[3], 10))
    yield f"{at}.neck.0.weight", (WIDTH, CHANNELS[3], 1, 1)
    yield from norm(f"{at}.neck.1", WIDTH)
    yield f"{at}.neck.2.weight", (WIDTH, WIDTH, 3, 3)
    yield from norm(f"{at}.neck.3", WIDTH)


def block(at: str, stage: int, width: int) -> Iterator[Any]:
    """A block of convolutions in the first stage, of attention in the others."""
    if stage == 0:
        yield from convolution(f"{at}.conv1", width, width * 4)
        yield from convolution(f"{at}.conv2", width * 4, width * 4, 3, width * 4)
        yield from convolution(f"{at}.conv3", width * 4, width)
        return
    yield f"{at}.attn.attention_biases", (HEADS[stage], WINDOWS[stage] ** 2)
    yield from (*norm(f"{at}.attn.norm", width), *dense(f"{at}.attn.qkv", width, width * 3))
    yield from (*dense(f"{at}.attn.proj", width, width), *norm(f"{at}.mlp.norm", width))
    yield from (*dense(f"{at}.mlp.fc1", width, width * 4), *dense(f"{at}.mlp.fc2", width * 4, width))
    yield from convolution(f"{at}.local_conv", width, width, 3, width)


def prompts() -> Iterator[Any]:
    """SAM's prompt encoder."""
    at = "prompt_encoder"
    yield f"{at}.pe_layer.positional_encoding_gaussian_matrix", (2, WIDTH // 2)
    for i in range(4):
        yield f"{at}.point_embeddings.{i}.weight", (1, WIDTH)
    yield f"{at}.not_a_point_embed.weight", (1, WIDTH)
    yield f"{at}.no_mask_embed.weight", (1, WIDTH)
    for place, before, after, kernel in ((0, 1, 2, 2), (3, 2, 8, 2), (6, 8, WIDTH, 1)):
        yield f"{at}.mask_downscaling.{place}.weight", (after, before, kernel, kernel)
        yield f"{at}.mask_downscaling.{place}.bias", (after,)
    yield from (*norm(f"{at}.mask_downscaling.1", 2), *norm(f"{at}.mask_downscaling.4", 8))


def decoder() -> Iterator[Any]:
    """SAM's mask decoder."""
    at = "mask_decoder"
    for layer in range(2):
        deep = f"{at}.transformer.layers.{layer}"
        yield from attention(f"{deep}.self_attn", WIDTH)
        yield from attention(f"{deep}.cross_attn_token_to_image", WIDTH // 2)
        yield from attention(f"{deep}.cross_attn_image_to_token", WIDTH // 2)
        yield from (*dense(f"{deep}.mlp.lin1", WIDTH, 48), *dense(f"{deep}.mlp.lin2", 48, WIDTH))
        for i in range(1, 5):
            yield from norm(f"{deep}.norm{i}", WIDTH)
    yield from attention(f"{at}.transformer.final_attn_token_to_image", WIDTH // 2)
    yield from norm(f"{at}.transformer.norm_final_attn", WIDTH)
    yield f"{at}.iou_token.weight", (1, WIDTH)
    yield f"{at}.mask_tokens.weight", (4, WIDTH)
    for place, before, after in ((0, WIDTH, WIDTH // 4), (3, WIDTH // 4, WIDTH // 8)):
        yield f"{at}.output_upscaling.{place}.weight", (before, after, 2, 2)
        yield f"{at}.output_upscaling.{place}.bias", (after,)
    yield from norm(f"{at}.output_upscaling.1", WIDTH // 4)
    for i in range(4):
        yield from perceptron(f"{at}.output_hypernetworks_mlps.{i}", WIDTH, WIDTH // 8)
    yield from perceptron(f"{at}.iou_prediction_head", 40, 4)


def attention(at: str, inner: int) -> Iterator[Any]:
    """Attention whose vectors may be shorter inside."""
    for part in ("q_proj", "k_proj", "v_proj"):
        yield from dense(f"{at}.{part}", WIDTH, inner)
    yield from dense(f"{at}.out_proj", inner, WIDTH)


def perceptron(at: str, hidden: int, out: int) -> Iterator[Any]:
    """Three linear layers."""
    yield from dense(f"{at}.layers.0", WIDTH, hidden)
    yield from dense(f"{at}.layers.1", hidden, hidden)
    yield from dense(f"{at}.layers.2", hidden, out)
