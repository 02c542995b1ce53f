"""Where a crop lies in its root image, and when a picture was taken, as JSON."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ocella.errors import InvalidValue
from ocella.types import Moment, Origin

__all__ = ["ORIGIN_KEYS", "read_moment", "read_origin", "write_moment", "write_origin"]

ORIGIN_KEYS = frozenset({"parent_id", "parent_origin", "root_parent_id", "root_parent_origin"})


def write_origin(origin: Origin | None) -> dict[str, Any]:
    """`parent_id`, and for a crop where it lies; nothing for an unknown origin. Crops of crops are told from the root."""
    if origin is None:
        return {}
    if origin == Origin(origin.source):
        return {"parent_id": origin.source}
    height, width = origin.root_hw or (None, None)
    place: dict[str, Any] = {
        "offset_x": _short(origin.offset_xy[0]),
        "offset_y": _short(origin.offset_xy[1]),
        "width": width,
        "height": height,
    }
    if origin.scale_xy != (1.0, 1.0):
        place |= {"scale_x": origin.scale_xy[0], "scale_y": origin.scale_xy[1]}
    return {
        "parent_id": origin.source,
        "parent_origin": place,
        "root_parent_id": origin.source,
        "root_parent_origin": place,
    }


def read_origin(value: Mapping[str, Any]) -> Origin | None:
    """The origin that a JSON form carries, None where it says nothing. Raises InvalidValue."""
    place = value.get("root_parent_origin") or value.get("parent_origin")
    source = value.get("root_parent_id") or value.get("parent_id")
    if place is None:
        return None if source is None else Origin(str(source))
    try:
        offset = (
            float(place.get("offset_x", place.get("left_top_x", 0))),
            float(place.get("offset_y", place.get("left_top_y", 0))),
        )
        scale = float(place.get("scale_x", 1)), float(place.get("scale_y", 1))
        known = place.get("height") is not None and place.get("width") is not None
        root = (int(place["height"]), int(place["width"])) if known else None
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidValue(
            f"expected an origin with the numbers offset_x, offset_y, width, height, got {place!r}."
        ) from error
    return Origin(str(source or ""), offset, scale, root)


def write_moment(moment: Moment) -> dict[str, Any]:
    """Video metadata."""
    return {
        "video_identifier": moment.source,
        "frame_number": moment.index,
        "frame_timestamp": datetime.fromtimestamp(moment.taken_at, UTC).isoformat(),
        "fps": moment.fps,
        "comes_from_video_file": moment.is_file,
        "seconds": moment.seconds,
    }


def read_moment(value: Any) -> Moment:
    """A moment from video metadata or our JSON form; raises InvalidValue."""
    if isinstance(value, Moment):
        return value
    if not isinstance(value, Mapping):
        raise InvalidValue(f"expected video metadata, got {type(value).__name__}.")
    try:
        if "video_identifier" not in value:
            return Moment.from_json(dict(value))
        return _moment(value)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidValue(
            f"video metadata needs video_identifier, frame_number and frame_timestamp: {error}."
        ) from error


def _moment(value: Mapping[str, Any]) -> Moment:
    fps, number = float(value.get("fps") or 0), int(value["frame_number"])
    taken = _since_1970(value.get("frame_timestamp"))
    if value.get("seconds") is not None:
        seconds = float(value["seconds"])
    elif value.get("started_at"):
        seconds = max(taken - _since_1970(value["started_at"]), 0.0)
    else:
        seconds = max(number - 1, 0) / fps if fps > 0 else 0.0  # frames are counted from 1 there
    from_file = bool(value.get("comes_from_video_file"))
    return Moment(str(value["video_identifier"]), number, seconds, fps, taken, from_file)


def _since_1970(value: Any) -> float:
    """Seconds; a time without zone is UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return float(value or 0)


def _short(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
