"""The outputs of a run as rows, one an input image."""

from collections.abc import Mapping
from typing import Any

from ocella.ops.crop import to_root
from ocella.types import Detections, Origin
from ocella.workflows.columns import Columns
from ocella.workflows.kinds import DETECTIONS
from ocella.workflows.workflow import ROOT, Workflow

__all__ = ["rows_of"]

_MAY_HOLD_DETECTIONS = DETECTIONS | {"*", "list_of_values", "dictionary", "serialised_payloads"}


def rows_of(workflow: Workflow, columns: Columns) -> tuple[Mapping[str, Any], ...]:
    """Each output nested as deep as its level; one that is the same for all stands in every row."""
    batched = any(reference.lineage[:1] == ROOT for _, reference in workflow.outputs.values())
    size = columns.levels[ROOT].size if batched else 1
    by_name: dict[str, list[Any]] = {}
    for name, (output, reference) in workflow.outputs.items():
        column = columns.values[reference.key]
        if not output.own and reference.kinds & _MAY_HOLD_DETECTIONS:
            column = [_at_root(value) for value in column]
        if reference.lineage[:1] == ROOT:
            by_name[name] = columns.nested(column, reference.lineage, 1)
        else:
            whole = columns.nested(column, reference.lineage, 0)
            by_name[name] = [whole[0]] * size
    return tuple({name: column[row] for name, column in by_name.items()} for row in range(size))


def _is_part(origin: Origin, size_hw: tuple[int, int] | None) -> bool:
    moved = (origin.offset_xy, origin.scale_xy) != (Origin.offset_xy, Origin.scale_xy)
    return moved or origin.root_hw not in (None, size_hw)


def _at_root(value: Any) -> Any:
    """Objects found on crops, in pixels of the root image; inside lists and mappings too."""
    if isinstance(value, Detections):
        origin = value.origin
        return to_root(value, origin) if origin is not None and _is_part(origin, value.size_hw) else value
    if isinstance(value, list):
        return [_at_root(item) for item in value]
    if isinstance(value, dict):
        return {key: _at_root(item) for key, item in value.items()}
    return value
