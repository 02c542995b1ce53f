"""A folder, or one picture, as a source."""

import os
from collections.abc import Iterator
from pathlib import Path

from ocella.errors import InvalidValue, Unreadable
from ocella.media.find import find_images
from ocella.media.load import load
from ocella.media.sources.recording import Recording
from ocella.media.sources.source import Pixels, Raw, Shot, Source
from ocella.types import ImageRef

__all__ = ["Folder"]


class Folder(Source):
    """Pictures of a folder (all levels, natural order) `fps` to a second, then its videos one after another; a video's
    moments carry its own path, so that what tracks starts anew. Also takes one picture. Raises NotFound.
    """

    def __init__(self, path: Path | str, *, fps: float = 1.0, name: str = "") -> None:
        if not 0 < fps <= 1000:
            raise InvalidValue(f"fps must be above 0 and at most 1000, got {fps}.")
        self.path, self.fps = Path(path), fps
        found = find_images([self.path])
        self._images = found.images
        self._videos = [Recording(video) for video in found.videos]
        super().__init__(name or os.fspath(path), is_live=False)

    def connect(self) -> Iterator[Raw]:
        """The pictures."""
        for index, ref in enumerate(self._images):
            if self.interrupted:
                return
            yield Raw(lambda ref=ref: _pixels(ref), index / self.fps, self.fps, name=ref.name)  # type: ignore[misc]

    def shots(self) -> Iterator[Shot]:
        """The pictures, then every video; raises Unreadable at the end where videos cannot be read."""
        yield from super().shots()
        faults = []
        for video in self._videos:
            try:
                yield from video.shots()
            except Unreadable as error:
                faults.append(str(error))
            if self.interrupted:
                return
        if faults:
            raise Unreadable(" ".join(faults))

    def interrupt(self) -> None:
        """Ends pictures and videos."""
        super().interrupt()
        for video in self._videos:
            video.interrupt()


def _pixels(ref: ImageRef) -> Pixels:
    return load(ref).pixels
