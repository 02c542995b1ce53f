"""MM-Grounding-DINO and LLMDet: Grounding DINO trained anew on more data, with an open recipe."""

from dataclasses import replace
from functools import partial

from ocella.models.card import Accuracy, ModelCard
from ocella.models.detection.grounding_detection import GroundingDetector
from ocella.models.entry import ModelEntry

__all__ = ["UNITS"]

_KIND, _NETWORK = "mm-grounding-dino", "MMGroundingDinoForObjectDetection"
_LLMDET = "github.com/iSEE-Laboratory/LLMDet README"
_README = "github.com/open-mmlab/mmdetection, configs/mm_grounding_dino/README"

_TINY = ModelCard(
    name="mm-grounding-dino-tiny-o365v1-goldg-v3det",
    try_order=3,
    advice="Grounding DINO trained on more and rarer classes: where the first one does not find it",
    task="detect",
    summary="finds whatever a short English text names; better on rare things than grounding-dino-tiny, as slow",
    checkpoint="hub: openmmlab-community/mm_grounding_dino_tiny_o365v1_goldg_v3det (revision main)",
    code_license="Apache-2.0",
    weights_license="Apache-2.0",
    commercial_use=True,
    parameters=172_913_693,
    megabytes=691.7,
    input_hw=(800, 1333),
    open_vocabulary=True,
    threshold=0.3,
    extra="torch",
    aliases=("mm-grounding-dino-tiny",),
    accuracy=(
        Accuracy("AP", 0.506, "COCO val2017, zero-shot", _README),
        Accuracy("AP", 0.405, "LVIS minival, zero-shot", _README),
        Accuracy("AP rare", 0.330, "LVIS minival, zero-shot", _README),
    ),
    good_at="things with a plain English name, also rare ones; teaching a small model",
    bad_at="parts, defects and trade words; naming things that are not there (raise the threshold); speed",
    run_here="small self-made checkpoints only",
    data={"hub": "openmmlab-community/mm_grounding_dino_tiny_o365v1_goldg_v3det", "revision": "main"},
    system="MM-Grounding-DINO",
    library="transformers",
    prompts=("text",),
    prompts_per_pass=64,
    speed="slow",
    memory_gb=3,
)
_BASE = replace(
    _TINY,
    name="mm-grounding-dino-base-o365v1-goldg-v3det",
    try_order=4,
    advice="as the tiny MM-Grounding-DINO, larger",
    summary="as mm-grounding-dino-tiny, larger",
    checkpoint="hub: openmmlab-community/mm_grounding_dino_base_o365v1_goldg_v3det (revision main)",
    parameters=232_978_331,
    megabytes=931.9,
    aliases=("mm-grounding-dino-base",),
    accuracy=(Accuracy("AP", 0.525, "COCO val2017, zero-shot", _README),),
    data={"hub": "openmmlab-community/mm_grounding_dino_base_o365v1_goldg_v3det", "revision": "main"},
    memory_gb=4,
)
_LARGE = replace(
    _TINY,
    name="mm-grounding-dino-large-o365v2-oiv6-goldg",
    try_order=5,
    advice="as the tiny MM-Grounding-DINO, the largest",
    summary="as mm-grounding-dino-tiny, the largest; needs a graphics card",
    checkpoint="hub: openmmlab-community/mm_grounding_dino_large_o365v2_oiv6_goldg (revision main)",
    parameters=343_055_703,
    megabytes=1372.2,
    aliases=("mm-grounding-dino-large",),
    accuracy=(Accuracy("AP", 0.530, "COCO val2017, zero-shot", _README),),
    data={"hub": "openmmlab-community/mm_grounding_dino_large_o365v2_oiv6_goldg", "revision": "main"},
    memory_gb=6,
)
_LLMDET_TINY = replace(
    _TINY,
    name="llmdet-tiny",
    try_order=4,
    advice="a Grounding DINO taught with long captions: one more where the others do not find it",
    summary="mm-grounding-dino-tiny taught further by a language model; the best of its size on rare things",
    checkpoint="hub: iSEE-Laboratory/llmdet_tiny (revision main)",
    aliases=(),
    accuracy=(
        Accuracy("AP", 0.447, "LVIS minival, zero-shot", _LLMDET),
        Accuracy("AP rare", 0.373, "LVIS minival, zero-shot", _LLMDET),
    ),
    data={"hub": "iSEE-Laboratory/llmdet_tiny", "revision": "main"},
    system="LLMDet",
)
_LLMDET_BASE = replace(
    _LLMDET_TINY,
    name="llmdet-base",
    summary="as llmdet-tiny, larger",
    checkpoint="hub: iSEE-Laboratory/llmdet_base (revision main)",
    parameters=_BASE.parameters,
    megabytes=_BASE.megabytes,
    accuracy=(
        Accuracy("AP", 0.483, "LVIS minival, zero-shot", _LLMDET),
        Accuracy("AP rare", 0.408, "LVIS minival, zero-shot", _LLMDET),
    ),
    data={"hub": "iSEE-Laboratory/llmdet_base", "revision": "main"},
    memory_gb=_BASE.memory_gb,
)
_LLMDET_LARGE = replace(
    _LLMDET_TINY,
    name="llmdet-large",
    summary="as llmdet-tiny, the largest; needs a graphics card",
    checkpoint="hub: iSEE-Laboratory/llmdet_large (revision main)",
    parameters=_LARGE.parameters,
    megabytes=_LARGE.megabytes,
    accuracy=(
        Accuracy("AP", 0.511, "LVIS minival, zero-shot", _LLMDET),
        Accuracy("AP rare", 0.451, "LVIS minival, zero-shot", _LLMDET),
    ),
    data={"hub": "iSEE-Laboratory/llmdet_large", "revision": "main"},
    memory_gb=_LARGE.memory_gb,
)

UNITS = tuple(
    ModelEntry(card, partial(GroundingDetector, card, kind=_KIND, network=_NETWORK), (_NETWORK,))
    for card in (_TINY, _BASE, _LARGE, _LLMDET_TINY, _LLMDET_BASE, _LLMDET_LARGE)
)
