"""Detic: a detector of any prompt with outlines, taught with image labels of 21 thousand classes; by its own code."""

from functools import partial
from pathlib import Path
from typing import Any

from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.detectron_package import DetectronDetector, Original, settle_for_running
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]


def _settle(settings: Any, scratch: Path) -> None:
    """As its demo does, and without the files of the data sets."""
    del scratch
    settle_for_running(settings)
    settings.MODEL.ROI_BOX_HEAD.ZEROSHOT_WEIGHT_PATH = "rand"  # the vocabulary is set when there is one
    settings.MODEL.ROI_HEADS.ONE_CLASS_PER_PROPOSAL = True


_ORIGINAL = Original(
    package="detic",
    repository="github.com/facebookresearch/Detic",
    settings=("centernet.config:add_centernet_config", "detic.config:add_detic_config"),
    settle=_settle,
    encoder="detic.modeling.text.text_encoder",
)
_CARD = ModelCard(
    name="detic-lcocoi21k-clip-swinb",
    try_order=2,
    advice="over 20,000 classes and any words beside: where Grounding DINO does not find it",
    task="detect",
    summary="finds what short English texts name and outlines it; needs code that is no longer kept up",
    checkpoint="https://dl.fbaipublicfiles.com/detic/Detic_LCOCOI21k_CLIP_SwinB_896b32_4x_ft4x_max-size.pth",
    code_license="Apache-2.0, parts MIT",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=0,
    megabytes=0,
    input_hw=(0, 0),
    open_vocabulary=True,
    threshold=0.3,
    aliases=("detic",),
    accuracy=(Accuracy("AP", 0.444, "LVIS v1 val", "github.com/facebookresearch/Detic, model zoo"),),
    good_at="a name for nearly every thing in a scene, with its outline",
    bad_at="sentences and looks (it knows things by their name); being installed",
    run_here="against a contract package in the tests, not the original",
    system="DETIC",
    library="package",
    prompts=("text",),
    speed="slow",
    stand_in="owlv2-base-patch16-ensemble",
    outlines=True,
)

UNITS = (ModelEntry(_CARD, partial(DetectronDetector, _ORIGINAL, _CARD)),)
