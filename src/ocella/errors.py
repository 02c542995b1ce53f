"""Everything Ocella raises on purpose.

OcellaError                 exit code 1
|-- InvalidValue            2   a value or option is wrong (also a ValueError)
|   `-- InvalidWorkflow     2   a workflow's definition is wrong: all its problems at once
|-- NotFound                3   no such file, model, class or unit (also a LookupError)
|-- NoMatch                 4   prompts match nothing, or a run labelled nothing
|-- Unreadable              5   an image, video or file that cannot be read
|-- DatasetError            6   a data set that contradicts itself
|-- Mismatch                7   two things that do not belong together (models, classes, settings)
|-- MissingExtra            8   an optional part is not installed
|   `-- MissingPackage      8   one that no extra brings: it is installed by hand
|-- Busy                    9   another process holds it
|-- Refused                 10  a gate said no (licence, export loss)
|-- NoRoom                  11  disk or memory cannot take it
|-- StepFailed              12  a step of a workflow failed; says which, and on which element
|-- Cancelled               13  whoever started the work stopped it
|-- CodeFailed              14  Python code of a workflow raised an error, or broke its limits
"""

from collections.abc import Sequence
from typing import Any

__all__ = [
    "Busy",
    "Cancelled",
    "CodeFailed",
    "DatasetError",
    "InvalidValue",
    "InvalidWorkflow",
    "Mismatch",
    "MissingExtra",
    "MissingPackage",
    "NoMatch",
    "NoRoom",
    "NotFound",
    "OcellaError",
    "Refused",
    "StepFailed",
    "Unreadable",
]


class OcellaError(Exception):
    """Base of all errors raised on purpose; the message says what was expected, what came, what to do."""

    exit_code = 1


class InvalidValue(OcellaError, ValueError):
    """A value breaks its type's rule."""

    exit_code = 2


class InvalidWorkflow(InvalidValue):
    """A definition that cannot run; `problems` are all that were found, each with step, field and a suggestion."""

    def __init__(self, problems: Sequence[Any]) -> None:
        many = f"{len(problems)} problems:\n  " if len(problems) > 1 else ""
        super().__init__(
            f"The workflow has {many}" + "\n  ".join(str(p) for p in problems) if many else str(problems[0])
        )
        self.problems = tuple(problems)


class NotFound(OcellaError, LookupError):
    """A name or path leads nowhere."""

    exit_code = 3


class NoMatch(OcellaError):
    """Nothing asked for can be, or was, found in the images."""

    exit_code = 4


class Unreadable(OcellaError):
    """Bytes that are not what they should be."""

    exit_code = 5


class DatasetError(OcellaError):
    """A data set contradicts itself or its files."""

    exit_code = 6


class Mismatch(OcellaError):
    """Two things that do not belong together: models, classes, settings."""

    exit_code = 7


class MissingExtra(OcellaError, ImportError):
    """An optional part is not installed."""

    exit_code = 8

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the extra '{extra}', which is not installed. Run: pip install 'ocella[{extra}]'"
        )
        self.extra = extra


class MissingPackage(MissingExtra):
    """A package that no extra brings; the message says how to get it and what to take instead."""

    def __init__(self, message: str) -> None:
        OcellaError.__init__(self, message)
        self.extra = ""


class Busy(OcellaError):
    """Another process holds the resource."""

    exit_code = 9


class Refused(OcellaError):
    """A gate said no: a licence, a loss on export."""

    exit_code = 10


class StepFailed(OcellaError):
    """A step of a workflow failed on one element; `step` and `path` (indices of the element) say where."""

    exit_code = 12

    def __init__(self, step: str, path: Sequence[int], cause: BaseException) -> None:
        where = "".join(f"[{i}]" for i in path)
        reason = str(cause) if isinstance(cause, OcellaError) else f"{type(cause).__name__}: {cause}"
        super().__init__(f"Step '{step}'{' failed on element ' + where if where else ' failed'}: {reason}")
        self.step, self.path, self.cause = step, tuple(path), cause


class NoRoom(OcellaError):
    """The disk or the memory cannot take it."""

    exit_code = 11


class Cancelled(OcellaError):
    """Whoever started the work stopped it."""

    exit_code = 13


class CodeFailed(OcellaError):
    """Custom code raised an error or broke a limit; `lines` are those of the code it came through, `printed` what it said."""

    exit_code = 14

    def __init__(self, message: str, lines: Sequence[str] = (), printed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.lines, self.printed = tuple(lines), tuple(printed)
