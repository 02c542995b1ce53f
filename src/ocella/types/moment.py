"""When and where a picture of a video was taken."""

from dataclasses import asdict, dataclass
from typing import Any

from ocella.errors import InvalidValue

__all__ = ["Moment"]


@dataclass(frozen=True)
class Moment:
    """Frame `index` (from 0) of `source`, `seconds` after its start by presentation time; `fps` as the source declares it,
    0 where it does not; `taken_at` in seconds since 1970, 0 where nobody knows; `is_file` for a recording.
    """

    source: str
    index: int
    seconds: float
    fps: float = 0.0
    taken_at: float = 0.0
    is_file: bool = False

    def __post_init__(self) -> None:
        if self.index < 0 or self.seconds < 0:
            raise InvalidValue(f"index and seconds must not be negative, got {self.index} and {self.seconds}.")

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Moment":
        """From its JSON form."""
        return cls(**data)
