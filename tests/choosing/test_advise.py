"""Written situations with the first choice that is expected and the reason that must be given."""

from typing import Any

import pytest

from ocella.choosing.advise import Advice
from ocella.choosing.fit import runs_out_of_the_box
from ocella.journeys.advise import advise
from ocella.models.load import find_entry, list_models

SITUATIONS: list[tuple[str, dict[str, Any], str, str]] = [
    # the first document: what do you want to know?
    ("where, nothing else said", {"task": "where"}, "grounding-dino-tiny", "starting point"),
    ("a plain thing in English", {"task": "where", "classes": "shipping container"}, "grounding-dino-tiny", "starting point"),
    ("exactly where", {"task": "exactly-where", "classes": "vinyl record cover"}, "grounded-sam", "Grounded SAM"),
    ("a label for the whole image", {"task": "what", "classes": "damaged package, good package"}, "clip-vit-base-patch32", "starting point"),
    ("key points of people", {"task": "points", "classes": "person"}, "vitpose-base-simple", "points"),
    ("a question", {"task": "ask"}, "smolvlm2-256m-video-instruct", "question"),
    ("a class for every pixel", {"task": "regions", "classes": "puddle, graffiti"}, "clipseg-rd64-refined", "any words"),
    # known classes
    ("COCO classes", {"task": "where", "classes": "person, dog"}, "rf-detr-nano", "knows person, dog"),
    ("COCO classes in real time on a processor", {"task": "where", "classes": "person, car", "realtime": True}, "dfine-nano-coco", "several images a second"),
    ("COCO classes with outlines", {"task": "exactly-where", "classes": "person, bus"}, "rf-detr-seg-nano", "knows person, bus"),
    ("ImageNet classes in real time", {"task": "what", "classes": "espresso, tabby", "realtime": True, "license": "commercial"}, "fastvit-t8-apple-in1k", "several images a second"),
    ("people's joints in real time", {"task": "points", "classes": "person", "realtime": True}, "movenet-multipose", "several images a second"),
    # vocabulary
    ("20 000 classes", {"task": "where", "class_count": 20_000}, "owlv2-base-patch16-ensemble", "DETIC"),
    ("Grounding DINO did not find it", {"task": "where", "classes": "hex nut", "tried": ["grounding-dino-tiny"]}, "owlv2-base-patch16-ensemble", "DETIC"),
    ("pictures of the thing", {"task": "where", "classes": "our mascot", "examples": 5}, "owlv2-base-patch16-ensemble", "pictures of the thing"),
    ("Chinese labels for images", {"task": "what", "classes": "猫, 红色汽车"}, "altclip", "Chinese"),
    ("labels in Polish", {"task": "what", "classes": "kot, pies", "language": "pl"}, "siglip2-base-patch16-224", "many languages"),
    ("Chinese words for boxes", {"task": "where", "classes": "安全帽"}, "qwen3-vl-2b-instruct-detect", "Chinese"),
    # machine
    ("4 GB, boxes", {"task": "where", "classes": "backpack", "hardware": "cpu 4GB"}, "rf-detr-nano", "runs in about"),
    ("4 GB, a question", {"task": "ask", "hardware": "4GB"}, "smolvlm2-256m-video-instruct", "runs in about"),
    ("half a gigabyte to spare", {"task": "where", "classes": "person", "hardware": "raspberry pi 1.5GB"}, "nanodet-g", "runs in about"),
    ("any prompt in real time on a graphics card", {"task": "where", "classes": "forklift", "hardware": "cuda 8GB", "realtime": True}, "omdet-turbo-swin-tiny", "several images a second"),
    # licence
    ("what, for money", {"task": "what", "classes": "ripe tomato, unripe tomato", "license": "commercial"}, "clip-vit-base-patch32", "MIT"),
    ("depth, for money", {"task": "depth", "license": "commercial"}, "depth-anything-v2-small", "Apache-2.0"),
    ("regions, for money", {"task": "regions", "classes": "road, sidewalk", "license": "commercial"}, "ade20k-semantic-eomt-large-512", "knows road, sidewalk"),
    # other uses
    ("groups, outliers, duplicates, search", {"task": "compare"}, "clip-vit-base-patch32-embed", "search"),
    ("point at it and get its outline", {"task": "segment"}, "sam2.1-hiera-tiny", "outline"),
    ("follow it through a video", {"task": "follow"}, "sam2.1-hiera-tiny-video", "video"),
    ("how far away", {"task": "depth"}, "depth-anything-v2-small", "depth"),
    ("text", {"task": "read"}, "pp-ocr", "text"),
    ("teach a small model", {"task": "where", "classes": "hard hat", "goal": "label"}, "grounding-dino-tiny", "starting point"),
]  # fmt: skip

