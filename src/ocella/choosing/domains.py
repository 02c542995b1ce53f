"""Kinds of images that models trained on the web's photographs do not know, and what to do there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Domain", "find_domain"]


@dataclass(frozen=True)
class Domain:
    """A kind of image: its name, the words that give it away (whole words, or stems ending in `-`), and why no prompt
    will do.
    """

    name: str
    words: tuple[str, ...]
    why: str


_DOMAINS = (
    Domain(
        "microscopy",
        (
            "blood cell", "red blood cell", "white blood cell", "rbc", "wbc", "platelet", "erythrocyt-", "leukocyt-",
            "leucocyt-", "lymphocyt-", "neutrophil", "monocyt-", "eosinophil", "basophil", "thrombocyt-", "cell nucle-",
            "nuclei", "mitochondri-", "mitosis", "bacteri-", "parasite", "plasmodium", "microscop-", "organoid", "colony",
        ),
        "pictures from a microscope are hardly in what these models learned from",
    ),
    Domain(
        "medical images",
        (
            "tumor", "tumour", "lesion", "polyp", "fracture", "nodule", "x-ray", "xray", "ct scan", "mri", "ultrasound",
            "melanoma", "retina-", "pneumonia", "caries", "biopsy", "histolog-",
        ),
        "medical images need labels by people who can read them, and a name is no description of a finding",
    ),
    Domain(
        "defects",
        (
            "defect", "scratch", "crack", "dent", "solder-", "weld-", "burr", "pinhole", "corrosion", "delamination",
            "missing component", "broken pin", "misprint", "void", "chip out",
        ),
        "a defect is a departure from how a part should look, which no text tells a model",
    ),
    Domain(
        "technical drawings",
        ("schematic", "circuit symbol", "floor plan", "floorplan", "p&id", "blueprint", "engineering drawing", "cad symbol"),
        "symbols of drawings are no photographs and their names mean other things elsewhere",
    ),
    Domain(
        "radar, thermal and other sensors",
        ("thermal", "infrared", "sar image", "sonar", "radar", "lidar", "hyperspectral", "spectrogram"),
        "these models learned from colour photographs",
    ),
)  # fmt: skip


def find_domain(classes: Sequence[str]) -> Domain | None:
    """The kind of image that most of the classes belong to, if it is one that no zero-shot model knows."""
    for domain in _DOMAINS:
        hits = sum(any(_says(name, word) for word in domain.words) for name in classes)
        if hits and 2 * hits >= len(classes):
            return domain
    return None


def _says(name: str, word: str) -> bool:
    end = "" if word.endswith("-") else r"(?:s|es)?\b"
    return re.search(rf"\b{re.escape(word.rstrip('-'))}{end}", name.lower().replace("_", " ")) is not None
