"""What a block is: fields are parameters, the arguments of `run` are data, the return annotation says what comes out."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import numpy as np

from ocella.errors import InvalidValue
from ocella.types import Image
from ocella.workflows.kinds import taken_kinds
from ocella.workflows.services import Services

__all__ = ["UNSET", "Batch", "Block", "Many", "Slot", "Spec", "Targets", "source_of"]

T = TypeVar("T")


@dataclass(frozen=True)
class _Mark:
    what: Literal["many", "batch", "targets"]


Many = Annotated[list[T], _Mark("many")]
"""As an argument: all values one level deeper than the step, of this element, without missing ones (Many[T | None] keeps them
in their place). As an output: a new, deeper level.
"""
Batch = Annotated[list[T], _Mark("batch")]
"""As an argument: the values of all elements at once. With one such argument all are, and so is what comes out."""
Targets = Annotated[list[str], _Mark("targets")]
"""A field with names of steps, written `$steps.name`, that this block lets run or not."""

UNSET: Any = inspect.Parameter.empty
"""The default of an input that a definition must give."""


@dataclass(frozen=True)
class Slot:
    """One input of a block: its name, type, default, the kinds it takes; whether it is a field, an argument or targets."""

    name: str
    annotation: Any
    role: Literal["field", "argument", "targets"]
    default: Any = UNSET
    many: bool = False
    batch: bool = False

    @property
    def required(self) -> bool:
        """Whether a definition must give it."""
        return self.default is UNSET

    @property
    def gaps(self) -> bool:
        """Whether missing values among many stay in their place, as None."""
        return self.many and type(None) in typing.get_args(self.annotation)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds it takes."""
        return taken_kinds(self.annotation)

    @cached_property
    def check(self) -> Callable[[Any], Any]:
        """The value as the annotation wants it; raises pydantic's ValidationError."""
        from pydantic import TypeAdapter

        return TypeAdapter(_by_instance(self.annotation)).validate_python


@dataclass(frozen=True)
class Spec:
    """A block's class, read: its inputs by name, the annotation of each output; in which `form` the outputs come from `run`
    (one bare value, a named tuple, a dictionary, or the names of steps to go on with); whether they make a deeper level;
    whether it takes whole batches.
    """

    slots: Mapping[str, Slot]
    outputs: Mapping[str, Any]
    form: Literal["bare", "tuple", "dict", "flow"]
    deeper: bool
    batch: bool

    @property
    def arguments(self) -> list[Slot]:
        """Inputs that `run` takes, in its order."""
        return [slot for slot in self.slots.values() if slot.role == "argument"]


