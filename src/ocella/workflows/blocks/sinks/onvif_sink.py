"""A camera that turns after an object."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from ocella.errors import InvalidValue
from ocella.types import Detections
from ocella.workflows.blocks.sinks._base import Deliveries, Effect
from ocella.workflows.blocks.sinks._onvif import Camera
from ocella.workflows.kinds import Objects, Secret

__all__ = ["UNITS"]


class Followed(NamedTuple):
    """The object that is followed, and whether the camera is told to move."""

    predictions: Objects
    seeking: bool


class Pid:
    """A controller towards 0: proportional, integral and derivative parts of what is measured, within -1..1."""

    def __init__(self) -> None:
        self._sum, self._last, self._at = 0.0, 0.0, None

    _at: datetime | None

    def __call__(self, measured: float, now: datetime, gains: tuple[float, float, float]) -> float:
        """What to do about the measured distance."""
        proportional, integral, derivative = gains
        seconds = (now - self._at).total_seconds() if self._at is not None else 0.0
        change = (measured - self._last) / seconds if seconds > 0 else 0.0
        self._sum = float(np.clip(self._sum + integral * measured * seconds, -1, 1))
        self._last, self._at = measured, now
        return float(np.clip(proportional * measured + self._sum + derivative * change, -1, 1))


class OnvifSink(Effect):
    """Turn an ONVIF camera so that an object comes to the middle: the surest one, with `follow_tracker` the same one until it
    is gone. Nearer than `dead_zone` pixels it rests, or zooms until the object is as near to the border. Or go to a preset.
    After some idle seconds it goes back to the preset. The camera moves between runs: keep them coming.
    """

    type = "onvif_sink@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [
            {"type": "WorkflowImage", "name": "image"},
            {"type": "WorkflowParameter", "name": "password", "kind": ["secret"]},
        ],
        "steps": [
            {"type": "object_detection_model", "name": "find", "image": "$inputs.image", "model_id": "nanodet-g"},
            {
                "type": "onvif_sink",
                "name": "turn",
                "predictions": "$steps.find.predictions",
                "camera_ip": "10.0.0.9",
                "camera_port": 80,
                "camera_username": "admin",
                "camera_password": "$inputs.password",
            },
        ],
        "outputs": [{"type": "JsonField", "name": "followed", "selector": "$steps.turn.predictions"}],
    }

    camera_ip: str
    camera_port: Annotated[int, Field(ge=1, le=65535)]
    camera_username: str
    camera_password: Secret
    movement_type: Literal["Follow", "Go To Preset"] = "Follow"
    simulate_variable_speed: bool = False
    zoom_if_able: bool = False
    follow_tracker: bool = True
    dead_zone: Annotated[int, Field(ge=0)] = 50
    default_position_preset: str = ""
    move_to_position_after_idle_seconds: Annotated[float, Field(ge=0)] = 0
    camera_update_rate_limit: Annotated[int, Field(ge=0)] = 250
    flip_x_movement: bool = False
    flip_y_movement: bool = True
    minimum_camera_speed: Annotated[float, Field(ge=0, le=1)] = 0.05
    pid_kp: float = 0.25
    pid_ki: float = 0.0
    pid_kd: float = 1
    disable_sink: bool = False

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """A preset is needed where the camera is to go to it."""
        goes = step.get("movement_type") == "Go To Preset" or step.get("move_to_position_after_idle_seconds")
        if goes and not step.get("default_position_preset"):
            return [("default_position_preset", "the name of a preset of the camera", "Say where it goes.")]
        return []

    def setup(self) -> None:
        """The camera rests, nothing is followed."""
        super().setup()
        self._deliveries = Deliveries()
        self._camera: Camera | None = None
        self._pids = [Pid(), Pid(), Pid()]
        self._owed = [0.0, 0.0, 0.0]
        self._followed: int | None = None
        self._moving: tuple[float, float, float] = (0.0, 0.0, 0.0)
        self._sent: datetime | None = None
        self._idle_since: datetime | None = None

    def close(self) -> None:
        """Stop the camera."""
        if self._camera is not None and any(self._moving):
            self._send((0.0, 0.0, 0.0), self.services.now())
        self._deliveries.close()

    def run(self, predictions: Objects) -> Followed:
        """Tell the camera where to move."""
        if self.off(disabled=self.disable_sink):
            return Followed(predictions[:0], seeking=False)
        now = self.services.now()
        if self.movement_type == "Go To Preset":
            self._rest(now)
            self._preset(now)
            return Followed(predictions[:0], seeking=False)
        target = self._choose(predictions)
        if len(target):
            self._aim(target, now)
        else:
            self._rest(now)
        self._idle(now)
        return Followed(target, seeking=any(self._moving))

    def _choose(self, found: Detections) -> Detections:
        """The row that is followed, none where nothing is there."""
        if not len(found):
            self._followed = None
            return found
        if self.follow_tracker and self._followed is not None and found.track_id is not None:
            same = np.flatnonzero(found.track_id == self._followed)
            if len(same):
                return found[int(same[0])]
        best = found[int(found.confidence.argmax())]
        self._followed = int(best.track_id[0]) if best.track_id is not None else None
        return best

    def _aim(self, target: Detections, now: datetime) -> None:
        if target.size_hw is None:
            raise InvalidValue(
                "'predictions' expected objects that know the size of their image. Take them from a model."
            )
        height, width = target.size_hw
        x1, y1, x2, y2 = target.xyxy[0].tolist()
        away = np.array([(x1 + x2) / 2 - width / 2, (y1 + y2) / 2 - height / 2])
        if (np.abs(away) < self.dead_zone).all():
            self._zoom(min(x1, y1, width - x2, height - y2), max(width, height), now)
            return
        gains = (self.pid_kp, self.pid_ki, self.pid_kd)
        parts = away / (width, height)
        speeds = [pid(float(part), now, gains) for pid, part in zip(self._pids, parts, strict=False)]
        shares = np.abs(away) / np.abs(away).max()  # the nearer axis moves more slowly, so that both arrive together
        x, y = (
            self._least(speed) * share if abs(far) > self.dead_zone else 0.0
            for speed, share, far in zip(speeds, shares, away, strict=True)
        )
        # in the picture y goes down, for the camera up: hence y is flipped unless it hangs the other way
        self._move(-x if self.flip_x_movement else x, -y if self.flip_y_movement else y, 0.0, now)

    def _zoom(self, margin: float, size: float, now: datetime) -> None:
        at_border = margin <= 1
        if not self.zoom_if_able or (margin < self.dead_zone and not at_border):
            self._rest(now)
        elif at_border:
            self._move(0.0, 0.0, -self._least(0.0), now)
        else:
            gains = (self.pid_kp, self.pid_ki, self.pid_kd)
            self._move(0.0, 0.0, self._least(abs(self._pids[2]((margin - self.dead_zone / 2) / size, now, gains))), now)

    def _least(self, speed: float) -> float:
        least = max(self.minimum_camera_speed, 0.1) if self.simulate_variable_speed else self.minimum_camera_speed
        return speed if abs(speed) >= least else float(np.copysign(least, speed))

    def _move(self, x: float, y: float, zoom: float, now: datetime) -> None:
        """At most one order in so many milliseconds, but a stop of an axis at once."""
        if self.simulate_variable_speed:
            x, y, zoom = (self._pulsed(axis, speed) for axis, speed in enumerate((x, y, zoom)))
        wanted = (x, y, zoom)
        stops = any(before and not after for before, after in zip(self._moving, wanted, strict=True))
        early = self._sent is not None and (now - self._sent).total_seconds() * 1000 < self.camera_update_rate_limit
        if stops or not early:
            self._send(wanted, now)
        self._idle_since = None

    def _pulsed(self, axis: int, speed: float) -> float:
        """Full speed in that share of the orders."""
        self._owed[axis] = self._owed[axis] + abs(speed) if speed else 0.0
        if self._owed[axis] < 1:
            return 0.0
        self._owed[axis] -= 1
        return float(np.sign(speed))

    def _rest(self, now: datetime) -> None:
        if any(self._moving):
            self._send((0.0, 0.0, 0.0), now)
        if self._idle_since is None:
            self._idle_since = now

    def _idle(self, now: datetime) -> None:
        limit = self.move_to_position_after_idle_seconds
        if limit and self._idle_since is not None and (now - self._idle_since).total_seconds() >= limit:
            self._preset(now)
            self._followed, self._idle_since = None, datetime.max.replace(tzinfo=now.tzinfo)

    def _preset(self, now: datetime) -> None:
        early = self._sent is not None and (now - self._sent).total_seconds() * 1000 < self.camera_update_rate_limit
        if not early:
            self._sent = now
            camera, preset = self._connected(), self.default_position_preset
            self._order(lambda: camera.go_to(preset))

    def _send(self, speeds: tuple[float, float, float], now: datetime) -> None:
        self._moving, self._sent = speeds, now
        camera = self._connected()
        self._order(lambda: camera.move(*speeds))

    def _order(self, call: Any) -> None:
        def work() -> str:
            call()
            return "done"

        failed = self._deliveries.failure()
        sent = self._deliveries.start(work)
        if failed or sent.error_status:
            raise ConnectionError(f"Camera {self.camera_ip}: {failed or sent.message}")

    def _connected(self) -> Camera:
        if self._camera is None:
            self._camera = Camera(
                self.camera_ip, self.camera_port, self.camera_username, self.camera_password,
                private=self.private, now=self.services.now,
            )  # fmt: skip
        return self._camera


UNITS = (OnvifSink,)
