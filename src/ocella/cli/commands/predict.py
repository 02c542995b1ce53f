"""`ocella predict`."""

from pathlib import Path
from typing import Annotated

import typer

from ocella.cli.command import Command
from ocella.cli.options import (
    AllowPickle,
    AllowRemoteCode,
    ApiBase,
    ApiModel,
    Batch,
    Classes,
    Device,
    Dtype,
    Json,
    Layout,
    License,
    Model,
    Prompt,
    Runtime,
    Sources,
    Task,
    Threshold,
    Tile,
)
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS"]


def predict(
    sources: Sources,
    model: Model = "nanodet-g",
    classes: Classes = None,
    threshold: Threshold = None,
    tile: Tile = None,
    prompt: Prompt = "",
    out: Annotated[Path | None, typer.Option(help="Folder for predictions.json and drawn pictures.")] = None,
    device: Device = "auto",
    api_base: ApiBase = "",
    api_model: ApiModel = "",
    task: Task = "",
    layout: Layout = "",
    runtime: Runtime = "auto",
    dtype: Dtype = "auto",
    batch: Batch = 0,
    allow_remote_code: AllowRemoteCode = False,
    allow_pickle: AllowPickle = False,
    license: License = "",
    json: Json = False,
) -> None:
    """Run a model over images and show what it says."""
    from ocella.journeys.predict import predict as run
    from ocella.labeling.words import in_words

    with progress_bars(as_json=json) as progress:
        predicted = run(
            sources,
            model=model,
            classes=classes,
            threshold=threshold,
            tile=tile,
            prompt=prompt,
            out=out,
            device=device,
            api_base=api_base,
            api_model=api_model,
            task=task,
            layout=layout,
            runtime=runtime,
            dtype=dtype,
            batch=batch,
            remote_code=allow_remote_code,
            pickle=allow_pickle,
            license=license,
            progress=progress,
        )
    lines = [f"Set aside: {name}: {reason}" for name, reason in predicted.set_aside]
    lines += [f"{name}: {in_words(label)}" for name, label in predicted.labels.items()]
    lines += [f"Pictures: {out / 'pictures'}"] if out is not None else []
    show(predicted.to_json() if json else {}, lines, as_json=json)


UNITS = (Command("predict", predict, 60),)
