"""An image in memory, where it came from, and a lazy reference to one."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, NotFound, Unreadable
from ocella.types.arrays import as_array, same_arrays
from ocella.types.moment import Moment

__all__ = ["Image", "ImageRef", "Origin"]

_UINT8 = np.dtype(np.uint8)


@dataclass(frozen=True)
class Origin:
    """Where a crop sits in its root image: root pixel = offset + pixel * scale. `root_hw` is the size of the root, None for
    an image that is no crop.
    """

    source: str = ""
    offset_xy: tuple[float, float] = (0.0, 0.0)
    scale_xy: tuple[float, float] = (1.0, 1.0)
    root_hw: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        out = {"source": self.source, "offset_xy": list(self.offset_xy), "scale_xy": list(self.scale_xy)}
        return out if self.root_hw is None else out | {"root_hw": list(self.root_hw)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Origin":
        """From its JSON form."""
        root = data.get("root_hw")
        return cls(data["source"], tuple(data["offset_xy"]), tuple(data["scale_xy"]), root and (root[0], root[1]))


@dataclass(frozen=True, eq=False)
class Image:
    """RGB pixels, uint8 of shape (height, width, 3); `moment` says when, for a picture of a video."""

    pixels: npt.NDArray[np.uint8]
    origin: Origin = field(default_factory=Origin)
    moment: Moment | None = None

    def __post_init__(self) -> None:
        given = self.pixels
        if type(given) is np.ndarray and given.dtype is _UINT8 and given.shape[2:] == (3,) and given.size:
            if given.flags.writeable:
                given = given.view()
                given.flags.writeable = False
                object.__setattr__(self, "pixels", given)
            return  # the common case, checked in a microsecond
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

    def derive(self, pixels: npt.NDArray[np.uint8], origin: Origin | None = None) -> "Image":
        """An image made from this one: of the same moment, and the same origin unless another is given."""
        return Image(pixels, self.origin if origin is None else origin, self.moment)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Image)
            and (self.origin, self.moment) == (other.origin, other.moment)
            and same_arrays(self.pixels, other.pixels)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays do not hash

    def to_json(self) -> dict[str, Any]:
        """JSON form: raw pixels in base64, meant for small images and tests."""
        import base64

        data = base64.b64encode(self.pixels.tobytes()).decode()
        out = {"type": "image", "size_hw": list(self.size_hw), "rgb": data, "origin": self.origin.to_json()}
        return out if self.moment is None else out | {"moment": self.moment.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Image":
        """From its JSON form."""
        import base64

        pixels = np.frombuffer(base64.b64decode(data["rgb"]), np.uint8).reshape(*data["size_hw"], 3)
        moment = Moment.from_json(data["moment"]) if "moment" in data else None
        return cls(pixels, Origin.from_json(data["origin"]), moment)


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
