"""Options that several commands share, said once."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ApiBase",
    "ApiModel",
    "Classes",
    "Device",
    "Every",
    "Json",
    "Limit",
    "Model",
    "Out",
    "Prompt",
    "Seed",
    "Sources",
    "Threshold",
    "Tile",
]

Sources = Annotated[
    list[str], typer.Argument(help="Folders (searched through), images, videos, or .txt lists of paths.")
]
Out = Annotated[Path, typer.Option(help="Folder for the result; run again with the same folder to go on.")]
Model = Annotated[str, typer.Option(help="A name from `ocella models`, a student's folder, or detector+segmenter.")]
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
