"""ALBEF's network on parts of torch and of BERT: an image transformer, six layers that read a text, and six that read on
while they look at the image. Its tensors keep their published names, but for BERT's wrapper.
"""

from collections.abc import Mapping
from typing import Any

from ocella.errors import Mismatch

__all__ = ["albef_network", "image_states", "match_logits", "renamed", "text_states"]

_LEFT_OUT = ("image_queue", "text_queue", "idx_queue", "queue_ptr", "temp")
_SIZED_BY = (
    *(f"visual_encoder.{n}" for n in ("cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.mlp.fc1.weight")),
    *(f"text_encoder.embeddings.{n}_embeddings.weight" for n in ("word", "position", "token_type")),
    "text_encoder.encoder.layer.0.intermediate.dense.weight",
    "vision_proj.weight",
)
"""Tensors whose shapes are the network's."""
_HEAD = 64
"""Width of an attention head, in the image and in the text network."""


def renamed(name: str) -> str | None:
    """The published name of a tensor as it is here; None for what only training needs."""
    part = name.partition(".")[0]
    if part in _LEFT_OUT or part.endswith("_m") or ".cls." in name or name.endswith("position_ids"):
        return None
    return name.replace("text_encoder.bert.", "text_encoder.")


def albef_network(tensors: Mapping[str, Any]) -> Any:
    """An empty network of the sizes that the tensors have; raises Mismatch where they are of something else."""
    from torch import nn

    lacking = [name for name in _SIZED_BY if name not in tensors]
    if lacking:
        raise Mismatch(f"The file holds no ALBEF: it has no tensor {lacking[0]}. Expected the published ALBEF.pth.")

    width = tensors["visual_encoder.cls_token"].shape[-1]
    words = tensors["text_encoder.embeddings.word_embeddings.weight"].shape[1]
    space = tensors["vision_proj.weight"].shape[0]
    return nn.ModuleDict(
        {
            "visual_encoder": _image_network(tensors, width),
            "text_encoder": _text_network(tensors, words),
            "vision_proj": nn.Linear(width, space),
            "text_proj": nn.Linear(words, space),
            "itm_head": nn.Linear(words, 2),
        }
    )


def image_states(network: Any, pixels: Any) -> Any:
    """States (n, 1 + patches, width) of pixels (n, 3, height, width)."""
    import torch

    vision = network["visual_encoder"]
    patches = vision["patch_embed"]["proj"](pixels).flatten(2).transpose(1, 2)
    states = torch.cat([vision.cls_token.expand(len(pixels), -1, -1), patches], dim=1) + vision.pos_embed
    for block in vision["blocks"]:
        states = states + _attend(block["attn"], block["norm1"](states))
        inner = torch.nn.functional.gelu(block["mlp"]["fc1"](block["norm2"](states)))
        states = states + block["mlp"]["fc2"](inner)
    return vision["norm"](states)


def text_states(network: Any, ids: Any, mask: Any) -> Any:
    """States (n, tokens, width) of a text that was read without an image."""
    text = network["text_encoder"]
    states = text["embeddings"](input_ids=ids)
    for layer in text["encoder"]["layer"][: _first_that_looks(text)]:
        states = layer(states, attention_mask=_bias(mask, states))
    return states


def match_logits(network: Any, texts: Any, mask: Any, images: Any) -> Any:
    """Logits (n, 2) that a text does not fit, or fits, the image, from the states of both."""
    text, states = network["text_encoder"], texts
    for layer in text["encoder"]["layer"][_first_that_looks(text) :]:
        states = layer(states, attention_mask=_bias(mask, states), encoder_hidden_states=images)
    return network["itm_head"](states[:, 0])


def _image_network(tensors: Mapping[str, Any], width: int) -> Any:
    from torch import nn

    patch = tensors["visual_encoder.patch_embed.proj.weight"].shape[-1]
    hidden = tensors["visual_encoder.blocks.0.mlp.fc1.weight"].shape[0]
    vision = nn.ModuleDict(
        {
            "patch_embed": nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, patch)}),
            "blocks": nn.ModuleList(
                nn.ModuleDict(
                    {
                        "norm1": nn.LayerNorm(width, eps=1e-6),
                        "attn": nn.ModuleDict({"qkv": nn.Linear(width, 3 * width), "proj": nn.Linear(width, width)}),
                        "norm2": nn.LayerNorm(width, eps=1e-6),
                        "mlp": nn.ModuleDict({"fc1": nn.Linear(width, hidden), "fc2": nn.Linear(hidden, width)}),
                    }
                )
                for _ in range(_count(tensors, "visual_encoder.blocks."))
            ),
            "norm": nn.LayerNorm(width, eps=1e-6),
        }
    )
    for name in ("cls_token", "pos_embed"):
        vision.register_parameter(name, nn.Parameter(tensors[f"visual_encoder.{name}"].clone()))
    return vision


def _text_network(tensors: Mapping[str, Any], width: int) -> Any:
    from torch import nn
    from transformers import BertConfig
    from transformers.models.bert.modeling_bert import BertEmbeddings, BertLayer

    embeddings = "text_encoder.embeddings."
    settings = {
        "vocab_size": tensors[f"{embeddings}word_embeddings.weight"].shape[0],
        "max_position_embeddings": tensors[f"{embeddings}position_embeddings.weight"].shape[0],
        "type_vocab_size": tensors[f"{embeddings}token_type_embeddings.weight"].shape[0],
        "hidden_size": width,
        "num_attention_heads": max(1, width // _HEAD),
        "intermediate_size": tensors["text_encoder.encoder.layer.0.intermediate.dense.weight"].shape[0],
        "attn_implementation": "eager",
    }
    reads, looks = BertConfig(**settings), BertConfig(**settings, is_decoder=True, add_cross_attention=True)
    layers = [
        BertLayer(looks if f"text_encoder.encoder.layer.{i}.crossattention.self.key.weight" in tensors else reads)
        for i in range(_count(tensors, "text_encoder.encoder.layer."))
    ]
    return nn.ModuleDict(
        {"embeddings": BertEmbeddings(reads), "encoder": nn.ModuleDict({"layer": nn.ModuleList(layers)})}
    )


def _attend(attention: Any, states: Any) -> Any:
    from torch.nn.functional import scaled_dot_product_attention

    n, places, width = states.shape
    heads = max(1, width // _HEAD)
    query, key, value = attention["qkv"](states).reshape(n, places, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
    found = scaled_dot_product_attention(query, key, value)
    return attention["proj"](found.transpose(1, 2).reshape(n, places, width))


def _bias(mask: Any, states: Any) -> Any:
    """What is added to attention, so that no place looks at padding."""
    return (1 - mask[:, None, None].to(states.dtype)) * -1e4


def _first_that_looks(text: Any) -> int:
    return sum(not layer.is_decoder for layer in text["encoder"]["layer"])


def _count(tensors: Mapping[str, Any], prefix: str) -> int:
    return 1 + max(int(name.removeprefix(prefix).partition(".")[0]) for name in tensors if name.startswith(prefix))
