"""Numbers as people read them."""

import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real

import numpy as np

__all__ = ["MISSING", "is_number", "number", "numbers", "places"]

MISSING = "\u2013"


def is_number(value: object) -> bool:
    """True for ints and floats, of Python or numpy; not for bools."""
    return isinstance(value, Real) and not isinstance(value, bool)


def places(values: Iterable[float]) -> int:
    """How many decimals a column of these values needs to be read side by side."""
    sizes = [abs(float(value)) for value in values if math.isfinite(float(value))]
    largest = max(sizes, default=0.0)
    for limit, decimals in ((1.5, 3), (10.0, 2), (1000.0, 1)):
        if largest < limit:
            return decimals
    return 0


def number(value: object, decimals: int | None = None) -> str:
    """One value: `12,345`, `0.905`, `8.2e-05`; a dash where it is None, NaN or infinite."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}"
    if isinstance(value, Real):
        return _real(float(value), decimals)
    return MISSING if value is None else str(value)


def _real(value: float, decimals: int | None) -> str:
    if not math.isfinite(value):
        return MISSING
    kept = places([value]) if decimals is None else decimals
    is_lost = value != 0 and abs(value) < 0.5 * 10.0**-kept
    return f"{value:.2g}" if is_lost else f"{value:,.{kept}f}"


def numbers(values: Sequence[object]) -> list[str]:
    """A column of values, floats with the same number of decimals."""
    floats = [float(v) for v in values if isinstance(v, Real) and not isinstance(v, (bool, Integral))]
    decimals = places(floats)
    return [number(value, decimals) for value in values]
