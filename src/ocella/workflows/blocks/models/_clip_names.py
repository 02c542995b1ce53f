"""Variants of CLIP by the names that definitions use."""

from typing import Literal

from ocella.errors import NotFound

__all__ = ["ClipVersion", "clip_model"]

ClipVersion = Literal[
    "RN101", "RN50", "RN50x16", "RN50x4", "RN50x64", "ViT-B-16", "ViT-B-32", "ViT-L-14-336px", "ViT-L-14"
]
"""Those of ResNet form, and the one of 336 pixels, are not in the zoo: loading them says so."""


def clip_model(version: str) -> str:
    """The zoo's name of a variant's embedder."""
    if version not in _EMBEDDERS:
        raise NotFound(f"CLIP '{version}' is not here. Take one of {', '.join(_EMBEDDERS)}.")
    return _EMBEDDERS[version]


_EMBEDDERS = {
    "ViT-B-16": "clip-vit-base-patch16-embed",
    "ViT-B-32": "clip-vit-base-patch32-embed",
    "ViT-L-14": "clip-vit-large-patch14-embed",
}
