"""`ocella bench`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import AllowPickle, AllowRemoteCode, Classes, Device, Json, Layout, Task, Threads
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS"]


def bench(
    model: Annotated[str, typer.Argument(help="A name from `ocella models`, or a folder or ONNX file of yours.")],
    image: Annotated[Path | None, typer.Option(help="A photograph as the model will see them.")] = None,
    classes: Classes = None,
    runtimes: Annotated[str, typer.Option(help="onnx, openvino; those that are installed where not given.")] = "",
    dtypes: Annotated[str, typer.Option(help="float32, bfloat16.")] = "float32",
    batches: Annotated[str, typer.Option(help="Images at once, like 1,8.")] = "1,8",
    seconds: Annotated[float, typer.Option(help="How long each is measured.")] = 3.0,
    keep: Annotated[bool, typer.Option("--keep", help="Let runtime auto take the fastest for this file.")] = False,
    task: Task = "",
    layout: Layout = "",
    device: Device = "auto",
    threads: Threads = 0,
    allow_remote_code: AllowRemoteCode = False,
    allow_pickle: AllowPickle = False,
    json: Json = False,
) -> None:
    """Measure how fast a model is here, by runtime, precision and batch."""
    from ocella.journeys.bench import bench as run

    with progress_bars(as_json=json) as progress:
        benched = run(
            model,
            image=image,
            classes=classes,
            runtimes=_listed(runtimes),
            dtypes=_listed(dtypes),
            batches=[_count(b) for b in _listed(batches)],
            seconds=seconds,
            keep=keep,
            progress=progress,
            task=task,
            layout=layout,
            device=device,
            threads=threads,
            remote_code=allow_remote_code,
            pickle=allow_pickle,
        )
    told = benched.to_json()
    lines = [f"{'runtime':10}{'dtype':10}{'batch':>6}{'ms/image':>10}{'cpu ms':>10}{'peak MB':>10}"]
    lines += [_line(row) for row in told["rows"]]
    if benched.kept:
        lines.append(f"Kept: runtime auto takes {benched.kept} for this file ({benched.record}).")
    show(told, lines, as_json=json)


def _line(row: dict[str, Any]) -> str:
    head = f"{row['runtime']:10}{row['dtype']:10}{row['batch']:6}"
    if row["refused"]:
        return f"{head}  left out: {row['refused']}"
    return f"{head}{row['ms']:10.1f}{row['cpu_ms']:10.1f}{row['memory_mb']:10.0f}"


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _count(text: str) -> int:
    from ocella.errors import InvalidValue

    if not text.isdigit() or int(text) < 1:
        raise InvalidValue(f"batches must be whole numbers like 1,8, got '{text}'.")
    return int(text)


UNITS = (Command("bench", bench, 85),)
