"""An image in memory, where it came from, and a lazy reference to one."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.types.arrays import as_array, same_arrays

__all__ = ["Image", "ImageRef", "Origin"]


@dataclass(frozen=True)
class Origin:
    """Where a crop sits in its root image: root pixel = offset + pixel * scale."""

    source: str = ""
    offset_xy: tuple[float, float] = (0.0, 0.0)
    scale_xy: tuple[float, float] = (1.0, 1.0)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"source": self.source, "offset_xy": list(self.offset_xy), "scale_xy": list(self.scale_xy)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Origin":
        """From its JSON form."""
        return cls(data["source"], tuple(data["offset_xy"]), tuple(data["scale_xy"]))


@dataclass(frozen=True, eq=False)
class Image:
    """RGB pixels, uint8 of shape (height, width, 3)."""

    pixels: npt.NDArray[np.uint8]
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        if isinstance(self.pixels, np.ndarray) and self.pixels.dtype != np.uint8:
            raise InvalidValue(f"pixels must be uint8 RGB, got {self.pixels.dtype}. Scale to 0..255 first.")
        pixels = as_array("pixels", self.pixels, np.uint8, (None, None, 3))
        if 0 in pixels.shape:
            raise InvalidValue(f"pixels must hold at least one pixel, got shape {pixels.shape}.")
        object.__setattr__(self, "pixels", pixels)

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def size_hw(self) -> tuple[int, int]:
        """(height, width)."""
        return self.height, self.width

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and self.origin == other.origin and same_arrays(self.pixels, other.pixels)

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def to_json(self) -> dict[str, Any]:
        """JSON form: raw pixels in base64, meant for small images and tests."""
        import base64

        data = base64.b64encode(self.pixels.tobytes()).decode()
        return {"type": "image", "size_hw": list(self.size_hw), "rgb": data, "origin": self.origin.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Image":
        """From its JSON form."""
        import base64

        pixels = np.frombuffer(base64.b64decode(data["rgb"]), np.uint8).reshape(*data["size_hw"], 3)
        return cls(pixels, Origin.from_json(data["origin"]))


@dataclass(frozen=True)
class ImageRef:
    """Where an image is: a file, or bytes with a name. Nothing is read until asked for."""

    name: str
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.path is None) == (self.data is None):
            raise InvalidValue("ImageRef takes either a path or bytes, exactly one of them.")

    def read(self) -> bytes:
        """The encoded bytes; raises NotFound where the file is gone, Unreadable where it may not be read."""
        if self.data is not None:
            return self.data
        assert self.path is not None
        try:
            return self.path.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(
                f"{self.path} is not there (any more). Check the path, or label the folder again."
            ) from error
        except OSError as error:
            raise Unreadable(
                f"{self.name} cannot be read: {error.strerror or error}. Check that it is a file and yours."
            ) from error

    def content_hash(self) -> str:
        """SHA-256 of the encoded bytes, in hex."""
        return hashlib.sha256(self.read()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """JSON form (a reference by path; bytes are not carried)."""
        return {"type": "image_ref", "name": self.name, "path": None if self.path is None else str(self.path)}
