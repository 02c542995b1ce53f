"""State that does not grow: by video source, and by track."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from ocella.errors import InvalidValue
from ocella.types import Detections, Image, Moment
from ocella.workflows.services import Services

__all__ = ["BySource", "Forgetful", "Frames", "Seen", "moment_of", "seconds_of", "tracks_of"]

State = TypeVar("State")
Key = TypeVar("Key", bound=Hashable)

_SOURCES = 256
_TRACKS = 16384


class Forgetful(Generic[Key, State]):
    """State by key; when there are too many, the one not asked for the longest time goes."""

    def __init__(self, make: Callable[[], State], most: int = _TRACKS) -> None:
        self._make, self._most = make, most
        self._states: OrderedDict[Key, State] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    def __contains__(self, key: Key) -> bool:
        return key in self._states

    def __getitem__(self, key: Key) -> State:
        """The state of a key, a new one where it is unknown."""
        states = self._states
        if key in states:
            states.move_to_end(key)
        else:
            states[key] = self._make()
            if len(states) > self._most:
                states.popitem(last=False)
        return states[key]

    def __setitem__(self, key: Key, state: State) -> None:
        self[key]
        self._states[key] = state

    def pop(self, key: Key) -> State | None:
        """Forget it."""
        return self._states.pop(key, None)

    def items(self) -> list[tuple[Key, State]]:
        """All, the one not asked for the longest time first."""
        return list(self._states.items())


class BySource(Forgetful[str, State]):
    """State by video source."""

    def __init__(self, make: Callable[[], State], most: int = _SOURCES) -> None:
        super().__init__(make, most)

    def of(self, image: Image | Moment) -> State:
        """The state of the image's source."""
        moment = moment_of(image)
        return self["" if moment is None else moment.source]


class Seen:
    """The ids of the last `size` tracks."""

    def __init__(self, size: int) -> None:
        self._size = max(1, size)
        self._ids: OrderedDict[int, None] = OrderedDict()

    def enter(self, track: int) -> bool:
        """Whether it is new."""
        if track in self._ids:
            return False
        if len(self._ids) >= self._size:
            self._ids.popitem(last=False)
        self._ids[track] = None
        return True


class Frames:
    """How many frames passed from one picture of a source to the next."""

    def __init__(self) -> None:
        self._last: Moment | None = None

    def since_last(self, moment: Moment | None) -> int:
        """At least 1: by time where the source tells its rate, else by the number of the frame."""
        last, self._last = self._last, moment
        if moment is None or last is None:
            return 1
        if moment.fps > 0:
            return max(1, round((moment.seconds - last.seconds) * moment.fps))
        return max(1, moment.index - last.index)


def moment_of(image: Image | Moment) -> Moment | None:
    """When a picture was taken, None for one of no video."""
    return image if isinstance(image, Moment) else image.moment


def tracks_of(detections: Detections, who: str) -> list[int]:
    """The id of each object; raises InvalidValue where they are not tracked."""
    if detections.track_id is not None:
        tracks: list[int] = detections.track_id.tolist()
        return tracks
    if len(detections):
        raise InvalidValue(
            f"{who} expected tracked objects, got {len(detections)} without ids. Put a tracker before it."
        )
    return []


def seconds_of(image: Image | Moment, services: Services) -> float:
    """Time of a picture, to be compared with others of its source: of presentation, or now for a picture of no video."""
    moment = moment_of(image)
    return services.now().timestamp() if moment is None else moment.seconds
