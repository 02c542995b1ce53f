"""Run a workflow on videos and cameras, and send what it gives to files and addresses."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ocella.errors import InvalidValue
from ocella.workflows.run import OnError
from ocella.workflows.services import Services
from ocella.workflows.stream import Stream
from ocella.workflows.video.sinks.json_lines import JsonLines
from ocella.workflows.video.sinks.mqtt import Mqtt
from ocella.workflows.video.sinks.sink import Sink
from ocella.workflows.video.sinks.video_file import VideoFile
from ocella.workflows.video.sinks.web_socket import WebSocket
from ocella.workflows.video.status import StreamStatus
from ocella.workflows.workflow import Workflow

__all__ = ["VideoRun", "run_on_videos"]

_VIDEOS = (".mp4", ".mov", ".mkv", ".webm")
_EVERY = 2.0
"""Seconds between two reports."""


@dataclass(frozen=True)
class VideoRun:
    """How it ended, and the files that were asked for."""

    status: StreamStatus
    files: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return self.status.to_json() | {"files": list(self.files)}

    def lines(self) -> list[str]:
        """For a person: each source's frames, sinks, problems."""
        lines = [_source(s) for s in self.status.sources]
        lines += [f"{s.name}: {s.written} of {s.given} results written" + _notes(s.notes) for s in self.status.sinks]
        return [*lines, *(f"Problem: {p}" for p in self.status.problems)]


def run_on_videos(
    workflow: Workflow,
    videos: Sequence[str],
    *,
    sinks: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
    services: Services | None = None,
    seconds: float = 0.0,
    on_error: OnError = "isolate",
    workers: int = 0,
    tell: Callable[[str], None] | None = None,
) -> VideoRun:
    """Run until all sources end, or for so many `seconds`, or until interrupted. A sink is a video file (one a source), a
    .jsonl file, a ws:// or an mqtt://user:password@host:port/topic address. Raises InvalidValue, NotFound, MissingExtra.
    """
    outlets = [_sink(text, len(videos)) for text in sinks]
    stream = Stream(
        workflow,
        [int(v) if v.isdecimal() else v for v in videos],
        services=services,
        parameters=parameters,
        sinks=outlets,
        on_error=on_error,
        workers=workers,
    )
    over = threading.Event()
    teller = threading.Thread(target=_report, args=(stream, over, tell), name="video-report", daemon=True)
    try:
        with stream:
            stream.start()
            if tell is not None:
                teller.start()
            stream.join(seconds or None)
            status = stream.stop() if seconds else stream.status()
    except KeyboardInterrupt:
        status = stream.stop()
    finally:
        over.set()
    return VideoRun(status, tuple(o.name for o in outlets))


def _sink(text: str, sources: int) -> Sink:
    path, address = Path(text), urlsplit(text)
    if address.scheme in ("ws", "wss"):
        return WebSocket(text)
    if address.scheme == "mqtt":
        if not address.hostname or not address.path.strip("/"):
            raise InvalidValue(f"An MQTT sink is mqtt://host:port/topic, got '{text}'.")
        return Mqtt(
            address.hostname,
            address.path.strip("/"),
            port=address.port or 1883,
            username=unquote(address.username or ""),
            password=unquote(address.password or ""),
        )
    if path.suffix.lower() == ".jsonl":
        return JsonLines(path)
    if path.suffix.lower() in _VIDEOS:
        several = sources > 1 and "{source}" not in text
        return VideoFile(path.with_stem(f"{path.stem}-{{source}}") if several else path)
    raise InvalidValue(
        f"--sink takes a file that ends in {', '.join(_VIDEOS)} or .jsonl, or a ws:// or mqtt:// address, got '{text}'."
    )


def _report(stream: Stream, over: threading.Event, tell: Callable[[str], None] | None) -> None:
    while tell is not None and not over.wait(_EVERY):
        for source in stream.status().sources:
            tell(_source(source))


def _source(source: Any) -> str:
    counts = source.counts
    return (
        f"{source.name}: {source.state}, {counts.read} frames read = {counts.processed} processed + {counts.dropped} dropped + "
        f"{counts.failed} failed + {counts.waiting} waiting; {source.processed_fps:.1f} a second"
        + (f"; {source.reconnects} reconnects" if source.reconnects else "")
        + (f"; {source.error}" if source.error and source.state in ("reconnecting", "stopped", "failed") else "")
    )


def _notes(notes: Sequence[str]) -> str:
    return f" ({' '.join(notes)})" if notes else ""
