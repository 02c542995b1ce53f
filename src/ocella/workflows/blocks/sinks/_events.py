"""Events: what happened, as services that keep vision events want to be told."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ocella.types import Classification, Detections
from ocella.workflows.blocks.sinks._base import Sink
from ocella.workflows.blocks.sinks._message import as_json
from ocella.workflows.blocks.sinks._web import send

__all__ = ["EventSink", "annotations", "posted"]

_FACTS: Mapping[str, Mapping[str, str]] = {
    "quality_check": {"result": "qc_result", "externalId": "external_id"},
    "inventory_count": {
        "location": "location",
        "itemCount": "item_count",
        "itemType": "item_type",
        "externalId": "external_id",
    },
    "safety_alert": {
        "alertType": "alert_type",
        "severity": "severity",
        "description": "alert_description",
        "externalId": "external_id",
    },
    "custom": {"value": "custom_value", "externalId": "external_id"},
    "operator_feedback": {"relatedEventId": "related_event_id", "feedback": "feedback"},
}
"""Which fields an event of each kind tells, under which names."""


class EventSink(Sink):
    """Fields of events of all kinds."""

    external_id: str | None = None
    qc_result: Literal["pass", "fail"] | None = None
    location: str | None = None
    item_count: int | None = None
    item_type: str | None = None
    alert_type: str | None = None
    severity: Literal["low", "medium", "high"] | None = None
    alert_description: str | None = None
    custom_value: str | None = None
    custom_metadata: dict[str, Any] = {}  # a default, never changed

    def facts(self, kind: str) -> dict[str, Any]:
        """What an event of this kind tells."""
        found = {name: getattr(self, field) for name, field in _FACTS[kind].items()}
        return {name: value for name, value in found.items() if value is not None}

    def metadata(self) -> dict[str, Any]:
        """Further facts, as JSON."""
        return {name: as_json(value) for name, value in self.custom_metadata.items()}


def annotations(found: Sequence[Detections | Classification | None]) -> dict[str, list[dict[str, Any]]]:
    """What models found, by kind; boxes by their centre, in pixels."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for value in found:
        if isinstance(value, Classification):
            rows = [{"class": name, "confidence": sure} for name, sure in value.top(len(value.classes))]
            lists.setdefault("classifications", []).extend(rows)
        elif value is not None and len(value):
            kind = (
                "keypoints"
                if value.keypoints is not None
                else "instanceSegmentations"
                if value.masks is not None
                else "objectDetections"
            )
            lists.setdefault(kind, []).extend(_rows(value))
    return {kind: rows for kind, rows in lists.items() if rows}


def posted(url: str, event: Mapping[str, Any], *, api_key: str, private: bool, timeout: float) -> str:
    """Tell an event service; the id that it gives. Raises ConnectionError."""
    headers = {"X-API-Key": api_key} if api_key else {}
    target = f"{url.rstrip('/')}/v2/events"
    answer = send("POST", target, private=private, timeout=timeout, headers=headers, json=dict(event)).checked().json()
    return str(answer.get("id", "")) if isinstance(answer, Mapping) else ""


def _rows(found: Detections) -> list[dict[str, Any]]:
    rows = []
    outlines = [] if found.masks is None or found.keypoints is not None else found.masks.polygons()
    for i, (x1, y1, x2, y2) in enumerate(found.xyxy.tolist()):
        row: dict[str, Any] = {
            "class": found.names[i], "x": (x1 + x2) / 2, "y": (y1 + y2) / 2, "width": x2 - x1, "height": y2 - y1,
            "confidence": float(found.confidence[i]),
        }  # fmt: skip
        if found.keypoints is not None:
            row["keypoints"] = [{"id": k, "x": x, "y": y} for k, (x, y) in enumerate(found.keypoints.xy[i].tolist())]
        elif outlines and outlines[i]:
            row["points"] = max((part.outer for part in outlines[i]), key=_area).tolist()
        rows.append(row)
    return rows


def _area(ring: Any) -> float:
    import numpy as np

    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))
