"""Blocks that a definition brings as Python code. They compile like any other and run in a process of their own, which may
compute and nothing else (see `sandbox`); off until the operator allows "custom-code".
"""

import inspect
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from ocella.errors import CodeFailed, InvalidValue
from ocella.types import Classification, Detections, Embedding
from ocella.workflows.block import Batch, Block, Many
from ocella.workflows.kinds import ANY, KINDS
from ocella.workflows.problems import Problem
from ocella.workflows.sandbox.code import Code
from ocella.workflows.sandbox.codec import Batched
from ocella.workflows.sandbox.manifest import Manifest, annotation_of, read_manifest
from ocella.workflows.sandbox.process import Limits, Worker
from ocella.workflows.selectors import is_selector
from ocella.workflows.services import Services
from ocella.workflows.wire_in import read_value

__all__ = ["CustomBlock", "custom_blocks"]

_MANY: Any = Many  # applied to hints that only a run knows
_BATCH: Any = Batch


def custom_blocks(definitions: Sequence[Mapping[str, Any]], problems: list[Problem]) -> dict[str, type[Block]]:
    """A class for each definition, by type; what is wrong with one goes to the problems."""
    found: dict[str, type[Block]] = {}
    for definition in definitions:
        read = read_manifest(definition, problems)
        if read is None:
            continue
        manifest = read[0]
        if manifest.type in found:
            expected = "a block_type of its own"
            problems.append(
                Problem(f"custom block {manifest.type}", "manifest.block_type", manifest.type, expected, "Rename one.")
            )
        found[manifest.type] = _class_of(json.dumps(definition, sort_keys=True, default=repr))
    return found


class CustomBlock(Block):
    """Custom Python code. `printed` holds what it printed last."""

    stateful = True
    slow = True
    manifest: ClassVar[Manifest]
    code: ClassVar[Code]

    def setup(self) -> None:
        """Refuses where code is not allowed; the process starts with the first call."""
        services = self.services
        services.require("custom-code", f"Step '{self.step}' ({self.type})")
        limits = Limits(seconds=services.code_seconds, memory_mb=services.code_memory_mb)
        self._worker = Worker(self.step, self.code, limits)

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    @property
    def printed(self) -> list[str]:
        """The last thousand lines that the code printed."""
        return self._worker.printed

    @classmethod
    def outputs(cls, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """As the manifest declares them."""
        del step
        return {name: annotation_of(kinds) for name, kinds in cls.manifest.outputs.items()}

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Constants of another type than the manifest declares."""
        found = []
        for taken in cls.manifest.inputs:
            value = step.get(taken.name)
            given = taken.name in step and not _is_selected(value) and value is not taken.default
            if given and not taken.takes(value):
                expected = " or ".join(taken.values) if taken.values else "a selector"
                found.append((taken.name, expected, f"The manifest of '{cls.manifest.type}' says so."))
        return found

    def _call(self, values: Sequence[Any]) -> Any:
        """One call of the function: values of one element, or of all."""
        manifest = self.manifest
        arguments: dict[str, Any] = {}
        for taken, value in zip(manifest.inputs, values, strict=True):
            if manifest.batch and taken.name not in self.varying | manifest.forced:
                arguments[taken.name] = value[0] if value else None
            elif manifest.batch:
                arguments[taken.name] = Batched(
                    [Batched(v) if taken.many and isinstance(v, list) else v for v in value]
                )
            else:
                arguments[taken.name] = Batched(value) if taken.many and isinstance(value, list) else value
        answer = self._worker.call(arguments)
        if not manifest.batch:
            return self._element(answer)
        if not isinstance(answer, list | tuple):
            raise self._wrong("a list with one result for each element", answer)
        return [self._element(item) for item in answer]

    def _element(self, answer: Any) -> Any:
        if not self.manifest.deeper:
            return self._row(answer)
        if answer is None:
            return None
        if not isinstance(answer, list | tuple):
            raise self._wrong("a list of dictionaries, one for each value one level deeper", answer)
        return [self._row(item) or dict.fromkeys(self.manifest.outputs) for item in answer]

    def _row(self, answer: Any) -> dict[str, Any] | None:
        outputs = self.manifest.outputs
        if answer is None:
            return None
        if not isinstance(answer, Mapping):
            raise self._wrong(f"a dictionary with {_list(outputs)}", answer)
        missing = [name for name in outputs if name not in answer]
        if missing:
            raise CodeFailed(
                f"The code of '{self.step}' must return {_list(outputs)}, got {_list(answer) or 'nothing'} without {_list(missing)}."
            )
        return {name: self._value(name, answer[name]) for name in outputs}

    def _value(self, name: str, value: Any) -> Any:
        try:
            return _as_kind(value, self.manifest.outputs[name])
        except InvalidValue as error:
            raise CodeFailed(f"Output '{name}' of the code of '{self.step}': {error}") from error

    def _wrong(self, expected: str, answer: Any) -> CodeFailed:
        return CodeFailed(f"The code of '{self.step}' must return {expected}, got {type(answer).__name__}.")


@lru_cache(maxsize=256)
def _class_of(definition: str) -> type[CustomBlock]:
    """One class for one text, so that a session that is updated knows its steps again."""
    read = read_manifest(json.loads(definition), [])
    assert read is not None
    manifest, code = read

    def run(self: CustomBlock, *values: Any) -> Any:
        return self._call(values)

    slots, hints = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)], {}
    for taken in manifest.inputs:
        hint: Any = annotation_of(taken.kinds)
        hint = _MANY[hint] if taken.many else hint
        hints[taken.name] = _BATCH[hint] if manifest.batch else hint
        slots.append(inspect.Parameter(taken.name, inspect.Parameter.KEYWORD_ONLY, default=taken.default))
    element: Any = _MANY[dict[str, Any]] if manifest.deeper else dict[str, Any]
    run.__annotations__ = {**hints, "return": _BATCH[element] if manifest.batch else element}
    run.__signature__ = inspect.Signature(slots)  # type: ignore[attr-defined]  # read by the block's contract
    names = {
        "__doc__": manifest.description, "__module__": __name__, "type": manifest.type, "manifest": manifest, "code": code,
        "accepts_missing": manifest.accepts_missing, "run": run,
    }  # fmt: skip
    return type("CustomBlock", (CustomBlock,), names)


def _is_selected(value: Any) -> bool:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else [value]
    return any(is_selector(v) for v in items)


def _as_kind(value: Any, kinds: tuple[str, ...]) -> Any:
    """A value as the declared kinds have it; raises InvalidValue. Plain kinds are what the code says they are."""
    wanted = tuple(t for kind in kinds for t in KINDS[kind].types)
    if value is None or ANY in kinds or isinstance(value, wanted):
        return value
    if any(not t.__module__.startswith("ocella.") for t in wanted):
        return value
    if isinstance(value, Mapping) and {Classification, Detections} & set(wanted):
        return read_value(kinds[0], value, Services())
    if Embedding in wanted and isinstance(value, list | np.ndarray):
        vector = np.asarray(value, np.float32).reshape(-1)
        return Embedding(vector / max(float(np.linalg.norm(vector)), 1e-12), "custom code")
    raise InvalidValue(f"expected {' or '.join(sorted(kinds))}, got {type(value).__name__}.")


def _list(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)
