"""CoDet: a detector of any prompt with outlines, taught with captions; by its own code."""

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
    settings.MODEL.ROI_BOX_HEAD.DETECTION_WEIGHT_PATH = "rand"  # of training only, but as many classes
    settings.MODEL.ROI_HEADS.ONE_CLASS_PER_PROPOSAL = True


_ORIGINAL = Original(
    package="codet",
    repository="github.com/CVMI-Lab/CoDet",
    settings=("centernet.config:add_centernet_config", "codet.config:add_codet_config"),
    settle=_settle,
    encoder="codet.modeling.text.text_encoder",
)
_SOURCE = "github.com/CVMI-Lab/CoDet README"
_CARD = ModelCard(
    name="codet-ovlvis-swinb",
    try_order=4,
    advice="one more to try where Grounding DINO does not find it",
    task="detect",
    summary="finds what short English texts name and outlines it; needs code that is no longer kept up",
    checkpoint="Google Drive, from the table of github.com/CVMI-Lab/CoDet (CoDet_OVLVIS_SwinB_4x_ft4x)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=0,
    megabytes=0,
    input_hw=(0, 0),
    open_vocabulary=True,
    threshold=0.5,
    aliases=("codet",),
    accuracy=(
        Accuracy("mask AP", 0.392, "LVIS v1 val, rare classes unseen", _SOURCE),
        Accuracy("mask AP novel", 0.294, "LVIS v1 val, rare classes unseen", _SOURCE),
    ),
    good_at="rare things that its boxes never showed it, with their outlines",
    bad_at="sentences and looks (it knows things by their name); being installed",
    run_here="against a contract package in the tests, not the original",
    system="CoDet",
    library="package",
    prompts=("text",),
    speed="slow",
    stand_in="mm-grounding-dino-tiny-o365v1-goldg-v3det",
    outlines=True,
)

UNITS = (ModelEntry(_CARD, partial(DetectronDetector, _ORIGINAL, _CARD)),)
