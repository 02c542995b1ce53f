"""`ocella ask`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import AllowRemoteCode, ApiBase, ApiModel, Classes, Device, Dtype, Json
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS"]


def ask(
    source: Annotated[str, typer.Argument(help="An image, a folder (searched through), or a .txt list of paths.")],
    prompt: Annotated[str, typer.Argument(help="The question, like 'is there a cat?'.")],
    model: Annotated[str, typer.Option(help="A vision-language model: see `ocella models --task vlm`.")] = "",
    classes: Classes = None,
    max_tokens: Annotated[int, typer.Option(min=0, help="Most tokens of an answer; 0 leaves it to the model.")] = 0,
    as_json: Annotated[bool, typer.Option("--ask-json", help="Ask the model for JSON, and read it.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for answers.json.")] = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    allow_remote_code: AllowRemoteCode = False,
    api_base: ApiBase = "",
    api_model: ApiModel = "",
    json: Json = False,
) -> None:
    """Ask a vision-language model about images; with --classes it is to answer with one of them."""
    from ocella.journeys.ask import ask as run

    options: dict[str, Any] = {"max_tokens": max_tokens} if max_tokens else {}
    with progress_bars(as_json=json) as progress:
        replies = run(
            source,
            prompt,
            model=model,
            classes=classes,
            out=out,
            device=device,
            options=options | ({"json": True} if as_json else {}),
            progress=progress,
            dtype=dtype,
            remote_code=allow_remote_code,
            api_base=api_base,
            api_model=api_model,
        )
    lines = [f"Set aside: {name}: {reason}" for name, reason in replies.set_aside]
    for name, answer in replies.answers.items():
        sure = "" if answer.confidence is None else f"  ({answer.score_kind} {answer.confidence:.2f})"
        said = answer.text if not replies.classes else replies.chosen[name] or f"none of the classes: {answer.text}"
        lines.append(f"{name}: {said}{sure}")
    lines += [f"Answers: {out / 'answers.json'}"] if out is not None else []
    show(replies.to_json() if json else {}, lines, as_json=json)


UNITS = (Command("ask", ask, 62),)
