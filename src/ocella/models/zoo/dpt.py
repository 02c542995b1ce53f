"""DPT, which MiDaS 3 is made of: relative depth."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.depth.network import DepthNetwork
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_ARCHITECTURE = "DPTForDepthEstimation"
_SWIN = ModelCard(
    name="dpt-swinv2-tiny-256",
    task="depth",
    summary="what is nearer and what is farther, on a small input",
    checkpoint="hub: Intel/dpt-swinv2-tiny-256 (revision main)",
    code_license="Apache-2.0",
    weights_license="MIT",
    commercial_use=True,
    parameters=40_930_795,
    megabytes=163.7,
    input_hw=(256, 256),
    extra="torch",
    aliases=("midas-swin2-tiny-256",),
    good_at="a rough order in depth",
    bad_at="thin parts and edges; distances in metres; comparing two images",
    superseded_by="depth-anything-v2-small",
    run_here="small self-made checkpoints only",
    data={"hub": "Intel/dpt-swinv2-tiny-256", "revision": "main"},
    system="DPT",
    library="transformers",
    score_kind="none",
    speed="medium",
    memory_gb=1,
)
_LARGE = replace(
    _SWIN,
    name="dpt-large",
    summary="what is nearer and what is farther; the first large network of its kind",
    checkpoint="hub: Intel/dpt-large (revision main)",
    weights_license="Apache-2.0",
    parameters=343_030_465,
    megabytes=1372.1,
    input_hw=(384, 384),
    aliases=("midas-dpt-large",),
    data={"hub": "Intel/dpt-large", "revision": "main"},
    speed="slow",
    memory_gb=3,
)

UNITS = tuple(
    ModelEntry(card, partial(DepthNetwork, card, kind="dpt", network=_ARCHITECTURE), (_ARCHITECTURE,))
    for card in (_SWIN, _LARGE)
)
