"""One picture of a video."""

from dataclasses import dataclass

from ocella.errors import InvalidValue
from ocella.types.image import Image

__all__ = ["Frame"]


@dataclass(frozen=True)
class Frame:
    """An image with its place in a video: `index` from 0, `seconds` of presentation time, `source` name."""

    image: Image
    index: int
    seconds: float
    source: str

    def __post_init__(self) -> None:
        if self.index < 0 or self.seconds < 0:
            raise InvalidValue(f"index and seconds must not be negative, got {self.index} and {self.seconds}.")
