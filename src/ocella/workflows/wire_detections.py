"""Objects as JSON: {"image": {"width", "height"}, "predictions": [...]}, the response form of hosted inference, with what is
needed beside it to get the very same objects back: class names, whole masks, skeletons.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue
from ocella.ops.packed_runs import pack_runs, unpack_runs
from ocella.types import Detections, Keypoints, Masks, Skeleton
from ocella.workflows.wire_origin import ORIGIN_KEYS, read_origin, write_origin
from ocella.workflows.wire_plain import decimals, plain

__all__ = ["MaskForm", "detection_ids", "read_detections", "write_detections"]

MaskForm = Literal["both", "rle", "points"]
"""How masks are written: `rle` is exact; `points` is the outline of the largest part, without its holes."""

_OWN = ORIGIN_KEYS | {
    "x", "y", "width", "height", "confidence", "class", "class_id", "tracker_id", "points", "rle", "rle_mask", "mask_format",
    "keypoints", "box", "columns",
}  # fmt: skip
_MOST_CLASSES = 4096
Row = dict[str, Any]


def write_detections(found: Detections, masks: MaskForm = "both") -> dict[str, Any]:
    """The JSON form. Columns of `data` are further keys of each row."""
    height, width = found.size_hw or (None, None)
    out: dict[str, Any] = {"image": {"width": width, "height": height}}
    out |= write_origin(found.origin)
    out["classes"] = list(found.classes)
    if found.keypoints is not None:
        skeleton = found.keypoints.skeleton
        out["skeleton"] = {"names": list(skeleton.names), "edges": [list(e) for e in skeleton.edges]}
    if found.masks is not None:
        out["mask_size"] = list(found.masks.size_hw)
    ids = detection_ids(found)
    out["predictions"] = [_row(found, i, ids[i], masks) for i in range(len(found))]
    return out


def detection_ids(found: Detections) -> list[str]:
    """A name of each object: its own (`data["detection_id"]`), else one made from what and where it is, which is the same
    whenever it is asked for.
    """
    if "detection_id" in found.data:
        return [str(name) for name in found.data["detection_id"]]
    tracks = np.full(len(found), -1) if found.track_id is None else found.track_id
    place = repr(found.origin).encode()
    seen: dict[bytes, int] = {}
    names = []
    for i in range(len(found)):
        what = found.xyxy[i].tobytes() + found.confidence[i].tobytes() + found.names[i].encode() + tracks[i].tobytes()
        seen[what] = seen.get(what, -1) + 1
        digest = sha256(place + what + str(seen[what]).encode()).hexdigest()
        names.append(f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}")
    return names


def _row(found: Detections, i: int, name: str, masks: MaskForm) -> Row:
    x1, y1, x2, y2 = found.xyxy[i].astype(np.float64).tolist()
    row: Row = {"x": (x1 + x2) / 2, "y": (y1 + y2) / 2, "width": x2 - x1, "height": y2 - y1}
    row["confidence"] = decimals(found.confidence[i : i + 1])[0]
    row |= {"class": found.classes[found.class_id[i]], "class_id": int(found.class_id[i]), "detection_id": name}
    row |= write_origin(found.origin)
    if found.track_id is not None:
        row["tracker_id"] = int(found.track_id[i])
    if found.masks is not None:
        row |= _mask_row(found, i, masks)
    if found.keypoints is not None:
        row["keypoints"] = _point_rows(found.keypoints, i)
    return row | _column_row(found, i, [x1, y1, x2, y2])


def _mask_row(found: Detections, i: int, form: MaskForm) -> Row:
    masks = found.masks
    assert masks is not None
    row: Row = {"mask_format": "rle" if form == "rle" else "polygon"}
    if form != "rle":
        drawn = np.asarray(found.data["polygon"][i]) if "polygon" in found.data else np.zeros((0, 2))
        outline = drawn if len(drawn) > 2 else _outline(masks[i].dense()[0])
        row["points"] = [{"x": float(x), "y": float(y)} for x, y in outline]
    if form != "points":
        row["rle_mask"] = {"size": list(masks.size_hw), "counts": pack_runs(masks.run(i))}
    return row


def _outline(mask: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """The pixels (k, 2) around the largest part, three at least; none for an empty mask."""
    import cv2

    rings, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not rings:
        return np.zeros((0, 2))
    ring = np.asarray(max(rings, key=lambda r: (cv2.contourArea(r), len(r)))).reshape(-1, 2)
    return np.concatenate([ring, np.repeat(ring[-1:], max(0, 3 - len(ring)), axis=0)])


def _point_rows(points: Keypoints, i: int) -> list[Row]:
    return [
        {
            "x": float(points.xy[i, k, 0]),
            "y": float(points.xy[i, k, 1]),
            "confidence": decimals(points.confidence[i, k : k + 1])[0],
            "class_id": k,
            "class": name,
            "visible": bool(points.visible[i, k]),
        }
        for k, name in enumerate(points.skeleton.names)
    ]


def _column_row(found: Detections, i: int, box: list[float]) -> Row:
    values = {name: plain(column[i]) for name, column in found.data.items() if name != "detection_id"}
    row = {name: value for name, value in values.items() if name not in _OWN}
    rest = {name: value for name, value in values.items() if name in _OWN}
    if "width" in rest and "height" in rest:  # of a turned rectangle: in the box's place, as users of this form expect
        row |= {"width": rest.pop("width"), "height": rest.pop("height"), "box": box}
    return row | ({"columns": rest} if rest else {})


def read_detections(value: Any) -> Detections:
    """Objects from Detections, our JSON form, or the response form. Raises InvalidValue, naming the row."""
    if isinstance(value, Detections):
        return value
    if not isinstance(value, Mapping):
        raise InvalidValue(f"expected detections, got {type(value).__name__}.")
    if value.get("type") == "detections":
        return Detections.from_json(dict(value))
    rows = value.get("predictions")
    if not isinstance(rows, list) or not all(isinstance(r, Mapping) for r in rows):
        raise InvalidValue('expected detections as {"image": {"width", "height"}, "predictions": [...]}.')
    image = value.get("image") or {}
    height, width = image.get("height"), image.get("width")
    size_hw = None if height is None or width is None else (int(height), int(width))
    boxes = np.array([_box(i, row) for i, row in enumerate(rows)], np.float64).reshape(-1, 4)
    class_id, classes = _classes(rows, value.get("classes"))
    origin = read_origin(value)
    if origin is None and rows:
        origin = read_origin(rows[0])
    return Detections(
        boxes.astype(np.float32),
        np.array([_number(i, row, "confidence", 1.0) for i, row in enumerate(rows)], np.float32),
        class_id,
        classes,
        masks=_masks(rows, value.get("mask_size"), size_hw),
        keypoints=_keypoints(rows, value.get("skeleton")),
        track_id=_track_id(rows),
        data=_columns(rows),
        origin=origin,
        size_hw=size_hw,
    )


def _number(i: int, row: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = row.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue(f"predictions[{i}].{name} must be a number, got {value!r}.")
    return float(value)


def _box(i: int, row: Mapping[str, Any]) -> list[float]:
    if "box" in row:
        return [float(v) for v in row["box"]]
    x, y, width, height = (_number(i, row, name) for name in ("x", "y", "width", "height"))
    if width < 0 or height < 0:
        raise InvalidValue(f"predictions[{i}] must have width and height of at least 0, got {width} and {height}.")
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]


def _classes(
    rows: Sequence[Mapping[str, Any]], known: Sequence[str] | None
) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Class ids and names. Where rows do not agree on which name an id has, names count and ids are given anew."""
    ids = [int(row.get("class_id", -1)) for row in rows]
    names = [str(row["class"]) if "class" in row else f"class_{i}" for row, i in zip(rows, ids, strict=True)]
    if known is not None and all(0 <= i < len(known) and known[i] == n for i, n in zip(ids, names, strict=True)):
        return np.array(ids, np.int64), tuple(str(name) for name in known)
    pairs = set(zip(ids, names, strict=True))
    agreed = len(pairs) == len({i for i, _ in pairs}) == len({n for _, n in pairs})
    if known is None and agreed and all(0 <= i < _MOST_CLASSES for i in ids):
        by_id = dict(pairs)
        return np.array(ids, np.int64), tuple(by_id.get(i, f"class_{i}") for i in range(max(ids, default=-1) + 1))
    classes = tuple(dict.fromkeys([*(known or ()), *names]))
    return np.array([classes.index(name) for name in names], np.int64), classes


