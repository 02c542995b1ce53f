"""What a person, or with `--json` a program, gets to see."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ocella.progress import Progress, silent

__all__ = ["progress_bars", "say", "show"]


def show(result: Mapping[str, Any], lines: Sequence[str], *, as_json: bool) -> None:
    """The result: one JSON object, or lines of text."""
    if as_json:
        json.dump(result, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        say(*lines)


def say(*lines: str) -> None:
    """Lines for a person; characters that the terminal lacks are replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")


@contextmanager
def progress_bars(*, as_json: bool = False) -> Iterator[Progress]:
    """A bar for each stage on the error stream; nothing with `--json`, plain lines where no terminal is."""
    if as_json:
        yield silent
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Bars(*columns, TextColumn("{task.fields[what]}"), console=Console(stderr=True)) as bars:
            known: dict[str, Any] = {}

            def advance(stage: str, done: int, total: int, what: str) -> None:
                if stage not in known:
                    known[stage] = bars.add_task(stage, total=total, what=what)
                bars.update(known[stage], completed=done, total=total, what=what[-48:])

            yield advance


class _Lines:
    """One line a stage and tenth."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def __call__(self, stage: str, done: int, total: int, what: str) -> None:
        tenth = 10 * done // max(1, total)
        if self._told.get(stage) != tenth:
            self._told[stage] = tenth
            sys.stderr.write(f"{stage} {done}/{total} {what}\n")
