"""Contestants of a measurement: processes of their own that wait for their turn, and environments for peers."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent


@dataclass
class Contestant:
    """A process that waits for its turns, and what they took: (wall ms, processor ms) by way."""

    name: str
    process: subprocess.Popen[str]
    log: IO[str]
    facts: dict = field(default_factory=dict)
    taken: dict[str, list[list[float]]] = field(default_factory=dict)

    @classmethod
    def start(cls, name: str, python: Path, script: Path, arguments: list[str], extra: dict[str, str]) -> "Contestant":
        log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # read when it fails, closed with the process
        process = subprocess.Popen(
            [str(python), str(script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | {"PYTHONPATH": str(HERE)} | extra,
        )
        made = cls(name, process, log)
        made.facts = made.answer()
        return made

    def answer(self) -> dict:
        for line in self.process.stdout:
            if line.startswith("@ "):
                return json.loads(line[2:])
        self.log.seek(0)
        raise RuntimeError(f"{self.name} ended: " + " | ".join(self.log.read().strip().splitlines()[-3:])[-600:])

    def turn(self, rounds: int) -> None:
        self.process.stdin.write(f"{rounds}\n")
        self.process.stdin.flush()
        for way, times in self.answer()["ms"].items():
            self.taken.setdefault(way, []).extend(times)

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()

    def middle(self, way: str, column: int = 0) -> float:
        return statistics.median(t[column] for t in self.taken[way])


def environment(name: str, packages: Sequence[str], cache: Path) -> Path | None:
    """The Python of a peer's environment, made where it is not there; None where it cannot be installed."""
    folder = cache / name
    python, wanted = folder / "bin" / "python", "\n".join(packages)
    done = folder / "installed.txt"
    if done.is_file() and done.read_text() == wanted:
        return python
    print(f"Installing {name} into {folder} ...", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True, stderr=subprocess.DEVNULL)
    except subprocess.CalledProcessError as error:
        print(f"{name} is left out: {error}")
        return None
    done.write_text(wanted)
    return python
