"""Parts of definitions that the steps over tracks share."""

from collections.abc import Mapping
from typing import Any

__all__ = ["metadata_as_image", "tracked_example", "tracking_example"]


def metadata_as_image(step: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """A step of a version that takes the metadata of the video, with the image in its place; `defaults` of that version."""
    kept = {k: v for k, v in step.items() if k not in ("metadata", "image")}
    source = step.get("metadata", step.get("image"))
    return defaults | kept | ({} if source is None else {"image": source})


def tracked_example(step: Mapping[str, Any], output: str) -> Mapping[str, Any]:
    """A definition that finds objects, tracks them and gives them to a step."""
    name = step["name"]
    return {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "trackers_bytetrack",
                "name": "track",
                "image": "$inputs.image",
                "detections": "$steps.find.predictions",
            },
            {**step, "image": "$inputs.image", "detections": "$steps.track.tracked_detections"},
        ],
        "outputs": [{"type": "JsonField", "name": output, "selector": f"$steps.{name}.{output}"}],
    }


def tracking_example(family: str) -> Mapping[str, Any]:
    """A definition that finds objects and tracks them."""
    return {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {"type": family, "name": "track", "image": "$inputs.image", "detections": "$steps.find.predictions"},
        ],
        "outputs": [{"type": "JsonField", "name": "tracked", "selector": "$steps.track.tracked_detections"}],
    }
