"""Arrays as fields of frozen values: converted, checked and made read-only at birth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue

__all__ = ["as_array", "check_unit", "same_arrays"]


def as_array(name: str, value: npt.ArrayLike, dtype: npt.DTypeLike, shape: Sequence[int | None]) -> npt.NDArray[Any]:
    """A read-only view of `value` as `dtype`; None in `shape` is any length. Raises InvalidValue."""
    try:
        array = np.asarray(value)
        if array.size == 0 and array.ndim != len(shape):
            array = array.reshape([0 if s is None else s for s in shape])
        if array.dtype != dtype:
            _check_integers(name, array, np.dtype(dtype))
            with np.errstate(over="ignore"):
                array = np.ascontiguousarray(array, dtype=dtype)
    except InvalidValue:
        raise
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"{name} must be numbers of type {np.dtype(dtype)}, got {type(value).__name__}.") from error
    if array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        want = "(" + ", ".join("n" if s is None else str(s) for s in shape) + ("," if len(shape) == 1 else "") + ")"
        raise InvalidValue(f"{name} must have shape {want}, got {array.shape}.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InvalidValue(f"{name} must be finite, got NaN or infinity.")
    view = array.view()
    view.flags.writeable = False
    return view


def _check_integers(name: str, array: npt.NDArray[Any], dtype: np.dtype[Any]) -> None:
    """No silent rounding or wrapping on the way to integers."""
    if dtype.kind not in "iu" or array.dtype.kind not in "iuf" or not array.size:
        return
    if not (array == np.rint(array)).all():
        raise InvalidValue(f"{name} must be whole numbers, got {array[array != np.rint(array)][0]}.")
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    if array.min() < low or array.max() > high:
        raise InvalidValue(f"{name} must be within {low}..{high}, got {array.min()} to {array.max()}.")


def check_unit(name: str, array: npt.NDArray[np.float32]) -> None:
    """Raise InvalidValue unless all is within 0..1, up to the rounding of a softmax."""
    wrong = array[(array < -1e-5) | (array > 1 + 1e-5)]
    if wrong.size:
        raise InvalidValue(f"{name} must be within 0..1, got {wrong[0]:.6g}. Apply the sigmoid or softmax first.")


def same_arrays(a: npt.NDArray[Any] | None, b: npt.NDArray[Any] | None) -> bool:
    """Equal in shape, type and every element."""
    if a is None or b is None:
        return a is b
    return a.dtype == b.dtype and np.array_equal(a, b)
