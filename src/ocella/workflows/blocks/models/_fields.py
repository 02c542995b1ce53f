"""Answers with named fields, each an output of its own: the form of older blocks that ask language models."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from ocella.models.language.answer import find_json
from ocella.types import Image
from ocella.workflows.blocks.models._model import ParentId
from ocella.workflows.kinds import Is

__all__ = ["ABSENT", "about", "field_outputs", "with_fields", "worded"]

ABSENT = "not_detected"
"""The value of a field that an answer does not have."""


def field_outputs(fields: Any) -> dict[str, Any]:
    """What comes out beside the text: the fields together and one by one, and facts about the image."""
    names = fields if isinstance(fields, Mapping) else ()
    return {
        "parent_id": ParentId,
        "root_parent_id": ParentId,
        "image": Annotated[dict[str, Any], Is("image_metadata")],
        "structured_output": dict[str, Any],
        "raw_output": str,
        **{str(name): Any for name in names},
    }


def worded(prompt: str, fields: Mapping[str, str]) -> str:
    """A prompt that asks for the fields."""
    if not fields:
        return prompt
    form = json.dumps(dict(fields), indent=1, ensure_ascii=False)
    return (
        f"{prompt}\n\nAnswer with JSON and nothing else: an object with the keys below. Beside each key stands what its value "
        f"tells.\n{form}"
    )


def with_fields(text: str, fields: Mapping[str, str], image: Image) -> dict[str, Any]:
    """The outputs of one answer."""
    found = find_json(text).value
    values = found if isinstance(found, Mapping) else {}
    structured = {name: values.get(name, ABSENT) for name in fields}
    return {**structured, **about(image), "structured_output": structured, "raw_output": text}


def about(image: Image) -> dict[str, Any]:
    """Facts about an image."""
    source = image.origin.source
    return {
        "parent_id": source,
        "root_parent_id": source,
        "image": {"width": image.width, "height": image.height},
    }