def _masks(
    rows: Sequence[Mapping[str, Any]], size: Sequence[int] | None, image_hw: tuple[int, int] | None
) -> Masks | None:
    packed = [row.get("rle_mask") or row.get("rle") for row in rows]
    have = [p is not None or row.get("points") is not None for p, row in zip(packed, rows, strict=True)]
    if not any(have):
        return Masks.empty((int(size[0]), int(size[1]))) if size is not None and not rows else None
    if not all(have):
        raise InvalidValue(f"predictions[{have.index(False)}] has neither rle_mask nor points, but others have.")
    sizes = [p["size"] for p in packed if p is not None]
    canvas = sizes[0] if sizes else size or image_hw
    if canvas is None:
        raise InvalidValue("masks given as points need the image's width and height.")
    size_hw = int(canvas[0]), int(canvas[1])
    try:
        runs = [_runs(p, row, size_hw) for p, row in zip(packed, rows, strict=True)]
    except (KeyError, TypeError) as error:
        raise InvalidValue(f'a mask must be {{"size": [height, width], "counts": text}}, got {error}.') from error
    return Masks.from_counts(runs, size_hw)


def _runs(packed: Any, row: Mapping[str, Any], size_hw: tuple[int, int]) -> list[int]:
    if packed is not None:
        counts = packed["counts"]
        return unpack_runs(counts) if isinstance(counts, str) else [int(c) for c in counts]
    import cv2

    ring = np.array([[p["x"], p["y"]] for p in row["points"]], np.float64).reshape(-1, 2)
    canvas = np.zeros(size_hw, np.uint8)
    if len(ring) > 2:
        cv2.fillPoly(canvas, [np.rint(ring).astype(np.int32)], (1,))
    return list(Masks.from_dense(canvas[None] > 0).run(0).tolist())


