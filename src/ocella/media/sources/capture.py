"""What OpenCV captures: webcams, and video files where PyAV is not installed."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from ocella.errors import InvalidValue, Unreadable
from ocella.media.sources.source import Lost, Pixels, Raw, Source

__all__ = ["Webcam", "captured"]


class Webcam(Source):
    """A camera of this machine by its number, or by its device such as /dev/video0. `size_hw` and `fps` are asked for; a
    camera gives what it can.
    """

    def __init__(
        self, device: int | str, *, size_hw: tuple[int, int] | None = None, fps: float = 0.0, name: str = ""
    ) -> None:
        if isinstance(device, int) and device < 0:
            raise InvalidValue(f"A webcam's number counts from 0, got {device}.")
        self.device, self.size_hw, self.fps = device, size_hw, fps
        super().__init__(name or (f"webcam:{device}" if isinstance(device, int) else device), is_live=True)

    def connect(self) -> Iterator[Raw]:
        """Frames as they arrive; raises Lost where the camera is not, or no longer, there."""
        import cv2

        wanted: dict[int, float] = {}
        if self.size_hw is not None:
            wanted |= {cv2.CAP_PROP_FRAME_HEIGHT: self.size_hw[0], cv2.CAP_PROP_FRAME_WIDTH: self.size_hw[1]}
        if self.fps:
            wanted[cv2.CAP_PROP_FPS] = self.fps
        yield from captured(self.device, self.name, is_live=True, stop=lambda: self.interrupted, wanted=wanted)


def captured(
    what: int | str, name: str, *, is_live: bool, stop: Callable[[], bool], wanted: dict[int, float] | None = None
) -> Iterator[Raw]:
    """Frames that OpenCV reads: live ones without a time of their own, since not every driver has one."""
    import cv2

    capture = cv2.VideoCapture(what) if is_live else cv2.VideoCapture(str(what), cv2.CAP_FFMPEG)
    try:
        if not capture.isOpened():
            if is_live:
                raise Lost(f"{name} cannot be opened. Check that it is plugged in, yours to use, and not in use.")
            raise Unreadable(f"{name} is no video that can be decoded, or it is cut off. Get a whole copy of it.")
        for key, value in (wanted or {}).items():
            capture.set(key, value)
        rate = float(capture.get(cv2.CAP_PROP_FPS))
        fps = rate if math.isfinite(rate) and 0 < rate <= 1000 else 0.0
        said, got = (0 if is_live else int(capture.get(cv2.CAP_PROP_FRAME_COUNT))), 0
        while not stop() and capture.grab():
            seconds = None if is_live else float(capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
            good, bgr = capture.retrieve()
            yield Raw(_pixels(bgr if good else None, name), seconds, fps, broken=not good)
            got += 1
        if stop():
            return
        if is_live:
            raise Lost(f"{name} gives no more frames.")
        if got < max(said - max(3, said // 20), 1):
            raise Unreadable(f"{name} is cut off: {got} of {said} frames can be read. Get a whole copy of it.")
    finally:
        capture.release()


def _pixels(bgr: Any, name: str) -> Callable[[], Pixels]:
    def decode() -> Pixels:
        import cv2

        if bgr is None:
            raise Unreadable(f"{name}: a frame cannot be decoded.")
        pixels: Pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        return pixels

    return decode
