"""Videos in and out, frame by frame, in flat memory."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.errors import InvalidValue, NotFound, OcellaError, Unreadable
from ocella.media.write import replacing
from ocella.types import Frame, Image, Origin

__all__ = ["VideoFacts", "describe", "frames", "write_video"]

_CODECS = {".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".avi": "MJPG", ".mkv": "mp4v", ".webm": "VP80"}


@dataclass(frozen=True)
class VideoFacts:
    """What the file's header says: frames per second, number of frames, size, length in seconds."""

    fps: float
    frames: int
    size_hw: tuple[int, int]
    seconds: float


def describe(path: Path | str) -> VideoFacts:
    """Facts of a video from its header. Raises NotFound, Unreadable."""
    capture = _open(Path(path))
    try:
        return _facts(capture)
    finally:
        capture.release()


def frames(path: Path | str, every: float = 0.0, limit: int | None = None) -> Iterator[Frame]:
    """Frames upright in RGB, one each `every` seconds (0: all of them), at most `limit`. Raises NotFound, Unreadable,
    the latter also at the end of a file that holds fewer frames than its header says.
    """
    if not every >= 0 or math.isinf(every):
        raise InvalidValue(f"every must be seconds of at least 0, got {every}.")
    return _frames(Path(path), every, limit)


def write_video(path: Path | str, images: Iterable[Image], fps: float) -> Path:
    """Write a video; the suffix chooses the codec (.mp4, .mov, .mkv: MPEG-4; .avi: Motion JPEG; .webm: VP8). All images
    have one size, even in height and width. All or nothing. Raises InvalidValue, OcellaError.
    """
    path = Path(path)
    codec = _CODECS.get(path.suffix.lower())
    if codec is None:
        raise InvalidValue(f"{path} must end in one of {', '.join(_CODECS)}.")
    if not 0 < fps <= 1000:
        raise InvalidValue(f"fps must be above 0 and at most 1000, got {fps}.")
    with replacing(path) as temporary:
        _encode(temporary, images, fps, codec)
    return path


def _frames(path: Path, every: float, limit: int | None) -> Iterator[Frame]:
    import cv2

    capture = _open(path)
    try:
        facts = _facts(capture)
        index, taken, due, seconds = 0, 0, 0.0, 0.0
        while limit is None or taken < limit:
            if not capture.grab():
                _refuse_cut_off(path, facts, index)
                return
            seconds = _seconds(capture, facts, index, seconds)
            if seconds >= due - 1e-3:
                good, bgr = capture.retrieve()
                if not good:
                    raise Unreadable(f"{path}: frame {index} cannot be decoded. Get a whole copy of it.")
                image = Image(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), Origin(f"{path}#{index}"))
                yield Frame(image, index, seconds, str(path))
                taken += 1
                due = (math.floor((seconds + 1e-3) / every) + 1) * every if every else 0.0
            index += 1
    finally:
        capture.release()


def _open(path: Path) -> Any:
    import cv2

    if not path.exists():
        raise NotFound(f"{path} is not there. Check the path.")
    if not path.is_file() or path.stat().st_size == 0:
        raise Unreadable(f"{path} is {'empty (0 bytes)' if path.is_file() else 'not a file'}. Give a video file.")
    _refuse_half_mp4(path)
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if capture.isOpened() and capture.get(cv2.CAP_PROP_FRAME_WIDTH) > 0:
        return capture
    capture.release()
    raise Unreadable(f"{path} is no video that can be decoded, or it is cut off. Get a whole copy, or save it as MP4.")


def _refuse_half_mp4(path: Path) -> None:
    """An MP4 is a row of boxes, each with its length; without `moov`, often the last, nothing can be shown."""
    size = path.stat().st_size
    at, kinds = 0, set()
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            if at == 0 and head[4:8] != b"ftyp":
                return
            kinds.add(head[4:8])
            length = int.from_bytes(head[:4], "big")
            length = int.from_bytes(head[8:16], "big") if length == 1 else length or size - at
            if length < 8:
                break
            at += length
    if at > size or b"moov" not in kinds:
        raise Unreadable(f"{path} is cut off: its header asks for more than its {size} bytes. Get a whole copy of it.")


def _facts(capture: Any) -> VideoFacts:
    import cv2

    fps = float(capture.get(cv2.CAP_PROP_FPS))
    fps = fps if math.isfinite(fps) and 0 < fps <= 1000 else 25.0
    count = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
    size_hw = int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)), int(capture.get(cv2.CAP_PROP_FRAME_WIDTH))
    return VideoFacts(fps, count, size_hw, count / fps)


def _seconds(capture: Any, facts: VideoFacts, index: int, before: float) -> float:
    """Presentation time of the grabbed frame; where the container has none, by its rate. Never backwards."""
    import cv2

    shown = float(capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
    usable = math.isfinite(shown) and shown >= 0 and (shown > before or index == 0)
    return shown if usable else (before + 1 / facts.fps if index else 0.0)


def _refuse_cut_off(path: Path, facts: VideoFacts, got: int) -> None:
    if got == 0 or got < facts.frames - max(3, facts.frames // 20):  # headers of some containers only estimate
        raise Unreadable(f"{path} is cut off: {got} of {facts.frames} frames can be read. Get a whole copy of it.")


def _encode(path: Path, images: Iterable[Image], fps: float, codec: str) -> None:
    import cv2

    writer: Any = None
    size_hw: tuple[int, int] = (0, 0)
    try:
        for image in images:
            if writer is None:
                size_hw = image.size_hw
                if size_hw[0] % 2 or size_hw[1] % 2:
                    raise InvalidValue(f"A video's height and width must be even, got {size_hw}. Crop or scale first.")
                writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, size_hw[::-1])
                if not writer.isOpened():
                    raise OcellaError(f"This OpenCV cannot write {path.suffix} ({codec}). Use .avi instead.")
            if image.size_hw != size_hw:
                raise InvalidValue(f"All images of a video must have one size, got {size_hw} and {image.size_hw}.")
            writer.write(cv2.cvtColor(image.pixels, cv2.COLOR_RGB2BGR))
    finally:
        if writer is not None:
            writer.release()
    if writer is None:
        raise InvalidValue("A video needs at least one image, got none.")
