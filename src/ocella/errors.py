"""Everything Ocella raises on purpose.

OcellaError                 exit code 1
|-- InvalidValue            2   a value or option is wrong (also a ValueError)
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
"""

__all__ = [
    "Busy",
    "DatasetError",
    "InvalidValue",
    "Mismatch",
    "MissingExtra",
    "MissingPackage",
    "NoMatch",
    "NoRoom",
    "NotFound",
    "OcellaError",
    "Refused",
    "Unreadable",
]


class OcellaError(Exception):
    """Base of all errors raised on purpose; the message says what was expected, what came, what to do."""

    exit_code = 1


class InvalidValue(OcellaError, ValueError):
    """A value breaks its type's rule."""

    exit_code = 2


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


class NoRoom(OcellaError):
    """The disk or the memory cannot take it."""

    exit_code = 11
