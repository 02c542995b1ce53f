"""Where boxes will be: Kalman filters that take each of the four numbers of a box to move at its own steady speed."""

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

__all__ = ["AreaRatio", "CentreHeight", "CentreSize", "Corners", "Motion"]

Rows = npt.NDArray[np.float64]
Noise = Rows | float

_LEAST = 1e-3


class Motion(ABC):
    """Filters of n boxes at once. The four numbers do not depend on each other, so each has three variances of its own: of its
    `place`, of its `speed` (a frame), and of both together.
    """

    def __init__(self) -> None:
        self.place, self.speed, self.var_place, self.var_both, self.var_speed = (np.zeros((0, 4)) for _ in range(5))

    def __len__(self) -> int:
        return len(self.place)

    @abstractmethod
    def _encode(self, xyxy: Rows) -> Rows:
        """The four numbers of boxes (n, 4)."""

    @abstractmethod
    def _decode(self, place: Rows) -> Rows:
        """Boxes (n, 4) of the four numbers."""

    @abstractmethod
    def _start(self, place: Rows) -> tuple[Noise, Noise]:
        """Variances of place and speed of a new filter."""

    @abstractmethod
    def _drift(self, place: Rows) -> tuple[Noise, Noise]:
        """What place and speed gain in variance in a frame."""

    @abstractmethod
    def _blur(self, place: Rows) -> Noise:
        """Variance of a measurement."""

    def _settle(self) -> None:  # noqa: B027  # most need nothing
        """Keep the state possible."""

    def _brake(self) -> None:  # noqa: B027  # most need nothing
        """Stop what would become impossible in the next frame."""

    def unseen(self, rows: npt.NDArray[np.bool_]) -> None:  # noqa: B027  # most go on as they were
        """Boxes that were not seen in the last frame."""

    @property
    def boxes(self) -> Rows:
        """Boxes (n, 4) by the present state."""
        return self._decode(self.place)

    def predict(self) -> None:
        """One frame on."""
        self._brake()
        drift_place, drift_speed = self._drift(self.place)
        self.place = self.place + self.speed
        self.var_place = self.var_place + 2 * self.var_both + self.var_speed + drift_place
        self.var_both = self.var_both + self.var_speed
        self.var_speed = self.var_speed + drift_speed
        self._settle()

    def measure(self, rows: npt.NDArray[np.int64], xyxy: Rows) -> None:
        """Boxes that were seen."""
        blur = self._blur(self.place[rows])
        off = self._encode(np.asarray(xyxy, np.float64)) - self.place[rows]
        place, both = self.var_place[rows], self.var_both[rows]
        gain, gain_speed = place / (place + blur), both / (place + blur)
        self.place[rows] += gain * off
        self.speed[rows] += gain_speed * off
        self.var_speed[rows] -= gain_speed * both
        self.var_both[rows] = (1 - gain) * both
        self.var_place[rows] = (1 - gain) * place
        self._settle()

    def add(self, xyxy: Rows) -> None:
        """Filters of new boxes."""
        place = self._encode(np.asarray(xyxy, np.float64).reshape(-1, 4))
        var_place, var_speed = (np.broadcast_to(v, place.shape) for v in self._start(place))
        zero = np.zeros_like(place)
        new = (place, zero, var_place, zero, var_speed)
        self._set([np.concatenate([old, more]) for old, more in zip(self.state, new, strict=True)])

    def keep(self, rows: npt.NDArray[np.bool_]) -> None:
        """Forget the others."""
        self._set([column[rows] for column in self.state])

    @property
    def state(self) -> tuple[Rows, Rows, Rows, Rows, Rows]:
        """All columns."""
        return self.place, self.speed, self.var_place, self.var_both, self.var_speed

    def _set(self, state: list[Rows]) -> None:
        self.place, self.speed, self.var_place, self.var_both, self.var_speed = state


class Corners(Motion):
    """x1, y1, x2, y2, with the same doubt for every box."""

    def _encode(self, xyxy: Rows) -> Rows:
        return xyxy

    def _decode(self, place: Rows) -> Rows:
        return place

    def _start(self, place: Rows) -> tuple[Noise, Noise]:
        del place
        return 1.0, 1.0

    def _drift(self, place: Rows) -> tuple[Noise, Noise]:
        del place
        return 0.01, 0.01

    def _blur(self, place: Rows) -> Noise:
        del place
        return 0.1


