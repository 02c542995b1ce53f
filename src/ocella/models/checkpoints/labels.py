"""Class names of a checkpoint's configuration."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch

__all__ = ["label_columns"]

_BLANK = ("N/A", "")


def label_columns(id2label: Mapping[int, str] | Mapping[str, str]) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Names of the real classes in order, and the column of the scores that each has. Places that COCO left free ("N/A")
    are no classes. Raises Mismatch where two columns have one name.
    """
    numbered = sorted((int(i), str(name).strip()) for i, name in id2label.items())
    kept = [(i, name) for i, name in numbered if name not in _BLANK]
    names = tuple(name for _, name in kept)
    if len(set(names)) != len(names):
        twice = sorted({n for n in names if names.count(n) > 1})
        raise Mismatch(f"The checkpoint names several classes {twice[0]!r}, so its answers would be ambiguous.")
    return names, np.array([i for i, _ in kept], np.int64)
