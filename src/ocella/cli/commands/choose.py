"""`ocella choose`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ocella.cli.command import Command
from ocella.cli.options import Device, Json, License, Seed, Sources
from ocella.cli.output import progress_bars, show

__all__ = ["UNITS"]


Asked = Annotated[
    str, typer.Option("--classes", help="What to look for: 'shrimp', 'person, car=car|van', or a JSON file.")
]
Kept = Annotated[Path, typer.Option("--out", help="Folder for choice.yaml and the report; run again to go on.")]
Wish = Annotated[str, typer.Option("--task", help="where (boxes), what (classes), points, regions, ask, compare.")]
Models = Annotated[
    str, typer.Option("--models", help="auto: what is at hand and fits; or names: 'nanodet-g, owlv2-base'.")
]
Budget = Annotated[int, typer.Option(min=0, help="Questions at most; 0 asks none and gives a guess.")]
Answers = Annotated[
    Path | None, typer.Option(help="Labels that answer the questions in your place, in any known format.")
]
Labels = Annotated[Path | None, typer.Option(help="Labels of these images: exact figures, no questions.")]
Goal = Annotated[str, typer.Option("--for", help="balance, training (recall weighs twice), review.")]
Precision = Annotated[float | None, typer.Option(help="Least precision; then as much recall as there is.")]
Images = Annotated[int, typer.Option(min=1, help="Look at so many images at most.")]
Most = Annotated[int, typer.Option(min=1, help="Try so many settings at most.")]
Minutes = Annotated[float, typer.Option(min=0, help="Look for so long at most; 0 is no bound.")]
Price = Annotated[float, typer.Option(min=0, help="What one image costs on a server of yours.")]
Money = Annotated[float, typer.Option(min=0, help="Spend so much on servers at most; 0 is no bound.")]
Enough = Annotated[float, typer.Option(min=0, max=1, help="Below this F nothing is good enough.")]
AskAll = Annotated[bool, typer.Option("--all", help="Ask the whole budget, though it is settled.")]
Hardware = Annotated[str, typer.Option(help="Like 'cpu 4GB', 'cuda 24GB', 'mps'.")]


def choose(
    sources: Sources,
    classes: Asked,
    out: Kept = Path("choice"),
    task: Wish = "where",
    models: Models = "auto",
    budget: Budget = 40,
    answers: Answers = None,
    labels: Labels = None,
    goal: Goal = "",
    precision: Precision = None,
    images: Images = 128,
    most: Most = 24,
    minutes: Minutes = 0.0,
    price: Price = 0.0,
    money: Money = 0.0,
    enough: Enough = 0.5,
    all_questions: AskAll = False,
    hardware: Hardware = "cpu",
    license: License = "",
    device: Device = "auto",
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Find the model, prompts, tiling and thresholds that suit these images: tries them, asks a few short questions, and
    tells how good the best one is, with intervals.
    """
    from ocella.choosing.sentences import verdict
    from ocella.cli.terminal_asker import TerminalAsker
    from ocella.journeys.choose import CHOICE, REPORT, ChooseOptions
    from ocella.journeys.choose import choose as run

    bounds: dict[str, Any] = {
        "images": images,
        "most": most,
        "minutes": minutes,
        "price": price,
        "money": money,
        "enough": enough,
    }
    options = ChooseOptions(**bounds, stop_early=not all_questions, seed=seed, license=license, hardware=hardware)
    asks = budget > 0 and labels is None and answers is None
    asker = TerminalAsker.here(out / "questions") if asks else None
    wanted: dict[str, Any] = {"classes": classes, "task": task, "models": models, "goal": goal, "precision": precision}
    judges: dict[str, Any] = {"budget": budget, "asker": asker, "answers": answers, "labels": labels}
    with progress_bars(as_json=json) as progress:
        chosen = run(sources, out, **wanted, **judges, options=options, progress=progress, device=device)
    lines = [verdict(chosen), *(f"Take care: {w}" for w in chosen.warnings)]
    if (out / CHOICE).is_file() and chosen.best is not None:
        lines.append(f"Kept in {out / CHOICE}: ocella label PHOTOS --setting {out / CHOICE} --out DATA")
    show(chosen.to_json(), [*lines, f"Report: {out / REPORT}"], as_json=json)


UNITS = (Command("choose", choose, 15),)
