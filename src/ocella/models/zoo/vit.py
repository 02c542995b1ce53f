"""ViT: ImageNet classes by attention over patches, and the features under them."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.embedding.image_network import FeatureEmbedder, ImageClassifier
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="vit-base-patch16-224",
    try_order=1,
    advice="ImageNet's classes, well known and easy to train further",
    task="classify",
    summary="1000 ImageNet classes; trained on ImageNet-21k first, a good start for training on",
    checkpoint="hub: google/vit-base-patch16-224 (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=86_567_656,
    megabytes=346.3,
    input_hw=(224, 224),
    threshold=0.0,
    extra="torch",
    good_at="single objects, animals, food, household things",
    bad_at="people (ImageNet has no person class), several things at once, small things",
    run_here="small self-made checkpoints only",
    data={"hub": "google/vit-base-patch16-224", "revision": "main"},
    system="ViT",
    library="transformers",
    vocabulary="imagenet-1k",
    speed="medium",
    memory_gb=0.8,
)
_EMBED = replace(
    _CARD,
    name="vit-base-patch16-224-embed",
    try_order=6,
    advice="likeness by look",
    task="embed",
    summary="768-d image features: likeness and grouping of single objects; no text side",
    parameters=85_798_656,
    megabytes=343.2,
    good_at="likeness of single objects",
    bad_at="what things are called: there is no text side",
    vocabulary="",
    score_kind="similarity",
)
_KIND, _IMAGES = "vit", "ViTImageProcessorPil"

UNITS = (
    ModelEntry(
        _CARD,
        partial(ImageClassifier, _CARD, network="ViTForImageClassification", kind=_KIND, images=_IMAGES),
        ("ViTForImageClassification",),
    ),
    ModelEntry(
        _EMBED,
        partial(FeatureEmbedder, _EMBED, network="ViTModel", add_pooling_layer=False, kind=_KIND, images=_IMAGES),
        ("ViTModel", "ViTForImageClassification"),
    ),
)