every_situation = pytest.mark.parametrize(
    ("said", "first", "reason"), [s[1:] for s in SITUATIONS], ids=[s[0] for s in SITUATIONS]
)


def words(advice: Advice) -> str:
    return " ".join([advice.verdict, *advice.choices[0].reasons])


@every_situation
def test_the_first_choice_and_its_reason(said: dict[str, Any], first: str, reason: str) -> None:
    advice = advise(**said)
    assert advice.choices[0].name == first
    assert reason in words(advice)
    assert first in advice.verdict


@every_situation
def test_every_choice_keeps_the_conditions(said: dict[str, Any], first: str, reason: str) -> None:
    del first, reason
    advice = advise(**said)
    refused = dict(advice.ruled_out)
    for choice in advice.choices:
        for part in choice.name.split("+"):
            card = find_entry(part).card
            assert part not in refused
            assert not (said.get("license") and not card.commercial_use)
            assert runs_out_of_the_box(card)
            assert part not in said.get("tried", ())
    assert len({c.name for c in advice.choices}) == len(advice.choices)


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ({"task": "where", "classes": "red blood cell, white blood cell, platelet"}, "microscopy"),
        ({"task": "where", "classes": "RBC, WBC, Platelets", "license": "commercial"}, "microscopy"),
        ({"task": "exactly-where", "classes": "cell nucleus"}, "microscopy"),
        ({"task": "where", "classes": "bone fracture"}, "medical images"),
        ({"task": "what", "classes": "scratch, dent, crack"}, "defects"),
    ],
)
def test_where_no_zero_shot_model_will_do_it_says_label_a_few_and_train(said: dict[str, Any], domain: str) -> None:
    advice = advise(**said)
    assert advice.choices == ()
    assert advice.verdict.startswith("No zero-shot model")
    assert domain in advice.verdict
    assert "Label a few images" in advice.verdict
    assert "train" in advice.verdict
    assert any(step.startswith("ocella train") for step in advice.steps)
    assert (
        any(name == "grounding-dino-tiny" and domain in why for name, why in advice.ruled_out) or said["task"] == "what"
    )
    assert "ocella prove" in advice.measure


def test_labels_that_are_there_are_worth_a_training() -> None:
    advice = advise("where", "hex nut", labeled=120)
    assert "120 labelled images" in advice.verdict
    assert "beat any prompt" in advice.verdict
    assert any(step.startswith("ocella train") for step in advice.steps)


def test_real_time_with_words_on_a_processor_is_a_small_model_taught_by_a_large_one() -> None:
    advice = advise("where", "forklift", realtime=True)
    assert "not real time on cpu" in advice.verdict
    assert "train a small model" in advice.verdict
    assert any(step.startswith("ocella distill") for step in advice.steps)


def test_what_is_ruled_out_says_why() -> None:
    refused = dict(advise("what", "cat", license="commercial").ruled_out)
    assert "no commercial use" in refused["metaclip-b32-400m"]
    refused = dict(advise("where", "hex nut").ruled_out)
    assert "superseded by 'owlv2" in refused["owlvit-base-patch32"]
    assert "stands in" in refused["detic-lcocoi21k-clip-swinb"]
    assert "knows coco only, not hex nut" in refused["nanodet-g"]
    refused = dict(advise("ask", hardware="4GB").ruled_out)
    assert "GB" in refused["llava-1.5-7b"]
    assert "does not read Chinese" in dict(advise("where", "安全帽").ruled_out)["grounding-dino-tiny"]


def test_nothing_fits_is_said_with_the_reasons() -> None:
    advice = advise("ask", hardware="cpu 1GB")
    assert advice.choices == ()
    assert "No model here fits" in advice.verdict
    assert "GB" in advice.verdict


def test_it_says_when_to_measure_instead() -> None:
    assert "not measurements on your images" in advise("where", "shrimp").measure


def test_advice_is_json() -> None:
    told = advise("where", "cat", hardware="4GB", license="commercial").to_json()
    assert told["needs"] == {
        "wish": "where",
        "classes": ["cat"],
        "language": "en",
        "device": "cpu",
        "memory_gb": 4,
        "license": "commercial",
    }
    assert set(told) == {"type", "needs", "verdict", "choices", "steps", "measure", "ruled_out"}


def test_every_superseded_model_names_one_that_exists() -> None:
    cards = {c.name: c for c in list_models()}
    assert [c.name for c in cards.values() if c.superseded_by and c.superseded_by not in cards] == []
    assert [c.name for c in cards.values() if c.stand_in and c.stand_in not in cards] == []
    assert [c.name for c in cards.values() if c.stand_in and not runs_out_of_the_box(cards[c.stand_in])] == []
