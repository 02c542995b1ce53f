"""What a process gives up before it runs code it does not trust.

Each layer holds without the others:

- Python's audit hook refuses everything that is announced to it and is not computing: files, network, processes,
  threads, C functions, new modules (every system; it stops code that means well, and most that does not);
- resource limits: memory, no new file or socket handles, no bytes into files, no child processes (Linux, macOS);
- a filter of system calls (Linux on x86-64 and arm64), see `seccomp`; this one holds against code that breaks Python.

On Windows only the hook is left, and no bound on memory: allow only code that you would run yourself.
"""

import contextlib
import sys
from typing import Any

from ocella.workflows.sandbox import seccomp

__all__ = ["lock_down"]

_FREE = frozenset(
    {
        "array.__new__",
        "builtins.id",
        "code.__new__",
        "compile",
        "exec",
        "function.__new__",
        "object.__delattr__",
        "object.__getattr__",
        "object.__setattr__",
        "sys._getframe",
        "sys._getframemodulename",
        "sys.excepthook",
        "sys.unraisablehook",
        "time.sleep",
    }
)
_MEANS = {
    "open": "open files",
    "socket": "use the network",
    "ctypes": "call C functions",
    "subprocess": "start processes",
    "os.system": "start processes",
    "os.exec": "start processes",
    "os.fork": "start processes",
    "os.forkpty": "start processes",
    "os.posix_spawn": "start processes",
    "os.spawn": "start processes",
    "_thread": "start threads",
    "os": "use the operating system",
}


def lock_down(memory_mb: int, handles: int) -> list[str]:
    """Give up everything but computing for good: `memory_mb` more than now, no file handle from `handles` on. Returns the
    layers that hold: audit, limits, seccomp.
    """
    held = ["audit"]
    if _limit(memory_mb * 2**20, handles):
        held.append("limits")
    if seccomp.lock():
        held.append("seccomp")
    for name in [
        n for n in sys.modules if n.partition(".")[0] in ("ctypes", "_ctypes", "socket", "_socket", "subprocess")
    ]:
        del sys.modules[name]
    sys.addaudithook(_refuse)
    return held


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _FREE:
        return
    if event == "import":
        raise ImportError(
            f"Custom code may not import '{arguments[0]}' here: name it in an import statement of its own."
        )
    means = _MEANS.get(event) or _MEANS.get(event.partition(".")[0], f"do this ({event})")
    raise PermissionError(f"Custom code may not {means}.")


def _limit(memory: int, handles: int) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    limits = {
        "RLIMIT_AS": _in_use() + memory,
        "RLIMIT_NOFILE": handles,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NPROC": 0,
        "RLIMIT_CORE": 0,
    }
    for name, limit in limits.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):  # not every system knows, or lets us set, each
            resource.setrlimit(getattr(resource, name), (limit, limit))
    return True


def _in_use() -> int:
    """Address space of this process in bytes, where the system tells it."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # pathlib is not needed here otherwise
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 512 * 2**20
