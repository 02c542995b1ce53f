"""AltCLIP: CLIP's large image network with a text network that reads English and Chinese."""

from dataclasses import replace
from functools import partial

from ocella.models.card import ModelCard
from ocella.models.checkpoints.contrastive_checkpoint import builders
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_CARD = ModelCard(
    name="altclip",
    try_order=3,
    advice="prompts in English and Chinese",
    task="classify",
    summary="any classes in English or Chinese words; large",
    checkpoint="hub: BAAI/AltCLIP (revision main, a torch pickle: needs --allow-pickle)",
    code_license="Apache-2.0 (transformers)",
    weights_license="CreativeML OpenRAIL-M (commercial use allowed; forbids the uses listed in its attachment A)",
    commercial_use=True,
    parameters=864_186_113,
    megabytes=3456.7,
    input_hw=(224, 224),
    open_vocabulary=True,
    threshold=0.0,
    extra="torch",
    languages=("en", "zh"),
    good_at="Chinese prompts, kinds of things and scenes",
    bad_at="counting, where things are, other languages; speed without a graphics card",
    run_here="small self-made checkpoints only",
    data={"hub": "BAAI/AltCLIP", "revision": "main"},
    system="AltCLIP",
    library="transformers",
    prompts=("text",),
    speed="medium",
    memory_gb=4.5,
    gated="https://huggingface.co/BAAI/AltCLIP",
    stand_in="siglip2-base-patch16-224",
)
_EMBED = replace(
    _CARD,
    name="altclip-embed",
    try_order=4,
    advice="images and texts in English and Chinese in one space",
    task="embed",
    summary="images and English or Chinese texts in one space",
    good_at="search by English or Chinese words",
    score_kind="similarity",
    stand_in="siglip2-base-patch16-224-embed",
)
_BUILD, _BUILD_EMBED = builders(kind="altclip", network="AltCLIPModel", images="CLIPImageProcessorPil", cased=True)

UNITS = (
    ModelEntry(_CARD, partial(_BUILD, _CARD), ("AltCLIPModel",)),
    ModelEntry(_EMBED, partial(_BUILD_EMBED, _EMBED), ("AltCLIPModel",)),
)
