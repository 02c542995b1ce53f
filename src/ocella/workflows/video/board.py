"""What the threads of a stream share: one lock, and whether it is paused or stopping."""

import threading
import time

__all__ = ["Board"]


class Board:
    """`changed` guards everything that several threads of a stream touch, and is notified when any of it changes."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.cancel = threading.Event()
        self.paused = False
        self.hurried_at = 0.0

    @property
    def stopping(self) -> bool:
        """Whether the stream is asked to stop."""
        return self.cancel.is_set()

    @property
    def hurried(self) -> bool:
        """Whether somebody waits for the stop, so that sinks must come to an end too."""
        return self.hurried_at > 0

    def stop(self, *, hurry: bool = False) -> None:
        """Ask everything to stop."""
        with self.changed:
            if hurry and not self.hurried_at:
                self.hurried_at = time.monotonic()
            self.cancel.set()
            self.changed.notify_all()
