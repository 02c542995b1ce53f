"""A naive interpreter of definitions made of the arithmetic blocks: one element at a time, by its indices, with no code of
the engine. It knows by itself what each block does.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["Naive"]

Path = tuple[int, ...]


class Naive:
    """`rows` and `failed`, the elements (step, path) that a block refuses."""

    def __init__(self, definition: Mapping[str, Any], inputs: Mapping[str, Any], size: int) -> None:
        self.steps = {s["name"]: s for s in definition["steps"]}
        gates = [s for s in self.steps.values() if s["type"] == "gate"]
        self.lets = {t.removeprefix("$steps."): gate["name"] for gate in gates for t in gate["next_steps"]}
        self.inputs = inputs
        self.failed: set[tuple[str, Path]] = set()
        self.memo: dict[tuple[str, Path], Any] = {}
        for name in self.steps:
            for path in self.paths(self.base(name), size):
                self.result(name, path)
        outputs = [(o["name"], o["selector"]) for o in definition["outputs"]]
        self.rows = [{name: self.nested(text, (row,)) for name, text in outputs} for row in range(size)]

    def base(self, name: str) -> list[str] | None:
        """The fans that made the levels a step runs on, below the images; None for once in all."""
        for field, text in self.sources(name):
            levels = self.levels(text)
            if levels is not None:
                return levels[:-1] if field == "parts" else levels
        return self.base(self.lets[name]) if name in self.lets else None

    def levels(self, text: str) -> list[str] | None:
        """The same for a value."""
        name = text.split(".")[1]
        if text.startswith("$inputs"):
            return [] if isinstance(self.inputs[name], list) else None
        base = self.base(name)
        return [*(base or []), name] if self.steps[name]["type"] == "fan" else base

    def sources(self, name: str) -> Iterator[tuple[str, str]]:
        for field, value in self.steps[name].items():
            for text in value if isinstance(value, list) else [value]:
                if field != "next_steps" and isinstance(text, str) and text.startswith("$"):
                    yield field, text

    def paths(self, levels: list[str] | None, size: int) -> Iterator[Path]:
        if levels is None:
            yield ()
            return
        paths: list[Path] = [(row,) for row in range(size)]
        for fan in levels:
            paths = [(*path, i) for path in paths for i in range(len(self.result(fan, path) or []))]
        yield from paths

    def value(self, text: Any, path: Path) -> Any:
        """A value for an element: that of the level it lies on."""
        if not (isinstance(text, str) and text.startswith("$")):
            return text
        name = text.split(".")[1]
        levels = self.levels(text)
        own = () if levels is None else path[: 1 + len(levels)]
        if text.startswith("$inputs"):
            return self.inputs[name][own[0]] if own else self.inputs[name]
        if self.steps[name]["type"] == "fan":
            whole = self.result(name, own[:-1])
            return None if whole is None else whole[own[-1]]
        found = self.result(name, own)
        return found[text.split(".")[2]] if isinstance(found, dict) else found

    def below(self, text: str, path: Path) -> list[Any] | None:
        """Everything one level below an element; None where no list was made."""
        whole = self.result((self.levels(text) or [])[len(path) - 1], path)
        return None if whole is None else [self.value(text, (*path, i)) for i in range(len(whole))]

    def nested(self, text: str, path: Path) -> Any:
        levels = self.levels(text)
        if levels is None or len(levels) == len(path) - 1:
            return self.value(text, path)
        whole = self.result(levels[len(path) - 1], path)
        return [self.nested(text, (*path, i)) for i in range(len(whole or []))]

    def result(self, name: str, path: Path) -> Any:
        if (name, path) not in self.memo:
            self.memo[name, path] = self.compute(name, path)
        return self.memo[name, path]

    def compute(self, name: str, path: Path) -> Any:
        gate = self.lets.get(name)
        if gate is not None:
            base = self.base(gate)
            if name not in (self.result(gate, () if base is None else path[: 1 + len(base)]) or []):
                return None
        taken: dict[str, Any] = {}
        for field, value in self.steps[name].items():
            if field == "parts":
                parts = self.below(value, path)
                taken[field] = None if parts is None else [v for v in parts if v is not None]
            elif field == "data":
                taken[field] = [self.value(v, path) for v in value]
            elif field not in ("name", "type", "next_steps"):
                taken[field] = self.value(value, path)
        if self.steps[name]["type"] != "first" and None in taken.values():
            return None
        try:
            return perform(self.steps[name], taken)
        except ArithmeticError:
            self.failed.add((name, path))
            return None


def perform(step: Mapping[str, Any], taken: Mapping[str, Any]) -> Any:
    """What each block gives."""
    kind, a = step["type"], taken.get("a", 0)
    total = a + taken.get("b", 0) + taken.get("plus", 0)
    if (kind == "add" and total % 11 == 7) or (kind == "both" and a % 13 == 5):
        raise ArithmeticError
    names = [t.removeprefix("$steps.") for t in step.get("next_steps", [])]
    ways: dict[str, Callable[[], Any]] = {
        "add": lambda: total,
        "half": lambda: a // 2 if a % 2 == 0 else None,
        "both": lambda: {"double": 2 * a, "negative": -a},
        "fan": lambda: [a * 3 + i for i in range(a % 4)],
        "total": lambda: sum(taken["parts"]),
        "total_with": lambda: taken["base"] * 100 + sum(taken["parts"]),
        "first": lambda: next((v for v in taken["data"] if v is not None), -1),
        "gate": lambda: names if a % step["of"] == 0 else [],
    }
    return ways[kind]()
