"""Depth Anything V2: depth of anything in a photograph."""

from dataclasses import replace
from functools import partial
from typing import Any

from ocella.models.card import ModelCard
from ocella.models.depth.network import DepthNetwork
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_ARCHITECTURE = "DepthAnythingForDepthEstimation"
_SMALL = ModelCard(
    name="depth-anything-v2-small",
    try_order=1,
    advice="depth without a unit from one image, small and sharp",
    task="depth",
    summary="what is nearer and what is farther, with fine edges; no metres",
    checkpoint="hub: depth-anything/Depth-Anything-V2-Small-hf (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=24_785_089,
    megabytes=99.1,
    input_hw=(518, 518),
    extra="torch",
    good_at="the order of things in depth, thin parts, glass and shiny things",
    bad_at="distances in metres (take a metric model); comparing two images",
    run_here="small self-made checkpoints only",
    data={"hub": "depth-anything/Depth-Anything-V2-Small-hf", "revision": "main"},
    system="Depth Anything V2",
    library="transformers",
    score_kind="none",
    speed="medium",
    memory_gb=1,
)
_NOT_COMMERCIAL: dict[str, Any] = {
    "weights_license": "CC-BY-NC-4.0",
    "commercial_use": False,
    "clause": "CC-BY-NC-4.0 allows no commercial use",
    "stand_in": "depth-anything-v2-small",
    "speed": "slow",
}
_BASE = replace(
    _SMALL,
    name="depth-anything-v2-base",
    summary="as depth-anything-v2-small, larger; not for commercial use",
    checkpoint="hub: depth-anything/Depth-Anything-V2-Base-hf (revision main)",
    parameters=97_470_785,
    megabytes=389.9,
    data={"hub": "depth-anything/Depth-Anything-V2-Base-hf", "revision": "main"},
    memory_gb=2,
    **_NOT_COMMERCIAL,
)
_LARGE = replace(
    _BASE,
    name="depth-anything-v2-large",
    summary="as depth-anything-v2-small, the largest; not for commercial use",
    checkpoint="hub: depth-anything/Depth-Anything-V2-Large-hf (revision main)",
    parameters=335_315_649,
    megabytes=1341.3,
    data={"hub": "depth-anything/Depth-Anything-V2-Large-hf", "revision": "main"},
    memory_gb=4,
)
_INDOOR = replace(
    _SMALL,
    name="depth-anything-v2-metric-indoor-small",
    try_order=2,
    advice="depth in metres, indoors",
    summary="metres to everything in a room, up to 20 m",
    checkpoint="hub: depth-anything/Depth-Anything-V2-Metric-Indoor-Small-hf (revision main)",
    good_at="rooms",
    bad_at="outdoors; cameras of another angle of view than those of its training",
    data={"hub": "depth-anything/Depth-Anything-V2-Metric-Indoor-Small-hf", "revision": "main"},
)
_OUTDOOR = replace(
    _INDOOR,
    name="depth-anything-v2-metric-outdoor-small",
    try_order=2,
    advice="depth in metres, outdoors",
    summary="metres to everything in a street, up to 80 m",
    checkpoint="hub: depth-anything/Depth-Anything-V2-Metric-Outdoor-Small-hf (revision main)",
    good_at="streets",
    bad_at="rooms; cameras of another angle of view than those of its training",
    data={"hub": "depth-anything/Depth-Anything-V2-Metric-Outdoor-Small-hf", "revision": "main"},
)

UNITS = tuple(
    ModelEntry(card, partial(DepthNetwork, card, kind="depth_anything", network=_ARCHITECTURE), (_ARCHITECTURE,))
    for card in (_SMALL, _BASE, _LARGE, _INDOOR, _OUTDOOR)
)