class AreaRatio(Motion):
    """Centre x and y, area, width over height, which stays."""

    def _encode(self, xyxy: Rows) -> Rows:
        size = xyxy[:, 2:] - xyxy[:, :2]
        ratio = size[:, 0] / np.maximum(size[:, 1], 1e-6)
        return np.column_stack([(xyxy[:, :2] + xyxy[:, 2:]) / 2, size.prod(axis=1), ratio])

    def _decode(self, place: Rows) -> Rows:
        wide = np.sqrt(np.maximum(place[:, 2] * place[:, 3], 0))
        tall = np.divide(place[:, 2], wide, out=np.zeros_like(wide), where=wide > 0)
        half = np.column_stack([wide, tall]) / 2
        return np.hstack([place[:, :2] - half, place[:, :2] + half])

    def _start(self, place: Rows) -> tuple[Noise, Noise]:
        del place
        return 10.0, np.array([1e4, 1e4, 1e4, 0])

    def _drift(self, place: Rows) -> tuple[Noise, Noise]:
        del place
        return 1.0, np.array([0.01, 0.01, 0.0001, 0])

    def _blur(self, place: Rows) -> Noise:
        del place
        return np.array([1.0, 1.0, 10.0, 10.0])

    def _brake(self) -> None:
        self.speed[self.place[:, 2] + self.speed[:, 2] <= 0, 2] = 0


class CentreSize(Motion):
    """Centre x and y, width, height; doubt grows with the size of the box."""

    def _encode(self, xyxy: Rows) -> Rows:
        return np.hstack([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]])

    def _decode(self, place: Rows) -> Rows:
        return np.hstack([place[:, :2] - place[:, 2:] / 2, place[:, :2] + place[:, 2:] / 2])

    def _start(self, place: Rows) -> tuple[Noise, Noise]:
        size = _sizes(place)
        return (0.1 * size) ** 2, (0.0625 * size) ** 2

    def _drift(self, place: Rows) -> tuple[Noise, Noise]:
        size = _sizes(place)
        return (0.05 * size) ** 2, (0.00625 * size) ** 2

    def _blur(self, place: Rows) -> Noise:
        return np.asarray((0.05 * _sizes(place)) ** 2)

    def _settle(self) -> None:
        self.place[:, 2:] = np.maximum(self.place[:, 2:], _LEAST)


class CentreHeight(Motion):
    """Centre x and y, width over height, height; doubt grows with the height of the box."""

    def _encode(self, xyxy: Rows) -> Rows:
        size = xyxy[:, 2:] - xyxy[:, :2]
        ratio = size[:, 0] / np.maximum(size[:, 1], _LEAST)
        return np.column_stack([(xyxy[:, :2] + xyxy[:, 2:]) / 2, ratio, size[:, 1]])

    def _decode(self, place: Rows) -> Rows:
        half = np.column_stack([place[:, 2] * place[:, 3], place[:, 3]]) / 2
        return np.hstack([place[:, :2] - half, place[:, :2] + half])

    def _start(self, place: Rows) -> tuple[Noise, Noise]:
        return _by_height(place, 0.1, 1e-2), _by_height(place, 0.0625, 1e-5)

    def _drift(self, place: Rows) -> tuple[Noise, Noise]:
        return _by_height(place, 0.05, 1e-2), _by_height(place, 0.00625, 1e-5)

    def _blur(self, place: Rows) -> Noise:
        return _by_height(place, 0.05, 1e-1)

    def unseen(self, rows: npt.NDArray[np.bool_]) -> None:
        """They keep their height."""
        self.speed[rows, 3] = 0

    def _settle(self) -> None:
        self.place[:, 3] = np.maximum(self.place[:, 3], _LEAST)


def _sizes(place: Rows) -> Rows:
    """Width, height, width, height."""
    return np.tile(np.maximum(place[:, 2:], _LEAST), 2)


def _by_height(place: Rows, share: float, ratio: float) -> Rows:
    out = np.repeat((share * place[:, 3:]) ** 2, 4, axis=1)
    out[:, 2] = ratio**2
    return out
