"""The process that runs custom code: it reads the code, gives up every right but computing, then answers calls."""

import builtins
import contextlib
import importlib
import io
import json
import linecache
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any, NoReturn

from ocella.workflows.sandbox.code import ALLOWED, Code, may_import
from ocella.workflows.sandbox.codec import NotData, read_frame, write_frame
from ocella.workflows.sandbox.lockdown import lock_down
from ocella.workflows.sandbox.stand_ins import modules, seen, unseen

__all__ = ["main"]

_PRINTED = 64 * 1024
_ALWAYS = (
    "_strptime", "cv2", "encodings.ascii", "encodings.idna", "encodings.latin_1", "encodings.utf_16", "encodings.utf_8_sig",
    "numpy.fft", "numpy.linalg", "numpy.ma", "numpy.random",
)  # fmt: skip
"""What libraries import only when first used, which is too late here."""
_WITH_PIL = (
    "BmpImagePlugin",
    "ImageColor",
    "ImageDraw",
    "ImageFile",
    "ImageFont",
    "ImageOps",
    "JpegImagePlugin",
    "PngImagePlugin",
)
_PRELUDE = (
    "from typing import *\nimport numpy as np\nimport numpy, cv2, math, time, json, typing, datetime\n"
    "import supervision as sv\n"
    "from inference.core.workflows.execution_engine.entities.base import Batch, WorkflowImageData, VideoMetadata\n"
    "from inference.core.workflows.prototypes.block import BlockResult\n"
)


def main() -> None:
    """Serve one block until the pipe ends."""
    source, sink = _pipes()
    order = json.loads(_line(source))
    limits = {"text": order["text"], "blobs": order["blobs"]}
    room = _Room(Code(order["run"], order["run_name"], order["init"], order["init_name"], tuple(order["imports"])))
    held = lock_down(order["memory_mb"], max(source.fileno(), sink.fileno()) + 1)
    answer = room.answer(room.open)
    write_frame(sink, {**answer, "held": held}, **limits)
    while True:
        try:
            arguments = read_frame(source, **limits)
        except EOFError:
            os._exit(0)
        _alarm(order["seconds"] + 10)
        answer = room.answer(lambda given=arguments: room.run(given))
        _alarm(0)
        del arguments
        try:
            write_frame(sink, answer, **limits)
        except (NotData, RecursionError, MemoryError) as error:
            write_frame(sink, {**room.failed(error), "printed": answer["printed"]}, **limits)


class _Printed(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = _PRINTED - self._size
        if room > 0:
            self._parts.append(text[:room])
            self._size += len(text[:room])
            if len(text) > room:
                self._parts.append("\n(the rest is left out)\n")
        return len(text)

    def take(self) -> str:
        text = "".join(self._parts)
        self._parts, self._size = [], 0
        return text


class _Self:
    """`self` of the functions."""

    def __init__(self) -> None:
        self._init_results: Any = {}  # the name that definitions use


class _Room:
    """The code with its names, once opened."""

    def __init__(self, code: Code) -> None:
        self.code, self.me, self.printed = code, _Self(), _Printed()
        self.names: dict[str, Any] = {"__name__": "custom_code", "__builtins__": _builtins()}
        sys.modules.update(modules())
        wanted = [*_ALWAYS, *code.modules()]
        if "PIL" in {name.partition(".")[0] for name in wanted}:
            wanted += [f"PIL.{part}" for part in _WITH_PIL]
        for name in wanted:
            with contextlib.suppress(ImportError):  # the code's own import says so, with its line
                importlib.import_module(name)
        sys.modules["cv2"].setNumThreads(0)  # it may not start threads later

    def open(self) -> None:
        """Run the texts, then the init function."""
        exec(compile(_PRELUDE, "<names>", "exec"), self.names)  # noqa: S102  # what this process is for
        if "shapely" in sys.modules:
            self.names["shapely"] = sys.modules["shapely"]
        for name in ("os", "requests"):
            self.names[name] = _Absent(name)
        for where, text in self.code.texts.items():
            linecache.cache[where] = (len(text), None, [line + "\n" for line in text.splitlines()], where)
            exec(compile(text, where, "exec"), self.names)  # noqa: S102
        if self.code.init:
            self.me._init_results = self.names[self.code.init_name]()  # noqa: SLF001

    def run(self, arguments: Mapping[str, Any]) -> Any:
        """One call of the function."""
        given = {name: seen(value) for name, value in arguments.items()}
        return unseen(self.names[self.code.run_name](self.me, **given))

    def answer(self, work: Any) -> dict[str, Any]:
        """What a piece of work gives, or how it failed; and what it printed."""
        with contextlib.redirect_stdout(self.printed), contextlib.redirect_stderr(self.printed):
            try:
                answer = {"value": work()}
            except BaseException as error:  # noqa: BLE001  # SystemExit too: the process stays
                answer = self.failed(error)
        return {**answer, "printed": self.printed.take()}

    def failed(self, error: BaseException) -> dict[str, Any]:
        """An error with the lines of the code it came through."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in self.code.texts]
        kept = frames if len(frames) <= 12 else [*frames[:3], *frames[-6:]]
        lines = [f"{f.filename}, line {f.lineno}, in {f.name}: {f.line}" for f in kept]
        if len(kept) < len(frames):
            lines.insert(3, f"... {len(frames) - len(kept)} more")
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        return {"error": said[:4000], "lines": lines}


class _Absent:
    """In place of a module that definitions expect to be there, and that may not be."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> NoReturn:
        raise PermissionError(f"Custom code may not use {self._name}.{attribute}: it computes and nothing else.")


def _builtins() -> dict[str, Any]:
    """Python's own, with an import that knows what is allowed, and no files."""

    def guarded(name: str, scope: Any = None, local: Any = None, names: Any = (), level: int = 0) -> Any:
        if level or not (may_import(name) or name == "_strptime"):  # that one is a part of datetime
            raise ImportError(f"Custom code may not import '{name}'. Allowed: {', '.join(sorted(ALLOWED))}.")
        return builtins.__import__(name, scope, local, names, level)

    def no_files(*_: Any, **__: Any) -> NoReturn:
        raise PermissionError("Custom code may not open files.")

    return {**vars(builtins), "__import__": guarded, "open": no_files, "input": no_files, "breakpoint": no_files}


def _alarm(seconds: float) -> None:
    """End this process after a while, for when the engine that should do it is gone."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _pipes() -> tuple[Any, Any]:
    """The pipes to the engine on handles of their own; what C libraries print goes nowhere."""
    source, sink = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    os.close(nowhere)
    return os.fdopen(source, "rb"), os.fdopen(sink, "wb")


def _line(source: Any) -> bytes:
    return bytes(source.readline(64 * 2**20))
