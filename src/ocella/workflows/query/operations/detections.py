"""Operations on objects."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.query.conditions import THE_VALUE, Condition
from ocella.workflows.query.operation import operation
from ocella.workflows.query.rows import Property, Row, column
from ocella.workflows.wire_detections import write_detections

__all__ = []

Parameters = Mapping[str, Any] | None

_OBJECTS = "object_detection_prediction instance_segmentation_prediction keypoint_detection_prediction"
_POINTS = ("center", "top_left", "top_right", "bottom_left", "bottom_right")


@operation("DetectionsPropertyExtract", _OBJECTS, "list_of_values", Detections)
def _properties(property_name: Property) -> Callable[[Detections], list[Any]]:
    """One property of every object, None where it has none. Points come as whole pixels."""
    if property_name in _POINTS:
        return lambda found: [np.rint(point).astype(int).tolist() for point in column(found, property_name)]
    return lambda found: column(found, property_name)


@operation("ExtractDetectionProperty", "detection", "*", (Row, Detections))
def _property(property_name: Property) -> Callable[[Any], Any]:
    """One property of one object, None where it has none. A point is a pair of numbers, not rounded."""

    def of(value: Row | Detections) -> Any:
        if isinstance(value, Row):
            return value.get(property_name)
        if len(value) != 1:
            raise InvalidValue(f"ExtractDetectionProperty expected one object, got {len(value)}. Select one before.")
        return Row(value, 0).get(property_name)

    return of


@operation("DetectionsFilter", _OBJECTS, _OBJECTS, Detections, named=True)
def _filter(filter_operation: Condition) -> Callable[[Detections, Parameters], Detections]:
    """The objects that the condition holds for; it knows each of them as `_`, and the parameters by name."""

    def keep(found: Detections, parameters: Parameters) -> Detections:
        values = dict(parameters or {})
        kept = []
        for row in Row.of(found):
            values[THE_VALUE] = row
            kept.append(filter_operation(values))
        return found if all(kept) else found[np.array(kept, bool)]

    return keep


@operation("DetectionsOffset", _OBJECTS, _OBJECTS, Detections)
def _offset(offset_x: int, offset_y: int) -> Callable[[Detections], Detections]:
    """Boxes wider by `offset_x` and higher by `offset_y` pixels in all, about their centres; never less than nothing."""
    by = np.array([-offset_x / 2, -offset_y / 2, offset_x / 2, offset_y / 2], np.float32)

    def grow(found: Detections) -> Detections:
        boxes = found.xyxy + by
        middle = (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2
        low, high = np.minimum(boxes[:, :2], middle), np.maximum(boxes[:, 2:], middle)
        return found.replace(xyxy=np.concatenate([low, high], axis=1))

    return grow


@operation("DetectionsShift", _OBJECTS, _OBJECTS, Detections)
def _shift(shift_x: int, shift_y: int) -> Callable[[Detections], Detections]:
    """Boxes moved to the right and down."""
    by = np.array([shift_x, shift_y, shift_x, shift_y], np.float32)
    return lambda found: found.replace(xyxy=found.xyxy + by)


_SELECT: Mapping[str, Callable[[Detections], int]] = {
    "left_most": lambda found: int(np.argmin(found.xyxy[:, 0] + found.xyxy[:, 2])),
    "right_most": lambda found: int(np.argmax(found.xyxy[:, 0] + found.xyxy[:, 2])),
    "top_confidence": lambda found: int(np.argmax(found.confidence)),
    "first": lambda _: 0,
    "last": lambda found: len(found) - 1,
}


@operation("DetectionsSelection", _OBJECTS, _OBJECTS, Detections)
def _select(
    mode: Literal["left_most", "right_most", "top_confidence", "first", "last"],
) -> Callable[[Detections], Detections]:
    """One object, the first among equals: by its centre, its confidence or its place. None where there is none."""
    pick = _SELECT[mode]
    return lambda found: found[pick(found)] if len(found) else found


_SORT: Mapping[str, Callable[[Detections], Any]] = {
    "confidence": lambda found: found.confidence,
    "x_min": lambda found: found.xyxy[:, 0],
    "x_max": lambda found: found.xyxy[:, 2],
    "y_min": lambda found: found.xyxy[:, 1],
    "y_max": lambda found: found.xyxy[:, 3],
    "size": lambda found: found.area,
    "center_x": lambda found: found.xyxy[:, 0] + found.xyxy[:, 2],
    "center_y": lambda found: found.xyxy[:, 1] + found.xyxy[:, 3],
}


@operation("SortDetections", _OBJECTS, _OBJECTS, Detections)
def _sort(
    mode: Literal["confidence", "x_min", "x_max", "y_min", "y_max", "size", "center_x", "center_y"],
    ascending: bool = True,  # noqa: FBT001, FBT002  # a field of the JSON
) -> Callable[[Detections], Detections]:
    """In the order of a property; equal ones stay in theirs."""
    key, sign = _SORT[mode], 1 if ascending else -1
    return lambda found: found[np.argsort(sign * key(found), kind="stable")]


@operation("PickDetectionsByParentClass", _OBJECTS, _OBJECTS, Detections)
def _within(parent_class: str) -> Callable[[Detections], Detections]:
    """Objects of `parent_class`, then those of other classes whose centre lies in the box of one of them."""

    def pick(found: Detections) -> Detections:
        is_parent = np.array([name == parent_class for name in found.names], bool)
        parents, centers = found.xyxy[is_parent], (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2
        inside = (centers[:, None] >= parents[None, :, :2]) & (centers[:, None] <= parents[None, :, 2:])
        children = inside.all(axis=2).any(axis=1) & ~is_parent
        return found[np.concatenate([np.flatnonzero(is_parent), np.flatnonzero(children)])]

    return pick


@operation("DetectionsToDictionary", _OBJECTS, "dictionary", Detections)
def _to_dictionary() -> Callable[[Detections], dict[str, Any]]:
    """As the response of an inference server: the image's size and a list of predictions."""
    return write_detections


