"""The screen as a source."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ocella.errors import InvalidValue, MissingExtra, NotFound
from ocella.media.sources.source import Lost, Pixels, Raw, Source

__all__ = ["Screen"]


class Screen(Source):
    """Pictures of monitor number `monitor` (1 is the first, 0 all of them), `fps` a second; `box` (left, top, right, bottom)
    takes a part of it. Needs the extra 'screen'.
    """

    def __init__(
        self, monitor: int = 1, *, fps: float = 10.0, box: tuple[int, int, int, int] | None = None, name: str = ""
    ) -> None:
        if importlib.util.find_spec("mss") is None:
            raise MissingExtra("Taking pictures of the screen", "screen")
        if monitor < 0 or not 0 < fps <= 240:
            raise InvalidValue(f"A monitor counts from 0 and fps is above 0 and at most 240, got {monitor} and {fps}.")
        if box is not None and not (0 <= box[0] < box[2] and 0 <= box[1] < box[3]):
            raise InvalidValue(f"box must be left, top, right, bottom with room between, got {box}.")
        self.monitor, self.fps, self.box = monitor, fps, box
        super().__init__(name or f"screen:{monitor}", is_live=True)

    def connect(self) -> Iterator[Raw]:
        """Pictures in even steps; a step that is missed is left out."""
        import mss
        from mss.exception import ScreenShotError

        fault = ""
        try:
            with mss.MSS() as screen:
                area = self._area(screen.monitors)
                began, step = time.monotonic(), 0
                while not self._stopped.wait(max(began + step / self.fps - time.monotonic(), 0)):
                    yield Raw(_pixels(screen.grab(area)), time.monotonic() - began, self.fps)
                    step = int((time.monotonic() - began) * self.fps) + 1
        except ScreenShotError as error:
            fault = str(error)
        if fault:
            raise Lost(f"{self.name} cannot be seen: {fault.rstrip('.')}. Run it where there is a screen.")

    def _area(self, monitors: list[Any]) -> dict[str, int]:
        if self.monitor >= len(monitors):
            raise NotFound(f"There is no monitor {self.monitor}, only {len(monitors) - 1}. Count from 1.")
        whole = dict(monitors[self.monitor])
        if self.box is None:
            return whole
        left, top, right, bottom = self.box
        return {"left": whole["left"] + left, "top": whole["top"] + top, "width": right - left, "height": bottom - top}


def _pixels(shot: Any) -> Callable[[], Pixels]:
    bgra = np.frombuffer(shot.bgra, np.uint8).reshape(shot.height, shot.width, 4)
    return lambda: np.ascontiguousarray(bgra[:, :, 2::-1])
