"""What all sinks share: permission, switches, cooldown, delivery in the background."""

import threading
from collections.abc import Callable
from datetime import datetime
from queue import Empty, Full, Queue
from typing import ClassVar, NamedTuple

from ocella.errors import OcellaError
from ocella.workflows.block import Block
from ocella.workflows.services import Permission

__all__ = ["Deliveries", "Effect", "Notice", "Sent", "Sink", "delivered"]

_WAITING = 64
_PATIENCE = 30.0
Work = Callable[[], str]
"""Delivers something and says how it went; raises OSError or OcellaError where it cannot."""


class Sent(NamedTuple):
    """How one delivery went."""

    error_status: bool
    message: str


class Notice(NamedTuple):
    """How one delivery went, or whether it was held back."""

    error_status: bool
    throttling_status: bool
    message: str


class Effect(Block):
    """A block that acts on the world, once the operator allows it."""

    stateful = True
    slow = True
    _needs: ClassVar[Permission] = "send"

    def setup(self) -> None:
        """Refuses what is not allowed, unless sinks are off anyway."""
        if not self.services.sinks_off:
            self.services.require(self._needs, f"Step '{self.step}' ({self.type})")

    def off(self, *, disabled: bool = False) -> str:
        """Why nothing is to be done; '' where something is."""
        if self.services.sinks_off:
            return "Sinks are turned off for this run."
        return "Sink was disabled by 'disable_sink'." if disabled else ""

    @property
    def private(self) -> bool:
        """Whether addresses of this machine and of private networks may be reached."""
        return "private-addresses" in self.services.allow


class Sink(Effect):
    """Delivers one thing a run, at most one every `cooldown_seconds`; with `fire_and_forget` in the background, where errors
    are told with the next run.
    """

    fire_and_forget: bool = True
    disable_sink: bool = False
    cooldown_seconds: float = 5

    def setup(self) -> None:
        """Nothing was sent yet."""
        super().setup()
        self._last: datetime | None = None
        self._deliveries = Deliveries()

    def close(self) -> None:
        """Wait for what is still on its way."""
        self._deliveries.close()

    def deliver(self, work: Work) -> Notice:
        """Do the work now or in the background, unless it is off or too early."""
        held = self.held_back()
        return held or Notice(*self.start(work))

    def held_back(self) -> Notice | None:
        """Why nothing is sent now; None where something is, and then the cooldown begins anew."""
        why = self.off(disabled=self.disable_sink)
        if why:
            return Notice(error_status=False, throttling_status=False, message=why)
        now = self.services.now()
        if self._last is not None and (now - self._last).total_seconds() < self.cooldown_seconds:
            return Notice(error_status=False, throttling_status=True, message="Sink cooldown applies.")
        self._last = now
        return None

    def start(self, work: Work) -> tuple[bool, bool, str]:
        """Error, throttling (never) and message of the work."""
        sent = self._deliveries.start(work) if self.fire_and_forget else delivered(work)
        return sent.error_status, False, sent.message


class Deliveries:
    """A thread that does what is to be delivered, in order; at most 64 wait."""

    def __init__(self) -> None:
        self._queue: Queue[Work] = Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._failed = ""

    def start(self, work: Work) -> Sent:
        """Put it into the queue."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)
            self._thread.start()
        try:
            self._queue.put_nowait(work)
        except Full:
            return Sent(error_status=True, message=f"{_WAITING} deliveries are waiting; this one is left out.")
        failed = self.failure()
        earlier = f" An earlier one failed: {failed}" if failed else ""
        return Sent(error_status=False, message="Sent in the background." + earlier)

    def failure(self) -> str:
        """How the last one that failed did, told once; '' where none did."""
        failed, self._failed = self._failed, ""
        return failed

    def close(self) -> None:
        """Wait for those in the queue, for 30 seconds at most."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while True:
            try:
                work = self._queue.get(timeout=0.05)
            except Empty:
                if self._closing.is_set():
                    return
                continue
            try:
                sent = delivered(work)
            except Exception as error:  # noqa: BLE001  # the thread goes on for those that wait
                sent = Sent(error_status=True, message=f"{type(error).__name__}: {error}")
            if sent.error_status:
                self._failed = sent.message


def delivered(work: Work) -> Sent:
    """Do it; what goes wrong is its message."""
    try:
        return Sent(error_status=False, message=work())
    except (OSError, OcellaError) as error:
        return Sent(error_status=True, message=f"{type(error).__name__}: {error}")
