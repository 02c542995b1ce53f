"""Results as a video file with true times."""

from collections.abc import Sequence
from pathlib import Path

from ocella.errors import InvalidValue
from ocella.media.timed_video import TimedVideo
from ocella.types import Image
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.sink import Sink

__all__ = ["VideoFile"]


class VideoFile(Sink):
    """One file a source. `{source}` in the name stands for the number of the source, from 0, and must be there where there are
    several. `output` names an output that gives images; by default the first that does, else the frame as it came.
    """

    def __init__(self, path: Path | str, *, output: str = "", quality: int = 23) -> None:
        self.path, self.quality = str(path), quality
        self.name = self.path
        TimedVideo(self.path, quality=quality)  # refuses wrong values now
        self._chosen = output
        self._videos: dict[str, TimedVideo] = {}
        self._numbers: dict[str, int] = {}

    def open(self, sources: Sequence[str]) -> None:
        """Raises InvalidValue where several sources would go to one file."""
        self._numbers = {name: number for number, name in enumerate(sources)}
        if len(sources) > 1 and "{source}" not in self.path:
            raise InvalidValue(
                f"{self.path} takes one source, but there are {len(sources)}. Write {{source}} in the name."
            )

    def write(self, result: FrameResult) -> None:
        """One picture; frames on which it is missing are left out."""
        image = self._picture(result)
        if image is None:
            return
        video = self._videos.get(result.source)
        if video is None:
            path = self.path.replace("{source}", str(self._numbers[result.source]))
            video = self._videos[result.source] = TimedVideo(path, quality=self.quality)
        video.write(image, result.moment.seconds)

    def close(self) -> None:
        """Finish all files; the first error is raised when all were tried."""
        faults: list[Exception] = []
        for video in self._videos.values():
            try:
                video.close()
            except Exception as error:  # noqa: BLE001  # the others are finished all the same
                faults.append(error)
        if faults:
            raise faults[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """How the times are written, where they are not true."""
        return tuple(dict.fromkeys(video.note for video in self._videos.values() if video.note))

    def _picture(self, result: FrameResult) -> Image | None:
        """Once an output gave a picture it is that one, also where it is missing later."""
        self._chosen = self._chosen or next((n for n, v in result.outputs.items() if isinstance(v, Image)), "")
        return result.picture(self._chosen)
