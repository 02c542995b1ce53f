"""Sums, means and counts over time."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from numbers import Real
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.block import Block
from ocella.workflows.query import Operations

__all__ = ["UNITS"]

Mode = Literal["sum", "avg", "max", "min", "count", "distinct", "count_distinct", "values_counts", "values_difference"]


class DataAggregator(Block):
    """Gather values over `interval` seconds, minutes, hours or runs and then give one report; in between there is none. An
    output is named by its value and its mode, as `cars_avg`. `count`, `distinct`, `count_distinct` and `values_counts` take
    the items of a list one by one.
    """

    type = "data_aggregator@v1"
    stateful = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [
            {
                "type": "roboflow_object_detection_model",
                "name": "find",
                "image": "$inputs.image",
                "model_id": "nanodet-g",
            },
            {
                "type": "data_aggregator",
                "name": "report",
                "data": {"objects": "$steps.find.predictions"},
                "data_operations": {"objects": [{"type": "SequenceLength"}]},
                "aggregation_mode": {"objects": ["avg", "max"]},
                "interval": 1,
                "interval_unit": "minutes",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "most", "selector": "$steps.report.objects_max"}],
    }

    aggregation_mode: dict[str, list[Mode]]
    interval: Annotated[int, Field(gt=0)]
    interval_unit: Literal["seconds", "minutes", "hours", "runs"] = "seconds"
    data_operations: dict[str, Operations] = {}  # a default, never changed

    @classmethod
    def outputs(cls, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """One for each value and mode."""
        modes = step.get("aggregation_mode")
        names = step.get("data")
        if not isinstance(modes, Mapping) or not isinstance(names, Mapping):
            return {}
        return {f"{name}_{mode}": _GIVES.get(mode, Any) for name in names for mode in modes.get(name, [])}

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Modes and operations of values that there are not."""
        names = step.get("data")
        known = ", ".join(names) if isinstance(names, Mapping) else ""
        return [
            (field, f"names of data ({known})", f"Take '{name}' out, or add it to data.")
            for field in ("aggregation_mode", "data_operations")
            for name in step.get(field) or ()
            if isinstance(names, Mapping) and name not in names
        ]

    def setup(self) -> None:
        """The first interval begins."""
        self._begin()

    def run(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The report at the end of an interval, else nothing."""
        values = {name: self._value(name, value) for name, value in data.items()}
        for name, value in values.items():
            for mode in self.aggregation_mode.get(name, []):
                key = f"{name}_{mode}"
                if key not in self._gathered:
                    self._gathered[key] = _MODES[mode](key)
                if value is not None:
                    self._gathered[key].add(value)
        self._runs += 1
        if not self._is_over():
            return None
        report = {key: gathered.result() for key, gathered in self._gathered.items()}
        self._begin()
        return report

    def _value(self, name: str, value: Any) -> Any:
        chain = self.data_operations.get(name)
        return value if chain is None else chain(value)

    def _is_over(self) -> bool:
        if self.interval_unit == "runs":
            return self._runs >= self.interval
        return self.services.now() - self._began >= timedelta(**{self.interval_unit: self.interval})

    def _begin(self) -> None:
        self._began: datetime = self.services.now()
        self._runs = 0
        self._gathered: dict[str, _Gathered] = {}


class _Gathered(ABC):
    """Values of one interval."""

    def __init__(self, key: str) -> None:
        self.key = key

    @abstractmethod
    def add(self, value: Any) -> None:
        """One more."""

    @abstractmethod
    def result(self) -> Any:
        """What comes out."""

    def number(self, value: Any) -> Any:
        """A number; raises InvalidValue for anything else."""
        if isinstance(value, Real | np.number):
            return value
        raise InvalidValue(
            f"{self.key} expected a number, got {type(value).__name__}. Turn it into one with data_operations."
        )


class _Sum(_Gathered):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.sum: Any = 0
        self.count = 0

    def add(self, value: Any) -> None:
        self.sum += self.number(value)
        self.count += 1

    def result(self) -> Any:
        return self.sum


class _Mean(_Sum):
    def result(self) -> Any:
        return self.sum / self.count if self.count else None


class _Range(_Gathered):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.low: Any = None
        self.high: Any = None

    def add(self, value: Any) -> None:
        number = self.number(value)
        self.low = number if self.low is None else min(self.low, number)
        self.high = number if self.high is None else max(self.high, number)

    def result(self) -> Any:
        return None if self.low is None else self.high - self.low


class _Least(_Range):
    def result(self) -> Any:
        return self.low


class _Most(_Range):
    def result(self) -> Any:
        return self.high


class _Count(_Gathered):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.count = 0

    def add(self, value: Any) -> None:
        listed = isinstance(value, list | tuple | set | frozenset | dict | np.ndarray | Detections)
        self.count += len(value) if listed else 1

    def result(self) -> Any:
        return self.count


class _Counts(_Gathered):
    """How often each value came, by the value, or its text where it does not hash."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.counts: dict[Any, int] = {}
        self.values: dict[Any, Any] = {}

    def add(self, value: Any) -> None:
        items: Iterable[Any] = value if isinstance(value, list | tuple | set | frozenset) else [value]
        for item in items:
            key = item if _hashes(item) else repr(item)
            self.counts[key] = self.counts.get(key, 0) + 1
            self.values.setdefault(key, item)

    def result(self) -> Any:
        return self.counts


class _Distinct(_Counts):
    def result(self) -> Any:
        return list(self.values.values())


class _CountDistinct(_Counts):
    def result(self) -> Any:
        return len(self.values)


def _hashes(item: Any) -> bool:
    try:
        hash(item)
    except TypeError:
        return False
    return True


_MODES: Mapping[str, type[_Gathered]] = {
    "sum": _Sum, "avg": _Mean, "max": _Most, "min": _Least, "count": _Count, "distinct": _Distinct,
    "count_distinct": _CountDistinct, "values_counts": _Counts, "values_difference": _Range,
}  # fmt: skip
_GIVES: Mapping[str, Any] = {
    "count": int,
    "count_distinct": int,
    "distinct": list[Any],
    "values_counts": dict[Any, int],
    **dict.fromkeys(("sum", "avg", "max", "min", "values_difference"), float),
}

UNITS = (DataAggregator,)
