"""Models loaded on demand and shared by threads, within a number of bytes."""

import ctypes
import gc
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ocella.errors import Busy, NoRoom
from ocella.models.footprint import bytes_to_load
from ocella.models.load import load
from ocella.models.tasks import Model

__all__ = ["Pool", "PoolStats"]

Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class PoolStats:
    """Counts since the start: models loaded, evicted for room, unloaded as idle, leases that had to wait, and leases that
    waited in vain; then what is loaded now, and its bytes.
    """

    loads: int = 0
    evictions: int = 0
    idle_unloads: int = 0
    waits: int = 0
    refusals: int = 0
    bytes: int = 0
    loaded: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


@dataclass
class _Slot:
    """One model of the pool; `model` is None while it loads, `error` is what its load raised."""

    name: str
    bytes: int
    model: Model | None = None
    error: Exception | None = None
    holders: list[int] = field(default_factory=list)
    used: float = 0.0


class Pool:
    """Leases of models. What is not leased gives way, longest unused first; what is leased never does. A lease that finds
    no room waits up to `wait_seconds`; from `patience_seconds` on it goes before leases that came later.
    Models that nobody leased for `idle_seconds` are unloaded; 0 keeps them.
    """

    def __init__(
        self,
        limit_bytes: int,
        *,
        wait_seconds: float = 30.0,
        patience_seconds: float = 0.5,
        idle_seconds: float = 0.0,
        loader: Callable[..., Model] = load,
        weigh: Callable[..., int] = bytes_to_load,
    ) -> None:
        self.limit_bytes, self.wait_seconds = limit_bytes, wait_seconds
        self.patience_seconds, self.idle_seconds = patience_seconds, idle_seconds
        self._loader, self._weigh = loader, weigh
        self._slots: dict[Key, _Slot] = {}
        self._waiting: dict[object, tuple[Key, float]] = {}  # leases that wait for room, and since when
        self._changed = threading.Condition()
        self._stats = PoolStats()
        self._closed = False
        if idle_seconds:
            threading.Thread(target=self._unload_idle, name="pool-idle", daemon=True).start()

    @contextmanager
    def lease(self, name: str | Path, **options: Any) -> Iterator[Model]:
        """The model that `ocella.load(name, **options)` gives, good within the `with` only: what is kept of it raises
        ReferenceError once the model was evicted. Raises NoRoom where it alone is larger than the pool, Busy where no room
        came in time, and what loading raises.
        """
        key = (str(name), tuple(sorted((option, repr(value)) for option, value in options.items())))
        slot = self._take(key, name, options)
        try:
            # a weak one, for the name after `as` lives on when the lease has ended, and would keep an evicted model
            yield weakref.proxy(slot.model)
        finally:
            with self._changed:
                slot.holders.remove(threading.get_ident())
                slot.used = time.monotonic()
                self._changed.notify_all()

    def stats(self) -> PoolStats:
        """Counts up to now."""
        with self._changed:
            names = tuple(s.name for s in self._slots.values() if s.model is not None)
            return PoolStats(**{**asdict(self._stats), "bytes": self._bytes(), "loaded": names})

    def close(self) -> None:
        """Unload what nobody leases and stop watching for idle models."""
        with self._changed:
            self._closed = True
            out = self._evict([key for key, slot in self._slots.items() if self._is_free(slot)])
            self._changed.notify_all()
        _free(out)

    def _take(self, key: Key, name: str | Path, options: dict[str, Any]) -> _Slot:
        begun = time.monotonic()
        with self._changed:
            ready = self._ready(key, begun)
        if ready is not None:
            return ready
        need = self._weigh(name, **options)
        if need > self.limit_bytes:
            raise NoRoom(
                f"'{name}' needs about {need / 1e6:,.0f} MB, but all models together may take {self.limit_bytes / 1e6:,.0f} "
                "MB. Raise the limit, or take a smaller model: `ocella models` lists their sizes."
            )
        slot, evicted, mine = self._wait(key, need, begun)
        _free(evicted)
        if mine:
            self._load(key, slot, name, options)
        return slot

    def _wait(self, key: Key, need: int, begun: float) -> tuple[_Slot, list[_Slot], bool]:
        """The slot, leased; models that went for it; and whether it is this thread's to load."""
        ticket, until, waited = object(), begun + self.wait_seconds, False
        with self._changed:
            try:
                while True:
                    ready = self._ready(key, begun)
                    if ready is not None:
                        return ready, [], False
                    loading = self._slots.get(key)
                    if loading is None:
                        self._waiting[ticket] = key, begun
                        out = None if self._goes_after(key, begun) else self._make_room(need)
                        if out is not None:
                            slot = self._slots[key] = _Slot(key[0], need, holders=[threading.get_ident()])
                            return slot, out, True
                    self._stats.waits += not waited
                    waited = True
                    self._pause(key, loading, until)
            finally:
                self._waiting.pop(ticket, None)
                self._changed.notify_all()

    def _pause(self, key: Key, loading: _Slot | None, until: float) -> None:
        """Wait for a change. Another thread's load of the same model is waited for as long as it takes."""
        if loading is not None and loading.model is None:
            self._changed.wait()
            if loading.error is not None:
                raise loading.error
            return
        left = until - time.monotonic()
        if left <= 0:
            self._stats.refusals += 1
            held = ", ".join(f"'{s.name}'" for s in self._slots.values() if s.holders)
            raise Busy(
                f"There was no room for '{key[0]}' within {self.wait_seconds:g} seconds: {held or 'others'} are in use. Try "
                "again, or raise the limit of the pool."
            )
        self._changed.wait(left)

    def _ready(self, key: Key, begun: float) -> _Slot | None:
        """The slot of a loaded model, leased; None where it is not loaded, or another lease goes first."""
        slot = self._slots.get(key)
        if slot is None or slot.model is None or self._goes_after(key, begun):
            return None
        slot.holders.append(threading.get_ident())
        return slot

    def _goes_after(self, key: Key, begun: float) -> bool:
        """Whether an older lease of another model has waited for room beyond the patience. A thread that holds a lease
        goes after none, for they may wait for it.
        """
        me, late = threading.get_ident(), time.monotonic() - self.patience_seconds
        return not any(me in slot.holders for slot in self._slots.values()) and any(
            wanted != key and wanted not in self._slots and since < min(begun, late)
            for wanted, since in self._waiting.values()
        )

    def _make_room(self, need: int) -> list[_Slot] | None:
        """Evict what must go, longest unused first; None, and nothing is evicted, where that would not do."""
        free = self.limit_bytes - self._bytes()
        going: list[Key] = []
        for key, slot in sorted(self._slots.items(), key=lambda item: item[1].used):
            if free >= need:
                break
            if self._is_free(slot):
                going.append(key)
                free += slot.bytes
        if free < need:
            return None
        self._stats.evictions += len(going)
        return self._evict(going)

    def _evict(self, keys: list[Key]) -> list[_Slot]:
        return [self._slots.pop(key) for key in keys]

    def _load(self, key: Key, slot: _Slot, name: str | Path, options: dict[str, Any]) -> None:
        """Outside of the lock, so that other models can be leased meanwhile."""
        try:
            model = self._loader(name, **options)
        except BaseException as error:
            with self._changed:
                slot.error = error if isinstance(error, Exception) else None  # an interrupt is of this thread alone
                del self._slots[key]
                self._changed.notify_all()
            raise
        with self._changed:
            slot.model, slot.used = model, time.monotonic()
            self._stats.loads += 1
            self._changed.notify_all()

    def _unload_idle(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                now = time.monotonic()
                idle = [k for k, s in self._slots.items() if self._is_free(s) and now - s.used >= self.idle_seconds]
                out = self._evict(idle)
                self._stats.idle_unloads += len(out)
                self._changed.notify_all()
            _free(out)
            with self._changed:
                self._changed.wait_for(lambda: self._closed, timeout=self.idle_seconds / 4)

    def _bytes(self) -> int:
        return sum(slot.bytes for slot in self._slots.values())

    @staticmethod
    def _is_free(slot: _Slot) -> bool:
        return slot.model is not None and not slot.holders


def _free(slots: list[_Slot]) -> None:
    """Drop the models: their sessions and tensors end with the last reference; then give the memory back."""
    if not slots:
        return
    for slot in slots:
        slot.model = None
    gc.collect()  # networks have cycles
    cuda = getattr(sys.modules.get("torch"), "cuda", None)  # torch may not be there, or just be importing
    if cuda is not None and cuda.is_initialized():
        cuda.empty_cache()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # glibc keeps freed memory until told; other C libraries do not
            ctypes.CDLL("libc.so.6").malloc_trim(0)
