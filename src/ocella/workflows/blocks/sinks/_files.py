"""Where sinks may write: below the operator's folder, and nowhere else."""

from datetime import datetime
from pathlib import Path

from ocella.errors import Refused
from ocella.workflows.services import Services

__all__ = ["place", "stamp"]


def place(services: Services, directory: str, name: str) -> Path:
    """A file in a directory; raises Refused where it lies outside of the folder that the operator gave. Links are followed
    before that is decided.
    """
    if services.write_to is None:
        raise Refused("Writing files needs a folder of yours: --write-to FOLDER, or Services(write_to=...).")
    allowed = services.write_to.resolve()
    path = (allowed / directory / name).resolve()
    if not path.is_relative_to(allowed) or path == allowed:
        raise Refused(
            f"'{Path(directory) / name}' is outside of '{allowed}', below which steps may write. Give a folder in it."
        )
    return path


def stamp(now: datetime) -> str:
    """A moment as a part of a file's name."""
    return now.strftime("%Y_%m_%d_%H_%M_%S_%f")
