"""DINOv2: features of images that were learned without a word, good for likeness, grouping and small classifiers."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.embedding.image_network import FeatureEmbedder
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_SMALL = ModelCard(
    name="dinov2-small",
    try_order=2,
    advice="likeness by look, without words: groups, near-duplicates, classes by a few examples",
    task="embed",
    summary="384-d image features: likeness, grouping, duplicates; no text side",
    checkpoint="hub: facebook/dinov2-small (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=22_056_576,
    megabytes=88.2,
    input_hw=(224, 224),
    threshold=0.0,
    extra="torch",
    good_at="how things look: kinds, textures, parts, the same object again",
    bad_at="what things are called: there is no text side",
    run_here="small self-made checkpoints only",
    data={"hub": "facebook/dinov2-small", "revision": "main"},
    system="DINOv2",
    library="transformers",
    score_kind="similarity",
    speed="medium",
    memory_gb=0.4,
)
_BASE = replace(
    _SMALL,
    name="dinov2-base",
    try_order=3,
    advice="as dinov2-small, larger",
    summary="768-d image features: as dinov2-small, four times as large",
    checkpoint="hub: facebook/dinov2-base (revision main)",
    parameters=86_580_480,
    megabytes=346.3,
    data={"hub": "facebook/dinov2-base", "revision": "main"},
    memory_gb=0.8,
)
_BUILD = partial(FeatureEmbedder, kind="dinov2", network="Dinov2Model", images="BitImageProcessorPil")

UNITS = tuple(ModelEntry(card, partial(_BUILD, card), ("Dinov2Model",)) for card in (_SMALL, _BASE))
