"""Containers and streams opened and decoded by PyAV."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from ocella.errors import MissingExtra, NotFound, Refused, Unreadable
from ocella.media.sources.source import Lost, Pixels, Raw, broken, redact

__all__ = ["decode", "has_av", "need_av", "open_container"]


def has_av() -> bool:
    """Whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def need_av(what: str) -> None:
    """Raises MissingExtra without PyAV."""
    if not has_av():
        raise MissingExtra(what, "video")


def open_container(
    where: str,
    name: str,
    *,
    is_live: bool,
    format: str | None = None,  # noqa: A002  # what FFmpeg calls it
    options: Mapping[str, str] | None = None,
    timeout: tuple[float, float] | None = None,
) -> tuple[Any, Any]:
    """The container and its first video stream. Raises Lost where another attempt may succeed, else NotFound, Refused,
    Unreadable. What FFmpeg says is cleared of passwords, and its own error is let go, for it names them.
    """
    import av

    fault: Exception | None = None
    try:
        container = av.open(where, format=format, options=dict(options or {}), timeout=timeout)
    except (av.FFmpegError, OSError, ValueError) as error:
        fault = _fault(error, name, is_live=is_live)
    if fault is not None:
        raise fault
    if not container.streams.video:
        container.close()
        raise Unreadable(f"{name} holds no video. Give one that does.")
    stream = container.streams.video[0]
    # threads over frames hold back as many frames as there are threads
    stream.thread_type = "SLICE" if is_live else "AUTO"
    return container, stream


def decode(container: Any, stream: Any, name: str, *, is_live: bool, stop: Callable[[], bool]) -> Iterator[Raw]:
    """Frames in the order they are shown; a packet or frame that is damaged comes as a broken one. Raises Lost where a live
    stream fails or ends.
    """
    import av

    fps = _rate(stream)
    start = _start(stream)
    recorded = _recorded_at(container)
    fault: Exception | None = None
    packets = container.demux(stream)
    while not stop():
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError) as error:
            fault = _fault(error, name, is_live=is_live, reading=True)
        if fault is not None:
            raise fault
        if packet is None:
            break
        for frame in _frames(packet, name):
            if isinstance(frame, Raw):
                yield frame
                continue
            if start is None:
                start = frame.time if is_live else 0.0
            seconds = None if frame.time is None else frame.time - (start or 0.0)
            if frame.is_corrupt:
                yield Raw(broken(f"{name}: a frame arrived damaged. Check the connection."), fps=fps, broken=True)
            else:
                yield Raw(_pixels(frame, name), seconds, fps, recorded_at=recorded)
    if is_live and not stop():
        raise Lost(f"{name} ended the connection.")


def _frames(packet: Any, name: str) -> list[Any]:
    import av

    try:
        return list(packet.decode())
    except (av.FFmpegError, OSError, ValueError) as error:
        why = f"{name}: a frame cannot be decoded: {redact(getattr(error, 'strerror', '') or str(error))}."
    return [Raw(broken(why), broken=True)]


def _pixels(frame: Any, name: str) -> Callable[[], Pixels]:
    def decode() -> Pixels:
        import av

        try:
            pixels = frame.to_ndarray(format="rgb24")
        except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
            why = f"{name}: a frame cannot be shown: {redact(str(error))}."
        else:
            turns = round(frame.rotation / 90) % 4
            return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels
        raise Unreadable(why)

    return decode


def _rate(stream: Any) -> float:
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    return rate if 0 < rate <= 1000 else 0.0


def _start(stream: Any) -> float | None:
    return None if stream.start_time is None else float(stream.start_time * stream.time_base)


def _recorded_at(container: Any) -> float:
    """When the recording began, by the container's own word."""
    said = container.metadata.get("creation_time", "")
    try:
        began = datetime.fromisoformat(said)
    except ValueError:
        return 0.0
    return max(began.timestamp(), 0.0) if began.tzinfo else 0.0


def _fault(error: Exception, name: str, *, is_live: bool, reading: bool = False) -> Exception:
    """One of ours that says the same."""
    number = getattr(error, "errno", None) or 0
    why = redact(os.strerror(number) if 0 < number < 200 else getattr(error, "strerror", "") or str(error)).rstrip(".")
    kind = type(error).__name__
    if kind in ("HTTPUnauthorizedError", "HTTPForbiddenError"):
        return Refused(
            f"{name} refuses the name and password, or wants some. Give them in the address: user:password@host."
        )
    if kind == "HTTPNotFoundError" or isinstance(error, FileNotFoundError):
        return NotFound(f"{name} is not there. Check the address.")
    if kind in ("ExitError", "TimeoutError") or "timed out" in why or "Immediate exit" in why:
        return Lost(f"{name} sent nothing in time.")
    if is_live:
        return Lost(f"{name} {'broke off' if reading else 'cannot be reached'}: {why}.")
    return Unreadable(f"{name} cannot be {'read on' if reading else 'opened'}: {why}. Get a whole copy of it.")