class Block:
    """A step of a workflow. One instance is made for each step of a session, so attributes hold the state of that session.

    `type` is name@vN; `aliases` are further types that definitions use for it (older versions and names of other systems);
    `synonyms` are other names of a field; `ignored` are fields of other systems that mean nothing here.
    A block that counts, waits or acts on the world is `stateful`: it is never answered from memory. `accepts_missing`:
    it runs also where an argument has no value (None). `output` names the one output where `run` returns a bare value.
    `slow` blocks wait for a model, a disk or a network and run side by side where a session has workers.
    """

    type: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    synonyms: ClassVar[Mapping[str, str]] = {"images": "image", "image": "images"}
    ignored: ClassVar[frozenset[str]] = frozenset()
    output: ClassVar[str] = "output"
    stateful: ClassVar[bool] = False
    accepts_missing: ClassVar[bool] = False
    slow: ClassVar[bool] = False
    example: ClassVar[Mapping[str, Any]] = {}
    """A whole definition that shows the block at work, for its page."""

    services: Services
    """What the operator hands in: models, permissions, clock. Set before `setup`."""
    step: str
    """The step's name."""
    wanted: frozenset[str]
    """Outputs that something takes; a block may give None for the others, where they cost."""
    varying: frozenset[str] = frozenset()
    """Arguments that differ from element to element; the others are one value for all. Set before `setup`."""

    run: Callable[..., Any]

    @classmethod
    def upgrade(cls, step: dict[str, Any], version: int) -> dict[str, Any]:
        """The step of an older version (or of another name) as one of this version."""
        del version
        return step

    @classmethod
    def outputs(cls, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """Annotation of each output of a step; the step's own fields may name them."""
        del step
        return cls.spec().outputs

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What is wrong with fields together: (field, what was expected, suggestion)."""
        del step
        return []

    def setup(self) -> None:
        """Called once, when fields are set and before the first run; refuses what the operator does not allow."""

    def close(self) -> None:
        """Called once, when the session ends."""

    @classmethod
    def spec(cls) -> Spec:
        """This class, read."""
        key: Any = cls
        return spec_of(key)

    @classmethod
    def family(cls) -> str:
        """The type without its version."""
        return cls.type.partition("@")[0]


def source_of(image: Image) -> str:
    """What a stateful block keeps its state by: the video source of an image, else where the image is from."""
    return image.moment.source if image.moment is not None else ""


@cache
def spec_of(cls: type[Block]) -> Spec:
    """Read a block's class; raises InvalidValue where it does not hold the contract."""
    hints = typing.get_type_hints(cls.run, include_extras=True)
    if "return" not in hints:
        raise InvalidValue(f"{cls.__name__}.run must have a return annotation.")
    given = hints.pop("return")
    slots = _fields(cls) | _arguments(cls, hints)
    given = _content(given) if _mark(given) == "batch" else given
    deeper, flow = _mark(given) == "many", _mark(given) == "targets"
    inner = _content(given)
    dictionary = cls.outputs.__func__ is not Block.outputs.__func__  # type: ignore[attr-defined]
    named = isinstance(inner, type) and issubclass(inner, tuple) and hasattr(inner, "_fields")
    if flow or inner is type(None):
        outputs: dict[str, Any] = {}
    elif named:
        outputs = typing.get_type_hints(inner, include_extras=True)
    else:
        outputs = {cls.output: inner}
    form: Any = "flow" if flow else "dict" if dictionary else "tuple" if named or not outputs else "bare"
    arguments = [slot for slot in slots.values() if slot.role == "argument"]
    batch = any(slot.batch for slot in arguments)
    if batch and not all(slot.batch for slot in arguments):
        raise InvalidValue(f"{cls.__name__}.run must take Batch in every argument, or in none.")
    return Spec(slots, outputs, form, deeper, batch)


def _fields(cls: type[Block]) -> dict[str, Slot]:
    hints = typing.get_type_hints(cls, include_extras=True)
    known = typing.get_type_hints(Block, include_extras=True)
    slots = {}
    for name, annotation in hints.items():
        if name not in known and not name.startswith("_") and typing.get_origin(annotation) is not ClassVar:
            role: Any = "targets" if _mark(annotation) == "targets" else "field"
            slots[name] = Slot(name, annotation, role, getattr(cls, name, UNSET))
    return slots


def _arguments(cls: type[Block], hints: Mapping[str, Any]) -> dict[str, Slot]:
    slots = {}
    for name, parameter in inspect.signature(cls.run).parameters.items():
        if name != "self":
            annotation = hints[name]
            batch = _mark(annotation) == "batch"
            annotation = _content(annotation) if batch else annotation
            many = _mark(annotation) == "many"
            annotation = _content(annotation) if many else annotation
            slots[name] = Slot(name, annotation, "argument", parameter.default, many, batch)
    return slots


def _by_instance(annotation: Any) -> Any:
    """The annotation with our own values, and arrays, checked by their class alone: they were valid from birth."""
    from pydantic import InstanceOf

    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return Annotated[(_by_instance(parts[0]), *parts[1:])]
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_by_instance(p) for p in parts)]  # noqa: UP007  # made at run time
    if origin in (list, dict):
        return types.GenericAlias(origin, tuple(_by_instance(p) for p in parts))
    annotation = origin if origin is np.ndarray else annotation
    ours = isinstance(annotation, type) and annotation.__module__.startswith(("ocella.types", "numpy"))
    return InstanceOf[annotation] if ours else annotation  # type: ignore[misc]  # known at run time only


def _mark(annotation: Any) -> str:
    found = [m.what for m in getattr(annotation, "__metadata__", ()) if isinstance(m, _Mark)]
    return found[0] if found else ""


def _content(annotation: Any) -> Any:
    """T of Many[T] or Batch[T]."""
    if _mark(annotation) not in ("many", "batch"):
        return annotation
    return typing.get_args(typing.get_args(annotation)[0])[0]
