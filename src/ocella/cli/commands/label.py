"""`ocella label`."""

from collections.abc import Iterator
from typing import Any

from ocella.cli.command import Command
from ocella.cli.options import (
    ApiBase,
    ApiModel,
    Classes,
    Device,
    Every,
    Json,
    Limit,
    Model,
    Out,
    Sources,
    Threshold,
    Tile,
)
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS"]


def label(
    sources: Sources,
    out: Out,
    model: Model = "nanodet-g",
    classes: Classes = None,
    threshold: Threshold = None,
    tile: Tile = None,
    prompt: str = "",
    every: Every = 0.5,
    limit: Limit = None,
    device: Device = "auto",
    api_base: ApiBase = "",
    api_model: ApiModel = "",
    json: Json = False,
) -> None:
    """Label images, folders and videos with a model."""
    from ocella.journeys.label import label as run

    with progress_bars(as_json=json) as progress:
        labeled = run(
            sources,
            out,
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
            progress=progress,
        )
    show(labeled.to_json(), list(summary(labeled.to_json())), as_json=json)


def summary(told: dict[str, Any]) -> Iterator[str]:
    """Lines that lead with what matched nothing."""
    if told["empty_classes"]:
        yield f"Nothing was found for: {', '.join(told['empty_classes'])}"
    if told["empty_images"]:
        yield f"No label at all in {told['empty_images']} of {told['images']} images"
    for aside in told["set_aside"]:
        yield f"Set aside: {aside['name']}: {aside['reason']}"
    for match in told["matches"]:
        lost = f"; the model does not see: {match['lost']}" if match["lost"] else ""
        if match["kind"] != "exact" or lost:
            yield (
                f"Prompt '{match['prompt']}' was taken for the model's class '{match['known']}' "
                f"({match['kind']}, similarity {match['similarity']:.2f}){lost}"
            )
    counts = ", ".join(f"{name} {n}" for name, n in told["counts"].items() if n)
    yield f"Labels: {counts or 'none'}"
    yield f"Images: {told['images']} ({told['new']} new, {told['reused']} reused), {told['seconds']:.1f} s, {told['model']}"
    yield f"Data set: {told['dataset']}   report: {told['dataset']}/report.html"


UNITS = (Command("label", label, 20),)
