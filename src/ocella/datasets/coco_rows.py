"""Labels to COCO annotation entries and back, with the fields that COCO has no room for beside its own."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ocella.errors import DatasetError
from ocella.types import (
    Annotation,
    Answer,
    Classification,
    Detections,
    Keypoints,
    Label,
    Masks,
    SegmentationMap,
    Skeleton,
    Source,
    TextLines,
)

__all__ = ["from_rows", "to_rows"]

Row = dict[str, Any]


def to_rows(annotation: Annotation) -> Iterator[Row]:
    """One entry a row of the label, without ids of entry, image and source."""
    value = annotation.value
    if isinstance(value, Detections):
        rows = _detection_rows(value)
    elif isinstance(value, TextLines):
        rows = _text_rows(value)
    elif isinstance(value, Classification):
        rows = iter([_classification_row(value)])
    elif isinstance(value, SegmentationMap):
        rows = iter([_map_row(value)])
    else:
        rows = iter(
            [{"caption": value.text, "prompt": value.prompt, "parsed": value.parsed, "unparsed": value.unparsed}]
        )
    for row, state, note in zip(rows, annotation.state, annotation.note, strict=True):
        yield {**row, "state": state, **({"note": note} if note else {})}


def _detection_rows(found: Detections) -> Iterator[Row]:
    confidence = found.confidence.astype(np.str_).astype(np.float64)  # shortest digits that give the float32 back
    for i, (x1, y1, x2, y2) in enumerate(found.xyxy.astype(np.float64).tolist()):
        row: Row = {
            "category_id": int(found.class_id[i]) + 1,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": (x2 - x1) * (y2 - y1),
            "iscrowd": int(found.data["iscrowd"][i]) if "iscrowd" in found.data else 0,
            "score": float(confidence[i]),
        }
        if found.masks is not None:
            run = found.masks.run(i)
            row["segmentation"] = {"size": list(found.masks.size_hw), "counts": run.tolist()}
            row["area"] = int(run[1::2].sum())
        if found.keypoints is not None:
            row |= _keypoint_fields(found.keypoints, i)
        if found.track_id is not None:
            row["track_id"] = int(found.track_id[i])
        if found.data:
            row["attributes"] = {k: v[i].item() for k, v in found.data.items()}
        yield row


def _keypoint_fields(points: Keypoints, i: int) -> Row:
    seen = points.visible[i]
    flat = [n for (x, y), v in zip(points.xy[i].tolist(), seen, strict=True) for n in (x, y, 2 if v else 0)]
    scores = [float(s) for s in points.confidence[i].astype(np.str_)]
    return {"keypoints": flat, "num_keypoints": int(seen.sum()), "keypoint_scores": scores}


def _text_rows(lines: TextLines) -> Iterator[Row]:
    for polygon, text, score in zip(lines.polygons.astype(np.float64), lines.texts, lines.confidence, strict=True):
        (x1, y1), (x2, y2) = polygon.min(axis=0).tolist(), polygon.max(axis=0).tolist()
        yield {
            "category_id": 1,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": (x2 - x1) * (y2 - y1),
            "iscrowd": 0,
            "segmentation": [polygon.reshape(-1).tolist()],
            "text": text,
            "score": float(str(score)),
        }


def _classification_row(value: Classification) -> Row:
    best = int(np.argmax(value.confidence)) if len(value.classes) else 0
    scores = [float(s) for s in value.confidence.astype(np.str_)]
    return {"category_id": best + 1, "score": scores[best], "scores": scores, "multi_label": value.multi_label}


def _map_row(value: SegmentationMap) -> Row:
    flat = value.class_id.reshape(-1)
    ends = np.concatenate([np.flatnonzero(flat[1:] != flat[:-1]) + 1, [flat.size]])
    runs = np.diff(np.concatenate([[0], ends])).tolist()
    return {"semantic": {"size": list(value.class_id.shape), "runs": runs, "class_id": flat[ends - 1].tolist()}}


def from_rows(
    rows: Sequence[Row], source: Source, classes: tuple[str, ...], skeleton: Skeleton | None, task: str
) -> Annotation:
    """The label whose entries these are, all of one image and source; no rows mean looked at and nothing there."""
    state = tuple(r.get("state", "accepted") for r in rows)
    note = tuple(r.get("note", "") for r in rows)
    return Annotation(_value_of(rows, classes, skeleton, task), source, state, note)


def _value_of(rows: Sequence[Row], classes: tuple[str, ...], skeleton: Skeleton | None, task: str) -> Label:
    if not rows:
        return TextLines.empty() if task == "ocr" else Detections.empty(classes)
    first = rows[0]
    if "caption" in first:
        return Answer(first["caption"], first.get("prompt", ""), first.get("parsed"), first.get("unparsed", ""))
    if "scores" in first:
        return Classification(np.asarray(first["scores"], np.float32), classes, bool(first.get("multi_label", False)))
    if "semantic" in first:
        packed = first["semantic"]
        flat = np.repeat(np.asarray(packed["class_id"], np.int32), packed["runs"])
        return SegmentationMap(flat.reshape(packed["size"]), classes)
    if "text" in first:
        polygons = np.asarray([r["segmentation"][0] for r in rows], np.float32).reshape(-1, 4, 2)
        return TextLines(polygons, tuple(r["text"] for r in rows), np.asarray([r["score"] for r in rows], np.float32))
    return _detections_of(rows, classes, skeleton)


def _detections_of(rows: Sequence[Row], classes: tuple[str, ...], skeleton: Skeleton | None) -> Detections:
    try:
        boxes = np.asarray([r["bbox"] for r in rows], np.float64).reshape(-1, 4)
    except (KeyError, ValueError) as error:
        raise DatasetError(f"every entry needs a bbox of 4 numbers: {error}.") from error
    boxes[:, 2:] += boxes[:, :2]
    columns = sorted(set.intersection(*(set(r.get("attributes", {})) for r in rows)))
    return Detections(
        boxes.astype(np.float32),
        np.asarray([r.get("score", 1.0) for r in rows], np.float32),
        np.asarray([r["category_id"] - 1 for r in rows], np.int64),
        classes,
        masks=_masks_of(rows),
        keypoints=_keypoints_of(rows, skeleton),
        track_id=np.asarray([r["track_id"] for r in rows]) if all("track_id" in r for r in rows) else None,
        data={c: np.asarray([r["attributes"][c] for r in rows]) for c in columns},
    )


def _masks_of(rows: Sequence[Row]) -> Masks | None:
    packed = [r.get("segmentation") for r in rows]
    if not all(isinstance(p, dict) for p in packed):
        return None
    height, width = packed[0]["size"]  # type: ignore[index]  # all are dicts here
    return Masks.from_counts([p["counts"] for p in packed if p], (height, width))


def _keypoints_of(rows: Sequence[Row], skeleton: Skeleton | None) -> Keypoints | None:
    if skeleton is None or not all("keypoints" in r for r in rows):
        return None
    flat = np.asarray([r["keypoints"] for r in rows], np.float32).reshape(len(rows), len(skeleton.names), 3)
    visible = flat[..., 2] > 0
    scores = [r.get("keypoint_scores", v.astype(float).tolist()) for r, v in zip(rows, visible, strict=True)]
    return Keypoints(flat[..., :2], np.asarray(scores, np.float32), visible, skeleton)
