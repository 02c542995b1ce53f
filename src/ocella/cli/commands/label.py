"""`ocella label`."""

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
    Every,
    Json,
    Layout,
    License,
    Limit,
    ModelOrSetting,
    Out,
    Prompt,
    Runtime,
    Setting,
    Sources,
    Task,
    Threshold,
    Tile,
)
from ocella.cli.output import progress_bars, show
from ocella.cli.summaries import label_lines

__all__ = ["UNITS"]


def label(
    sources: Sources,
    out: Out,
    setting: Setting = None,
    model: ModelOrSetting = None,
    classes: Classes = None,
    threshold: Threshold = None,
    tile: Tile = None,
    prompt: Prompt = "",
    every: Every = 0.5,
    limit: Limit = None,
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
    """Label images, folders and videos with a model."""
    from ocella.journeys.label import label as run

    with progress_bars(as_json=json) as progress:
        labeled = run(
            sources,
            out,
            setting=setting,
            model=model,
            classes=classes,
            threshold=threshold,
            tile=tile,
            prompt=prompt,
            every=every,
            limit=limit,
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
    show(labeled.to_json(), list(label_lines(labeled.to_json())), as_json=json)


UNITS = (Command("label", label, 20),)
