"""The ways of tracked objects."""

from collections import deque
from typing import Annotated

import numpy as np
from pydantic import Field

from ocella.ops.anchors import Anchor
from ocella.types import Image
from ocella.workflows.blocks.visualizations._base import Colored, Length, drawing_example, places
from ocella.workflows.kinds import Objects
from ocella.workflows.tracking.memory import BySource, Forgetful, tracks_of

__all__ = ["UNITS"]


class _Ways:
    """A video's frames so far, and of each track (frame, x, y), latest last."""

    def __init__(self) -> None:
        self.frame = 0
        self.of: Forgetful[int, deque[tuple[int, int, int]]] = Forgetful(deque)


class TraceVisualization(Colored):
    """Draw the way that each tracked object has come, by a point of it over the last `trace_length` frames of its video."""

    type = "trace_visualization@v1"
    stateful = True
    example = drawing_example("trace_visualization", position="BOTTOM_CENTER", trace_length=60)

    position: Anchor = "CENTER"
    trace_length: Annotated[int, Field(ge=1, le=10_000)] = 30
    thickness: Annotated[Length, Field(ge=1)] = 1

    def setup(self) -> None:
        """No video was seen yet."""
        self._videos: BySource[_Ways] = BySource(_Ways)

    def run(self, image: Image, predictions: Objects) -> Image:
        """The image with the ways on it."""
        import cv2

        tracks, video = tracks_of(predictions, "trace_visualization"), self._videos.of(image)
        video.frame += 1
        if not tracks:
            return image
        pixels = image.pixels.copy()
        spots = places(predictions, self.position)
        for track, (x, y), color in zip(tracks, spots, self.colors(predictions), strict=True):
            if track < 0:
                continue
            way = video.of[track]
            way.append((video.frame, x, y))
            while way[0][0] <= video.frame - self.trace_length:
                way.popleft()
            if len(way) > 1:
                line = np.array([(x, y) for _, x, y in way], np.int32)
                cv2.polylines(pixels, [line], False, color, self.thickness)
        return image.derive(pixels)


UNITS = (TraceVisualization,)
