"""Which classes two sides are compared on: by name, never by number."""

from collections.abc import Sequence

from ocella.errors import Mismatch
from ocella.types import Detections

__all__ = ["compared"]


def compared(
    predictions: Sequence[Detections], truths: Sequence[Detections], classes: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The names to compare: `classes`, which both sides must know, or else those of the truths, which the predictions
    must have too and no others. A side that is empty in every image knows any name. Raises Mismatch.
    """
    ours, theirs = _known(predictions), _known(truths)
    names = tuple(classes) if classes is not None else theirs or ours
    for side, known, values in (("predictions", ours, predictions), ("truths", theirs, truths)):
        absent = [name for name in names if name not in known]
        if absent and (known or any(len(v) for v in values)):
            raise Mismatch(
                f"The {side} do not know {_listed(absent)}, only {_listed(known)}. Rename them, or give `classes` that both know."
            )
    extra = [name for name in ours if name not in names]
    if classes is None and extra:
        raise Mismatch(
            f"The predictions have {_listed(extra)}, which the truths do not know. Give `classes` to compare only some."
        )
    return names


def _known(side: Sequence[Detections]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for classes in dict.fromkeys(v.classes for v in side) for name in classes))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
