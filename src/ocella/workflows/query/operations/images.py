"""Operations on images and classifications."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from ocella.errors import InvalidValue
from ocella.media.write import encode_jpeg
from ocella.types import Image, Moment
from ocella.workflows.query.operation import operation

__all__ = []

_SIZES: Mapping[str, Callable[[Image], Any]] = {
    "size": lambda image: image.height * image.width,
    "height": lambda image: image.height,
    "width": lambda image: image.width,
    "aspect_ratio": lambda image: image.width / image.height,
}
_MOMENTS: Mapping[str, Callable[[Moment], Any]] = {
    "frame_number": lambda moment: moment.index,
    "frame_timestamp": lambda moment: datetime.fromtimestamp(moment.taken_at, UTC),
    "seconds_since_start": lambda moment: moment.seconds,
}


@operation("ExtractImageProperty", "image", "integer float", Image)
def _image_property(property_name: Literal["size", "height", "width", "aspect_ratio"]) -> Callable[[Image], Any]:
    """Pixels in all, rows, columns, or columns divided by rows."""
    return _SIZES[property_name]


@operation("ExtractFrameMetadata", "image video_metadata", "integer float timestamp", (Image, Moment))
def _frame_property(
    property_name: Literal["frame_number", "frame_timestamp", "seconds_since_start"],
) -> Callable[[Any], Any]:
    """When a picture of a video was taken."""
    read = _MOMENTS[property_name]

    def of(value: Image | Moment) -> Any:
        moment = value if isinstance(value, Moment) else value.moment
        if moment is None:
            raise InvalidValue(
                f"ExtractFrameMetadata '{property_name}' needs a picture of a video, got a single image."
            )
        return read(moment)

    return of


@operation("ConvertImageToJPEG", "image", "bytes", Image)
def _to_jpeg(compression_level: Annotated[int, Field(ge=1, le=100)] = 95) -> Callable[[Image], bytes]:
    """A JPEG file; `compression_level` is its quality, 100 the best."""
    return lambda image: encode_jpeg(image, compression_level)


@operation("ConvertImageToBase64", "image", "string", Image)
def _to_base64() -> Callable[[Image], str]:
    """A JPEG file as base64 text."""
    return lambda image: base64.b64encode(encode_jpeg(image)).decode()
