"""Results as lines of JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ocella.errors import OcellaError
from ocella.workflows.video.frame_result import FrameResult
from ocella.workflows.video.sinks.sink import Sink

__all__ = ["JsonLines"]


class JsonLines(Sink):
    """One line a frame: source, moment, outputs (images by their size), failures. Lines are added to what is there; each is
    written out at once, so that a reader sees it and a killed process loses none.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.name = str(path)
        self._file: IO[str] | None = None

    def open(self, sources: Sequence[str]) -> None:
        """Raises OcellaError where the file cannot be written."""
        del sources
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a", encoding="utf-8", newline="\n")
        except OSError as error:
            raise OcellaError(f"{self.path} cannot be written: {error.strerror or error}. Check the folder.") from error

    def write(self, result: FrameResult) -> None:
        """One line."""
        assert self._file is not None
        line = json.dumps(result.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        self._file.write(line + "\n")
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
