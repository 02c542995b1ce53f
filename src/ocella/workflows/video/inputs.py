"""Which input of a workflow takes the frames, and whether the others are given."""

from collections.abc import Mapping
from typing import Any

from ocella.errors import InvalidValue
from ocella.registry import did_you_mean
from ocella.workflows.kinds import ANY
from ocella.workflows.workflow import Workflow

__all__ = ["image_input_of"]


def image_input_of(workflow: Workflow, name: str, parameters: Mapping[str, Any]) -> str:
    """The input for the frames: the one asked for, else the only image input that has no parameter. Raises InvalidValue, also
    for parameters that are unknown or missing.
    """
    images = [i.name for i in workflow.inputs.values() if "image" in i.kinds and i.depth == 1]
    loose = [i.name for i in workflow.inputs.values() if i.kinds == {ANY} and i.depth == 1]
    if name:
        if name not in images + loose:
            raise InvalidValue(
                f"image_input must be an input that takes images, got '{name}'.{did_you_mean(name, images)}"
            )
    else:
        open_ = [i for i in images if i not in parameters] or images
        if len(open_) != 1:
            what = "several image inputs" if open_ else "no image input for the frames"
            raise InvalidValue(
                f"This workflow has {what}. Name one with image_input: {', '.join(open_ or loose) or 'add one'}."
            )
        name = open_[0]
    if name in parameters:
        raise InvalidValue(f"Input '{name}' takes the frames. Leave it out of the parameters.")
    for given in parameters:
        if given not in workflow.inputs:
            raise InvalidValue(f"This workflow has no input '{given}'.{did_you_mean(given, list(workflow.inputs))}")
    for item in workflow.inputs.values():
        optional = item.name in parameters or item.kinds == {"video_metadata"} or (item.has_default and not item.depth)
        if item.name != name and not optional:
            raise InvalidValue(f"Input '{item.name}' is missing. Give it in parameters.")
    return name