@operation("DetectionsRename", _OBJECTS, _OBJECTS, Detections, named=True)
def _rename(
    class_map: dict[str, str] | str,
    strict: bool | str = True,  # noqa: FBT001, FBT002  # a field of the JSON
    new_classes_id_offset: int = 1024,
) -> Callable[[Detections, Parameters], Detections]:
    """Other names for classes. A text names the parameter that holds the map, or `strict`: then every class that was found
    must be in the map. `new_classes_id_offset` means nothing here: ids are places in the list of classes.
    """
    del new_classes_id_offset

    def rename(found: Detections, parameters: Parameters) -> Detections:
        names = _parameter("class_map", class_map, parameters) if isinstance(class_map, str) else class_map
        if not isinstance(names, Mapping):
            raise InvalidValue(
                f"'class_map' of DetectionsRename must be a mapping of names, got {type(names).__name__}."
            )
        must = _parameter("strict", strict, parameters) if isinstance(strict, str) else strict
        return _renamed(found, names, strict=bool(must))

    return rename


def _parameter(field: str, name: str, parameters: Parameters) -> Any:
    if parameters is None or name not in parameters:
        known = ", ".join(f"'{n}'" for n in parameters or ()) or "none"
        raise InvalidValue(f"'{field}' of DetectionsRename names the parameter '{name}', but there are: {known}.")
    return parameters[name]


def _renamed(found: Detections, names: Mapping[str, str], *, strict: bool) -> Detections:
    """Strict: the new names in alphabetical order. Else known classes stay where they are and new ones follow."""
    lacking = sorted(set(found.names) - set(names))
    if strict and lacking:
        raise InvalidValue(
            f"'class_map' of DetectionsRename has no name for {', '.join(lacking)}. Add it, or set 'strict' to false."
        )
    if strict:
        classes = sorted(set(names.values()))
    else:
        classes = list(dict.fromkeys([*found.classes, *sorted(set(names.values()))]))
    place = {name: i for i, name in enumerate(classes)}
    ids = np.array([place[names.get(name, name)] for name in found.names], np.int64)
    return found.replace(classes=tuple(classes), class_id=ids)
