"""A video file written picture by picture, each shown at its own time."""

import importlib.util
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from ocella.errors import InvalidValue, OcellaError
from ocella.media.write import replacing
from ocella.types import Image

__all__ = ["TimedVideo"]

_CODECS = {
    ".mp4": ("libx264", "mpeg4"),
    ".m4v": ("libx264", "mpeg4"),
    ".mov": ("libx264", "mpeg4"),
    ".mkv": ("libx264", "mpeg4"),
    ".webm": ("libvpx-vp9", "libvpx"),
}
_OPTIONS = {suffix: {"movflags": "+faststart"} for suffix in (".mp4", ".m4v", ".mov")}
# with pictures out of order MP4 would tell a wrong length
_CODEC_OPTIONS = {
    "libx264": {"preset": "veryfast", "bf": "0"},
    "libvpx-vp9": {"b": "0", "deadline": "realtime", "cpu-used": "6"},
}
_TICKS = 60_000
"""A second in the file's time: MPEG-4 takes no more than 65535, and 30000/1001 a second comes out even."""
_PROBE = 30
"""Pictures by which the rate is measured where a file takes one rate only."""


class TimedVideo:
    """Writes a video whose pictures are shown at the seconds given (PyAV), counted from the first. Without PyAV all have one
    rate, that of the first pictures, and `note` says so. Pictures of another size than the first are fitted into it. The file
    appears at `close`; where nothing was written there is none. Raises InvalidValue, OcellaError.
    """

    def __init__(self, path: Path | str, *, quality: int = 23) -> None:
        self.path, self.quality = Path(path), quality
        if self.path.suffix.lower() not in _CODECS:
            raise InvalidValue(f"{path} must end in one of {', '.join(_CODECS)}.")
        if not 0 <= quality <= 51:
            raise InvalidValue(f"quality must be 0 (best) to 51, got {quality}.")
        self.note = ""
        self.frames = 0
        self._size_hw: tuple[int, int] | None = None
        self._first = self._last = 0.0
        self._replacing: Any = None
        self._writer: _Writer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, image: Image, seconds: float) -> None:
        """One picture; its time must be later than that of the last one. Raises InvalidValue."""
        if self._writer is None:
            self._open(image)
            self._first = seconds
        elif seconds <= self._last:
            raise InvalidValue(f"Times must grow: after {self._last:.6f} came {seconds:.6f} seconds.")
        assert self._writer is not None
        assert self._size_hw is not None
        self._last = seconds
        self._writer.write(fitted(image.pixels, self._size_hw), seconds - self._first)
        self.frames += 1

    def close(self) -> None:
        """Finish the file and put it in place."""
        if self._writer is None:
            return
        writer, replacing_ = self._writer, self._replacing
        self._writer = self._replacing = None
        try:
            writer.close()
            self.note = writer.note
        except BaseException as error:
            replacing_.__exit__(type(error), error, error.__traceback__)
            raise
        replacing_.__exit__(None, None, None)

    def _open(self, image: Image) -> None:
        self._size_hw = image.height + image.height % 2, image.width + image.width % 2
        self._replacing = replacing(self.path)
        temporary = self._replacing.__enter__()
        try:
            if importlib.util.find_spec("av") is None:
                self._writer = _OneRate(temporary)
            else:
                self._writer = _ByAv(temporary, self._size_hw, self.quality)
        except BaseException as error:
            self._replacing.__exit__(type(error), error, error.__traceback__)
            raise


def fitted(pixels: npt.NDArray[np.uint8], size_hw: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The picture in a frame of this size, on black; one row or column more for an odd side is a copy of the last one."""
    height, width = pixels.shape[:2]
    if (height, width) == size_hw:
        return pixels
    if 0 <= size_hw[0] - height <= 1 and 0 <= size_hw[1] - width <= 1:
        return np.pad(pixels, ((0, size_hw[0] - height), (0, size_hw[1] - width), (0, 0)), mode="edge")
    import cv2

    scale = min(size_hw[0] / height, size_hw[1] / width)
    inner = max(round(height * scale), 1), max(round(width * scale), 1)
    out = np.zeros((*size_hw, 3), np.uint8)
    top, left = (size_hw[0] - inner[0]) // 2, (size_hw[1] - inner[1]) // 2
    out[top : top + inner[0], left : left + inner[1]] = cv2.resize(
        pixels, inner[::-1], interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return out


class _Writer(Protocol):
    note: str

    def write(self, pixels: npt.NDArray[np.uint8], seconds: float) -> None: ...

    def close(self) -> None: ...


class _ByAv:
    def __init__(self, path: Path, size_hw: tuple[int, int], quality: int) -> None:
        import av

        self.note = ""
        codec = next((c for c in _CODECS[path.suffix.lower()] if c in av.codecs_available), None)
        if codec is None:
            raise OcellaError(f"This PyAV writes none of {', '.join(_CODECS[path.suffix.lower()])}. Reinstall it.")
        self._last = -1
        self._container = _opened(path)
        # a rate is a must, but the times below are what is written
        self._stream: Any = self._container.add_stream(codec, rate=30)
        self._stream.height, self._stream.width = size_hw
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, _TICKS)
        if codec.startswith("lib"):
            self._stream.options = {"crf": str(quality)} | _CODEC_OPTIONS.get(codec, {})

    def write(self, pixels: npt.NDArray[np.uint8], seconds: float) -> None:
        import av

        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        self._last = max(round(seconds * _TICKS), self._last + 1)
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        try:
            self._container.mux(self._stream.encode())
        finally:
            self._container.close()


def _opened(path: Path) -> Any:
    import av

    return av.open(str(path), "w", container_options=_OPTIONS.get(path.suffix.lower(), {}))


class _OneRate:
    def __init__(self, path: Path) -> None:
        self.note = ""
        self._path, self._held, self._times = path, list[npt.NDArray[np.uint8]](), list[float]()
        self._writer: Any = None

    def write(self, pixels: npt.NDArray[np.uint8], seconds: float) -> None:
        if self._writer is None:
            self._held.append(pixels)
            self._times.append(seconds)
            if len(self._held) == _PROBE:
                self._start()
            return
        self._writer.write(_bgr(pixels))

    def close(self) -> None:
        if self._writer is None:
            self._start()
        self._writer.release()

    def _start(self) -> None:
        import cv2

        span = self._times[-1] - self._times[0]
        fps = min(max((len(self._times) - 1) / span, 0.01), 1000.0) if span > 0 else 25.0
        self.note = f"PyAV is not installed: all pictures are shown at {fps:.3f} a second, as the first ones came."
        codec = "VP80" if self._path.suffix.lower() == ".webm" else "mp4v"
        size = self._held[0].shape[1], self._held[0].shape[0]
        self._writer = cv2.VideoWriter(str(self._path), cv2.VideoWriter.fourcc(*codec), fps, size)
        if not self._writer.isOpened():
            raise OcellaError(
                f"This OpenCV cannot write {self._path.suffix} ({codec}). Run: pip install 'ocella[video]'"
            )
        for held in self._held:
            self._writer.write(_bgr(held))
        self._held.clear()


def _bgr(pixels: npt.NDArray[np.uint8]) -> Any:
    import cv2

    return cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
