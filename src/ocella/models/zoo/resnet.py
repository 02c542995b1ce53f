"""ResNet-50: ImageNet classes, and the features under them."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.embedding.image_network import FeatureEmbedder, ImageClassifier
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="resnet-50",
    try_order=3,
    advice="ImageNet's classes, well known and easy to train further",
    task="classify",
    summary="1000 ImageNet classes; the convolutional network that others are compared with",
    checkpoint="hub: microsoft/resnet-50 (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=25_557_032,
    megabytes=102.4,
    input_hw=(224, 224),
    threshold=0.0,
    extra="torch",
    good_at="single objects, animals, household things",
    bad_at="people (ImageNet has no person class), several things at once, small things",
    run_here="small self-made checkpoints only",
    data={"hub": "microsoft/resnet-50", "revision": "main"},
    system="ResNet-50",
    library="transformers",
    vocabulary="imagenet-1k",
    speed="fast",
    memory_gb=0.4,
)
_EMBED = replace(
    _CARD,
    name="resnet-50-embed",
    try_order=6,
    advice="likeness by look",
    task="embed",
    summary="2048-d image features: likeness and grouping of single objects; no text side",
    parameters=23_508_032,
    megabytes=94.2,
    good_at="likeness of single objects",
    bad_at="scenes, and what things are called: there is no text side",
    vocabulary="",
    score_kind="similarity",
)
_KIND, _IMAGES = "resnet", "ConvNextImageProcessorPil"

UNITS = (
    ModelEntry(
        _CARD,
        partial(ImageClassifier, _CARD, network="ResNetForImageClassification", kind=_KIND, images=_IMAGES),
        ("ResNetForImageClassification",),
    ),
    ModelEntry(
        _EMBED,
        partial(FeatureEmbedder, _EMBED, network="ResNetModel", pooled=True, kind=_KIND, images=_IMAGES),
        ("ResNetModel", "ResNetForImageClassification"),
    ),
)
