"""The engine's side: a process for one block's code, started when first called, ended when it breaks a limit."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from ocella.environment import for_a_child
from ocella.errors import CodeFailed
from ocella.workflows.sandbox.code import Code
from ocella.workflows.sandbox.codec import NotData, read_frame, write_frame

__all__ = ["Limits", "Worker"]

_BOOT = (
    "import sys; sys.path += [p for p in sys.argv[1:] if p not in sys.path]; "
    "from ocella.workflows.sandbox.worker import main; main()"
)


@dataclass(frozen=True)
class Limits:
    """For one call: seconds, memory beyond what Python itself takes, bytes of text and of arrays either way. `start_seconds`
    for the start with the code's imports and its init function.
    """

    seconds: float = 10.0
    memory_mb: int = 1024
    start_seconds: float = 60.0
    text: int = 16 * 2**20
    blobs: int = 256 * 2**20


class Worker:
    """Runs one block's code. State of the code lives as long as its process; after a broken limit a new one starts."""

    def __init__(self, name: str, code: Code, limits: Limits) -> None:
        self.name, self.code, self.limits = name, code, limits
        self.held: tuple[str, ...] = ()
        self.printed: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, arguments: Mapping[str, Any]) -> Any:
        """What the function returns. Raises CodeFailed with the lines of the code, or the limit that it broke."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        process = self._process
        assert process is not None
        return self._value(self._exchange(process, arguments, self.limits.seconds))

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    _close(pipe)

    def _start(self) -> None:
        self.close()
        code, limits = self.code, self.limits
        self._process = process = subprocess.Popen(  # noqa: S603  # Python itself, with our own worker
            [sys.executable, "-I", "-c", _BOOT, *(str(Path(p).resolve()) for p in sys.path if p)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            cwd=os.sep,
            start_new_session=True,
        )  # fmt: skip
        order = {
            "run": code.run, "run_name": code.run_name, "init": code.init, "init_name": code.init_name,
            "imports": code.imports, "seconds": limits.seconds, "memory_mb": limits.memory_mb, "text": limits.text, "blobs": limits.blobs,
        }  # fmt: skip
        answer = self._exchange(process, json.dumps(order).encode() + b"\n", limits.start_seconds)
        self.held = tuple(str(h) for h in answer.get("held") or ())
        try:
            self._value(answer)
        except CodeFailed:
            self.close()
            raise

    def _exchange(self, process: "subprocess.Popen[bytes]", message: Any, seconds: float) -> dict[str, Any]:
        """Send a message and wait for the answer; whatever goes wrong ends the process."""
        to_it, from_it = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
        limits = {"text": self.limits.text, "blobs": self.limits.blobs}
        with _Deadline(process, seconds) as deadline:
            try:
                if isinstance(message, bytes):
                    to_it.write(message)
                    to_it.flush()
                else:
                    write_frame(to_it, message, **limits)
                answer = read_frame(from_it, **limits)
            except NotData as error:
                self.close()
                raise CodeFailed(f"The code of '{self.name}': {error}") from error
            except (EOFError, OSError) as error:
                raise self._ended(process, deadline) from error
        if deadline.expired or not isinstance(answer, dict):
            self.close()
        if not isinstance(answer, dict):
            raise CodeFailed(f"The code of '{self.name}' sent something that is no answer.")
        return answer

    def _ended(self, process: "subprocess.Popen[bytes]", deadline: "_Deadline") -> CodeFailed:
        """Why there is no answer."""
        code = process.wait()
        said = process.stderr.read().decode(errors="replace").strip().splitlines() if process.stderr is not None else []
        self.close()
        if deadline.expired:
            again = "Its next call starts anew, without what it kept in self."
            return CodeFailed(f"The code of '{self.name}' did not end within {deadline.seconds:g} seconds. {again}")
        why = f": {said[-1]}" if said else ""
        return CodeFailed(f"The process of the code of '{self.name}' ended on its own (exit code {code}){why}.")

    def _value(self, answer: Mapping[str, Any]) -> Any:
        """What the answer holds; raises how it failed."""
        printed = str(answer.get("printed") or "").splitlines()
        self.printed = [*self.printed, *printed][-1000:]
        if "error" not in answer:
            return answer.get("value")
        found = answer.get("lines")
        lines = [str(line) for line in found] if isinstance(found, list) else []
        raise CodeFailed(_told(self.name, str(answer["error"]), lines, printed), lines, printed)


class _Deadline:
    """Kills a process that takes longer than it may."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.seconds, self.expired = seconds, False
        self._process = process
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()

    def _expire(self) -> None:
        self.expired = True
        self._process.kill()


def _told(name: str, error: str, lines: list[str], printed: list[str]) -> str:
    text = "\n".join([f"The code of '{name}' failed: {error}", *(f"  {line}" for line in lines)])
    return text + ("\nIt printed:\n" + "\n".join(f"  {line}" for line in printed[-10:]) if printed else "")


def _environment() -> dict[str, str]:
    """Nothing of ours but what the system needs to start Python: no secrets."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**for_a_child(), **threads, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:  # what was not sent to a process that is gone
        return
