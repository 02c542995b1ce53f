"""What an operator hands to workflows: models, permissions, a clock."""

import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from ocella.errors import InvalidValue, Refused

__all__ = ["Permission", "Services"]

Permission = Literal[
    "read-files", "read-urls", "private-addresses", "write-files", "send", "environment", "custom-code"
]
_MEANS = {
    "read-files": "reads images from files that the inputs name",
    "read-urls": "fetches images from addresses that the inputs name",
    "private-addresses": "reaches this machine and its own network",
    "write-files": "writes files",
    "send": "sends data to other machines",
    "environment": "reads variables of the environment",
    "custom-code": "runs Python code of the definition",
}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """`allow` lists what steps may do beyond computing; nothing by default. Files are written under `write_to` only.
    `models` is the pool to take models from, a shared one by default; `license` "commercial" refuses models whose licence
    forbids commercial use. `sinks_off` lets sinks run without any effect. `now` and `sleep` are the clock. A call of custom
    code may take `code_seconds` and `code_memory_mb`.
    """

    allow: frozenset[str] = frozenset()
    write_to: Path | None = None
    models: Any = None
    license: str | None = None
    device: str = "auto"
    sinks_off: bool = False
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    code_seconds: float = 10.0
    code_memory_mb: int = 1024
    shared: MutableMapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "allow", frozenset(self.allow))
        unknown = sorted(self.allow - set(get_args(Permission)))
        if unknown:
            raise InvalidValue(f"allow must hold some of {', '.join(get_args(Permission))}, got '{unknown[0]}'.")

    def require(self, permission: Permission, who: str) -> None:
        """Raises Refused unless the operator allows it."""
        if permission not in self.allow:
            raise Refused(
                f"{who} {_MEANS[permission]}, which is off until you allow it: --allow {permission}, or "
                f"Services(allow={{'{permission}'}})."
            )

    @contextmanager
    def lease(self, name: str, **options: Any) -> Iterator[Any]:
        """A model of the pool, good within the `with`."""
        chosen = {"device": self.device, "license": self.license or "", **options}
        with (self.models or _shared_pool()).lease(name, **chosen) as model:
            yield model


@lru_cache(maxsize=1)
def _shared_pool() -> Any:
    """One pool for the process, of half the machine's memory."""
    import os

    from ocella.models.pool import Pool

    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on every system
        memory = 8 * 2**30
    return Pool(memory // 2)
