"""Values that go outside: whatever a workflow gives, as plain JSON."""

from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any, Literal

import numpy as np

from ocella.types import (
    Answer,
    Classification,
    DepthMap,
    Detections,
    Embedding,
    Image,
    Moment,
    SegmentationMap,
    TextLines,
)
from ocella.workflows.result import Result
from ocella.workflows.wire_detections import MaskForm, write_detections
from ocella.workflows.wire_origin import write_moment, write_origin
from ocella.workflows.wire_plain import Writers, plain
from ocella.workflows.wire_predictions import (
    write_classification,
    write_depth_map,
    write_segmentation_map,
    write_text_lines,
)
from ocella.workflows.workflow import Workflow

__all__ = ["ImageForm", "write_rows", "write_value"]

ImageForm = Literal["png", "jpeg", "shape"]
"""How images are written: without loss, smaller, or their size alone, for printing."""

_SECRET = "secret"  # noqa: S105  # a kind's name
_SHOWN = 64


def write_value(
    value: Any, *, images: ImageForm = "jpeg", masks: MaskForm = "both", kinds: Collection[str] = ()
) -> Any:
    """Any output as JSON. With `kinds` those of the output: what is a secret is masked. Raises InvalidValue for what JSON
    cannot hold.
    """
    if _SECRET in kinds:
        return _masked(value)
    writers: Writers = {
        Image: lambda image: _image(image, images),
        Detections: lambda found: write_detections(found, masks),
        Classification: write_classification,
        SegmentationMap: write_segmentation_map,
        DepthMap: write_depth_map,
        TextLines: write_text_lines,
        Embedding: lambda embedding: embedding.vector.tolist(),
        Answer: lambda answer: answer.text,
        Moment: write_moment,
    }
    return plain(value, {**writers, **_SHAPES} if images == "shape" else writers)


def write_rows(
    workflow: Workflow, result: Result, *, images: ImageForm = "jpeg", masks: MaskForm = "both"
) -> list[dict[str, Any]]:
    """The rows of a result as JSON. Outputs whose kind is a secret are masked, within `$steps.name.*` too."""
    steps = {step.name: step for step in workflow.steps}
    rows = []
    for row in result.rows:
        out: dict[str, Any] = {}
        for name, value in row.items():
            _, reference = workflow.outputs[name]
            if reference.name == "*" and reference.node in steps:
                out[name] = _all_outputs(value, steps[reference.node].outputs, images, masks)
            else:
                out[name] = write_value(value, images=images, masks=masks, kinds=reference.kinds)
        rows.append(out)
    return rows


def _all_outputs(value: Any, kinds: Mapping[str, frozenset[str]], images: ImageForm, masks: MaskForm) -> Any:
    if isinstance(value, list):
        return [_all_outputs(item, kinds, images, masks) for item in value]
    if not isinstance(value, Mapping):
        return write_value(value, images=images, masks=masks)
    return {n: write_value(v, images=images, masks=masks, kinds=kinds.get(n, ())) for n, v in value.items()}


def _image(image: Image, form: ImageForm) -> dict[str, Any]:
    if form == "shape":
        return {"type": "image", "width": image.width, "height": image.height}
    from ocella.media.write import encode_jpeg, encode_png

    data = encode_png(image) if form == "png" else encode_jpeg(image, 95)
    moment = None if image.moment is None else write_moment(image.moment)
    out = {"type": "base64", "value": b64encode(data).decode(), "video_metadata": moment}
    return out | (write_origin(image.origin) if image.origin.root_hw is not None else {})


def _masked(value: Any) -> Any:
    """Two characters at each end at most."""
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    if value is None:
        return None
    text = str(value)
    return "*" * 8 if len(text) < 8 else f"{text[:2]}{'*' * 8}{text[-2:]}"


def _size_of(kind: str, shape: tuple[int, ...]) -> dict[str, Any]:
    return {"type": kind, "width": shape[1], "height": shape[0]}


_SHAPES: Writers = {
    SegmentationMap: lambda v: {**_size_of("segmentation_map", v.class_id.shape), "classes": list(v.classes)},
    DepthMap: lambda v: {**_size_of("depth_map", v.depth.shape), "metric": v.metric},
    Embedding: lambda v: {"type": "embedding", "model": v.model, "length": len(v.vector)},
    bytes: lambda v: {"type": "bytes", "length": len(v)},
    np.ndarray: lambda v: plain(v.tolist()) if v.size <= _SHOWN else {"type": "array", "shape": list(v.shape)},
}
