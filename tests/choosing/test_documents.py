"""The advice that users know from three documents, line by line, as this project gives it.

How to choose a model; use a foundation model; what model should I use for labelling. Each line says in other words what a sentence
there advises, and what must hold here.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ocella.choosing.advise import Advice
from ocella.choosing.needs import TASKS, read_wish
from ocella.journeys.advise import advise
from ocella.models.card import ModelCard
from ocella.models.load import find_entry, list_models

CARDS = list_models()


def system(name: str) -> list[ModelCard]:
    """The cards of a system by its name in the literature."""
    return [c for c in CARDS if c.system == name]


def names(**said: Any) -> list[str]:
    return [c.name for c in advise(**said).choices]


def first(**said: Any) -> str:
    return names(**said)[0]


def ruled_out(**said: Any) -> dict[str, str]:
    return dict(advise(**said).ruled_out)


def card(name: str) -> ModelCard:
    return find_entry(name).card


def task_of(word: str) -> str:
    return TASKS[read_wish(word)][0]


def words(advice: Advice) -> str:
    return " ".join([advice.verdict, *(r for c in advice.choices for r in c.reasons)])


CHOOSE: list[tuple[str, Callable[[], object]]] = [
    ("models are for detection", lambda: task_of("object detection") == "detect"),
    ("for classification", lambda: task_of("classification") == "classify"),
    ("for keypoint detection", lambda: task_of("keypoint detection") == "keypoints"),
    ("for questions in words", lambda: task_of("multimodal") == "vlm"),
    ("for instance segmentation", lambda: task_of("instance segmentation") == "detect"),
    ("for semantic segmentation", lambda: task_of("semantic segmentation") == "semantic-segment"),
    ("where an object is: detection", lambda: card(first(task="where", classes="package")).task == "detect"),
    (
        "detection models run quickly",
        lambda: card(first(task="where", classes="person", realtime=True)).speed == "fast",
    ),
    (
        "precisely where: instance segmentation",
        lambda: all(card(n.split("+")[0]).outlines or "+" in n for n in names(task="exactly-where", classes="person")),
    ),
    (
        "a label for the whole image: classification",
        lambda: card(first(task="what", classes="damaged package, not damaged package")).task == "classify",
    ),
    (
        "key points of a person: keypoint detection",
        lambda: card(first(task="points", classes="person")).task == "keypoints",
    ),
    ("questions, answers as text: a multimodal model", lambda: card(first(task="ask")).task == "vlm"),
    ("foundation models do without training: CLIP for classes", lambda: system("CLIP")[0].open_vocabulary),
    ("SAM for segmentation", lambda: set(system("SAM")[0].prompts) == {"box", "point"}),
    ("a model is trained on labels", lambda: "train" in advise("where", "hex nut", labeled=100).verdict),
    ("RF-DETR is one to train", lambda: system("RF-DETR")),
    ("ResNet-50 is one to train", lambda: system("ResNet-50")),
    ("SmolVLM2 is one to train", lambda: system("SmolVLM2")),
]
FOUNDATION: list[tuple[str, Callable[[], object]]] = [
    ("CLIP classifies", lambda: any(c.task == "classify" for c in system("CLIP"))),
    ("CLIP compares images and text", lambda: any(c.task == "embed" and c.open_vocabulary for c in system("CLIP"))),
    (
        "Perception Encoder classifies and embeds",
        lambda: {c.task for c in system("Perception Encoder")} >= {"classify", "embed"},
    ),
    ("SAM 2 segments what is pointed at", lambda: {c.task for c in system("SAM 2")} == {"segment", "track"}),
    (
        "Moondream 2 detects without training",
        lambda: any(c.task == "detect" and c.open_vocabulary for c in system("Moondream 2")),
    ),
    ("YOLO-World detects without training", lambda: system("YOLO-World")[0].open_vocabulary),
    ("Florence-2 detects, reads and more", lambda: {c.task for c in system("Florence-2")} >= {"detect", "ocr", "vlm"}),
    ("depth of objects is estimated", lambda: card(first(task="depth")).task == "depth"),
    (
        "CLIP clusters images and finds outliers",
        lambda: "clip-vit-base-patch32-embed" in names(task="cluster") and read_wish("outliers") == "compare",
    ),
    ("CLIP moderates", lambda: "clip-vit-base-patch32-embed" in names(task="moderate")),
    ("CLIP finds images that are too alike", lambda: "clip-vit-base-patch32-embed" in names(task="duplicates")),
    ("CLIP searches", lambda: "clip-vit-base-patch32-embed" in names(task="search")),
    ("Grounding DINO detects a range of objects as it is", lambda: "grounding-dino-tiny" in names(task="where")),
    (
        "or labels to train a small fast model",
        lambda: "train a small model" in advise("where", "hard hat", goal="label").verdict,
    ),
]
LABELLING: list[tuple[str, Callable[[], object]]] = [
    ("Grounding DINO first for detection", lambda: first(task="where", classes="vinyl record cover", goal="label") == "grounding-dino-tiny"),
    ("Grounded SAM first for segmentation", lambda: "Grounded SAM" in words(advise("exactly-where", "vinyl record cover", goal="label")) and first(task="exactly-where", classes="vinyl record cover") == "grounded-sam"),
    ("Grounded SAM is Grounding DINO and SAM", lambda: card("grounded-sam").data["parts"] == ["grounding-dino-tiny", "sam-vit-base"]),
    ("DETIC where Grounding DINO does not find it, 20,000 classes", lambda: "DETIC" in words(advise("where", "hex nut", tried=["grounding-dino-tiny"])) and "DETIC" in words(advise("where", class_count=20_000))),
    ("DETIC takes any text", lambda: system("DETIC")[0].open_vocabulary),
    ("CLIP first for classification", lambda: first(task="what", classes="ripe tomato, unripe tomato") == "clip-vit-base-patch32"),
    ("some models are superseded", lambda: any(c.superseded_by for c in CARDS)),
    ("LLaVA-1.5 needs much memory", lambda: "GB" in ruled_out(task="ask", hardware="cpu 16GB")["llava-1.5-7b"] or card("llava-1.5-7b").memory_gb > 12),
    ("LLaVA-1.5 needs more experiments", lambda: "LLaVA-1.5" in {c.system for c in CARDS if c.superseded_by}),
    ("Kosmos-2 needs much memory", lambda: card("kosmos-2-patch14-224").memory_gb > 5),
    ("OWLv2 over OWL-ViT", lambda: card("owlvit-base-patch32").superseded_by == "owlv2-base-patch16-ensemble"),
    ("CoDet where Grounding DINO does not find it", lambda: card("codet").name in ruled_out(task="where", classes="hex nut", tried=["grounding-dino-tiny"]) and card("codet").stand_in),
    ("VLPart where Grounding DINO does not find it", lambda: card("vlpart").name in ruled_out(task="where", classes="dog head", tried=["grounding-dino-tiny"]) and card("vlpart").stand_in),
    ("FastViT knows ImageNet's classes", lambda: system("FastViT")[0].vocabulary == "imagenet-1k"),
    ("FastViT is fast", lambda: "fastvit-t8-apple-in1k" in names(task="what", classes="espresso", realtime=True)),
    ("AltCLIP reads English and Chinese", lambda: set(system("AltCLIP")[0].languages) >= {"en", "zh"}),
    ("AltCLIP for Chinese prompts", lambda: first(task="what", classes="猫, 狗") == "altclip"),
    ("DINOv2 embeds, for zero-shot classification by examples", lambda: system("DINOv2")[0].task == "embed" and "dinov2-small" in names(task="compare")),
    ("MetaCLIP where CLIP does not do well", lambda: "metaclip-b32-400m" in names(task="what", classes="ripe tomato", tried=["clip-vit-base-patch32"])),
    ("BLIP needs more memory than CLIP", lambda: card("blip-itm-base-coco").memory_gb > card("clip-vit-base-patch32").memory_gb),
    ("BLIP may do better on some data", lambda: "CLIP" in card("blip-itm-base-coco").advice),
    ("ALBEF needs more memory than CLIP", lambda: card("albef").memory_gb > card("clip-vit-base-patch32").memory_gb),
    ("ALBEF may do better on some data", lambda: "CLIP" in card("albef").advice),
]  # fmt: skip


@pytest.mark.parametrize("holds", [check for _, check in CHOOSE], ids=[text for text, _ in CHOOSE])
def test_how_to_choose_a_model(holds: Callable[[], object]) -> None:
    assert holds()


@pytest.mark.parametrize("holds", [check for _, check in FOUNDATION], ids=[text for text, _ in FOUNDATION])
def test_use_a_foundation_model(holds: Callable[[], object]) -> None:
    assert holds()


@pytest.mark.parametrize("holds", [check for _, check in LABELLING], ids=[text for text, _ in LABELLING])
def test_what_model_should_i_use_for_labelling(holds: Callable[[], object]) -> None:
    assert holds()


NAMED = (
    "Grounding DINO", "Grounded SAM", "DETIC", "CLIP", "LLaVA-1.5", "Kosmos-2", "OWL-ViT", "OWLv2", "CoDet", "VLPart", "FastViT", "AltCLIP",
    "DINOv2", "MetaCLIP", "BLIP", "ALBEF", "SAM", "SAM 2", "Perception Encoder", "Moondream 2", "YOLO-World", "Florence-2", "RF-DETR", "ResNet-50",
    "SmolVLM2", "Depth Anything V2", "ViTPose",
)  # fmt: skip
ASKED = (
    "MM-Grounding-DINO", "OmDet-Turbo", "RT-DETR", "D-FINE", "DETR", "SegFormer", "Mask2Former", "OneFormer", "EoMT", "CLIPSeg", "SigLIP 2",
    "EVA-CLIP", "DINOv3", "ViT", "MoveNet", "Qwen3-VL", "PaliGemma 2", "Depth Anything 3", "DPT", "ZoeDepth", "Depth Pro", "PP-OCR", "TrOCR", "docTR",
    "MobileSAM",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMED + ASKED)
def test_every_system_has_a_card(name: str) -> None:
    assert system(name)


def test_every_card_says_which_system_it_is_of() -> None:
    assert [c.name for c in CARDS if not c.system] == []
