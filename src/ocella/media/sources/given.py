"""Images that Python hands over, as a source."""

from collections.abc import Callable, Iterable, Iterator

from ocella.media.sources.source import Raw, Source
from ocella.types import Image

__all__ = ["Given"]


class Given(Source):
    """Images of an iterable, or of what a function without arguments returns (called for each connection). The seconds are
    those of their moments, else `index / fps`. A live one is never waited for, and connected anew where it raises Lost.
    """

    def __init__(
        self,
        images: Iterable[Image] | Callable[[], Iterable[Image]],
        *,
        fps: float = 25.0,
        name: str = "images",
        is_live: bool = False,
    ) -> None:
        self._images, self.fps = images, fps
        super().__init__(name, is_live=is_live)

    def connect(self) -> Iterator[Raw]:
        """The images."""
        images = self._images() if callable(self._images) else self._images
        for index, image in enumerate(images):
            if self.interrupted:
                return
            moment = image.moment
            live = None if self.is_live else index / self.fps
            seconds = live if moment is None else moment.seconds
            fps = self.fps if moment is None else moment.fps
            yield Raw(lambda image=image: image.pixels, seconds, fps, name=image.origin.source)  # type: ignore[misc]
