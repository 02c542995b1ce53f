"""Options that several commands share, said once."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AllowPickle",
    "AllowRemoteCode",
    "ApiBase",
    "ApiModel",
    "Batch",
    "Classes",
    "Device",
    "Dtype",
    "Every",
    "Json",
    "Layout",
    "License",
    "Limit",
    "Model",
    "ModelOrSetting",
    "Out",
    "Prompt",
    "Runtime",
    "Seed",
    "Setting",
    "Sources",
    "Task",
    "Threads",
    "Threshold",
    "Tile",
]

Sources = Annotated[
    list[str], typer.Argument(help="Folders (searched through), images, videos, or .txt lists of paths.")
]
Out = Annotated[Path, typer.Option(help="Folder for the result; run again with the same folder to go on.")]
_MODEL = "A name from `ocella models`, a folder or ONNX file of yours, or detector+segmenter."
Model = Annotated[str, typer.Option(help=_MODEL)]
ModelOrSetting = Annotated[str | None, typer.Option(help=f"{_MODEL} Without it: nanodet-g.", show_default=False)]
Setting = Annotated[
    Path | None,
    typer.Option(help="A file of `ocella choose`: model, classes, thresholds, tile and prompt are taken from it."),
]
Prompt = Annotated[str, typer.Option(help="What to ask a vision-language model about each image; others take none.")]
Classes = Annotated[
    str | None, typer.Option(help="What to look for: 'person, dog=a dog or puppy, car=car|van', or a JSON file.")
]
Threshold = Annotated[float | None, typer.Option(help="Least confidence, 0 to 1; the model's own where not given.")]
Tile = Annotated[str | None, typer.Option(help="Look at rows x columns of tiles too, like 2x2: finds small things.")]
Every = Annotated[float, typer.Option(help="Take one video frame every so many seconds.")]
Limit = Annotated[int | None, typer.Option(help="Stop after so many images.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Seed = Annotated[int, typer.Option(help="Same seed, same result.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on the standard output, nothing else.")]
ApiBase = Annotated[
    str, typer.Option(help="Address of a server that speaks the OpenAI protocol; key in OCELLA_API_KEY.")
]
ApiModel = Annotated[str, typer.Option(help="Name of the model on that server.")]
Task = Annotated[
    str, typer.Option(help="What an ONNX file is for, where it does not say: detect, classify, embed, ...")
]
Layout = Annotated[
    str, typer.Option(help="How the outputs of an ONNX file are to be read, where that is not plain: yolo, detr, ...")
]
Runtime = Annotated[str, typer.Option(help="For ONNX files: auto, onnx or openvino; auto is what `ocella bench` kept.")]
Dtype = Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")]
Batch = Annotated[int, typer.Option(min=0, help="Images at once; 0 leaves it to the model.")]
Threads = Annotated[int, typer.Option(min=0, help="Processor cores to use; 0 takes all.")]
AllowRemoteCode = Annotated[bool, typer.Option("--allow-remote-code", help="Run Python code that comes with weights.")]
AllowPickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Open weights that are a pickle, which may run code.")
]
License = Annotated[str, typer.Option(help="commercial: refuse models whose licences forbid commercial use.")]