def _keypoints(rows: Sequence[Mapping[str, Any]], skeleton: Mapping[str, Any] | None) -> Keypoints | None:
    given = [row.get("keypoints") for row in rows]
    if skeleton is None and not any(given):
        return None
    if skeleton is not None:
        kept = Skeleton(tuple(skeleton["names"]), tuple((int(a), int(b)) for a, b in skeleton.get("edges", ())))
    else:
        named = {int(p["class_id"]): str(p.get("class", p["class_id"])) for points in given for p in points or ()}
        kept = Skeleton(tuple(named.get(k, f"point_{k}") for k in range(max(named) + 1)))
    shape = len(rows), len(kept.names)
    xy, confidence, visible = np.zeros((*shape, 2), np.float32), np.zeros(shape, np.float32), np.zeros(shape, bool)
    for i, points in enumerate(given):
        for point in points or ():
            k = int(point["class_id"])
            if not 0 <= k < shape[1]:
                raise InvalidValue(f"predictions[{i}].keypoints must have class_id within 0..{shape[1] - 1}, got {k}.")
            xy[i, k] = point["x"], point["y"]
            confidence[i, k] = point.get("confidence", 1.0)
            visible[i, k] = bool(point.get("visible", confidence[i, k] > 0))
    return Keypoints(xy, confidence, visible, kept)


def _track_id(rows: Sequence[Mapping[str, Any]]) -> npt.NDArray[np.int64] | None:
    given = [row.get("tracker_id") for row in rows]
    if not any(t is not None for t in given):
        return None
    if None in given:
        raise InvalidValue(f"predictions[{given.index(None)}] has no tracker_id, but others have.")
    return np.array([int(t) for t in given if t is not None], np.int64)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, npt.NDArray[Any]]:
    """Further keys of the rows, and what stood in the way of the form's own."""
    extra = [
        {
            **{k: v for k, v in row.items() if k not in _OWN},
            **row.get("columns", {}),
            **({k: row[k] for k in ("width", "height")} if "box" in row else {}),
        }
        for row in rows
    ]
    names = dict.fromkeys(name for row in extra for name in row)
    return {name: _column([row.get(name) for row in extra]) for name in names}


def _column(values: list[Any]) -> npt.NDArray[Any]:
    kinds = {type(v) for v in values}
    if kinds <= {int, float} or len(kinds) == 1:
        try:
            column = np.asarray(values)
        except ValueError:  # lists of different lengths
            pass
        else:
            if column.dtype != object and len(column) == len(values):
                return column
    column = np.empty(len(values), object)
    column[:] = values
    return column
