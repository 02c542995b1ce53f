"""What every contestant does: wait for a word on the standard input, run so many rounds, answer with one line of JSON.

Only the standard library, so that it runs in the environments of the peers too.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any


def serve(ways: dict[str, Callable[[], Any]], facts: dict[str, Any]) -> None:
    """`ways` are the things to time, in turn; `facts` are told once, at the start."""
    for run in ways.values():
        for _ in range(3):
            run()
    answer({"ready": True, **facts})
    for line in sys.stdin:
        rounds = int(line)
        taken: dict[str, list[list[float]]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, run in ways.items():
                began, began_cpu = time.perf_counter(), time.process_time()
                run()
                taken[name].append([(time.perf_counter() - began) * 1e3, (time.process_time() - began_cpu) * 1e3])
        answer({"ms": taken})


def answer(value: dict[str, Any]) -> None:
    sys.__stdout__.write("\n@ " + json.dumps(value) + "\n")
    sys.__stdout__.flush()
