"""VLPart: a detector of things and of their parts by any prompt, with outlines; by its own code."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ocella.models.card import Accuracy, ModelCard
from ocella.models.checkpoints.detectron_package import DetectronDetector, Original, settle_for_running
from ocella.models.entry import ModelEntry
from ocella.models.open_vocabulary import read_prompt

__all__ = ["UNITS"]


def _settle(settings: Any, scratch: Path) -> None:
    """As its demo does, and without the files of the data sets: vocabularies of training are one empty one."""
    settle_for_running(settings)
    head = settings.MODEL.ROI_BOX_HEAD
    empty = scratch / "empty.npy"
    np.save(empty, np.zeros((1, head.ZEROSHOT_WEIGHT_DIM), np.float32))
    head.ZEROSHOT_WEIGHT_PATH = head.ZEROSHOT_WEIGHT_INFERENCE_PATH = str(empty)
    head.ZEROSHOT_WEIGHT_PATH_GROUP = [str(empty)] * len(head.ZEROSHOT_WEIGHT_PATH_GROUP)
    head.USE_FED_LOSS_GROUP = [False] * len(head.USE_FED_LOSS_GROUP)


def _read(prompt: str) -> str:
    """`dog:head`, as its data sets have it, is `dog head`."""
    return read_prompt(prompt.replace(":", " "))


_ORIGINAL = Original(
    package="vlpart",
    repository="github.com/facebookresearch/VLPart",
    settings=("vlpart.config:add_vlpart_config",),
    settle=_settle,
    encoder="vlpart.modeling.text_encoder.text_encoder",
    weights="zs_weight_inference",
    read=_read,
)
_SOURCE = "github.com/facebookresearch/VLPart, model zoo"
_CARD = ModelCard(
    name="vlpart-r50-inparsed",
    try_order=4,
    advice="parts of things, like the head of a dog, where Grounding DINO does not find them",
    task="detect",
    summary="finds parts of things, like 'dog head', and outlines them; needs code that is no longer kept up",
    checkpoint=(
        "https://github.com/PeizeSun/VLPart/releases/download/v0.1/r50_lvis_paco_pascalpart_partimagenet_inparsed.pth"
    ),
    code_license="MIT",
    weights_license="MIT",
    commercial_use=True,
    parameters=0,
    megabytes=0,
    input_hw=(0, 0),
    open_vocabulary=True,
    threshold=0.5,
    aliases=("vlpart",),
    accuracy=(
        Accuracy("mask AP", 0.24, "Pascal Part", _SOURCE),
        Accuracy("mask AP", 0.316, "PartImageNet", _SOURCE),
        Accuracy("mask AP", 0.096, "PACO", _SOURCE),
    ),
    good_at="parts: 'dog head', 'chair leg', 'car wheel'",
    bad_at="whole things, which others find better; being installed",
    run_here="against a contract package in the tests, not the original",
    system="VLPart",
    library="package",
    prompts=("text",),
    speed="slow",
    stand_in="florence-2-base-detect",
    outlines=True,
)

UNITS = (ModelEntry(_CARD, partial(DetectronDetector, _ORIGINAL, _CARD)),)
