"""The words of advice: its one sentence, what to do next, and when to measure instead."""

from collections.abc import Sequence

from ocella.choosing.domains import Domain
from ocella.choosing.needs import TASKS, Needs

__all__ = ["measure_first", "steps_for", "verdict_for"]

_ENOUGH = 50
"""So many labelled images are worth a training before anything else is tried."""


def verdict_for(
    needs: Needs, domain: Domain | None, reason: str, first: str, refused: Sequence[tuple[str, str]], *, slow: bool
) -> str:
    """The answer in one or two sentences."""
    if domain is not None:
        return (
            f"No zero-shot model: these classes are {domain.name}, and {domain.why}. Label a few images "
            f"({'you have ' + str(needs.labeled) + ', ' if needs.labeled else ''}about 60 are a start) and train a small model."
        )
    if not first:
        causes = "; ".join(f"{name}: {why}" for name, why in refused[:4])
        return f"No model here fits ({causes or 'none is for ' + TASKS[needs.wish][1]}). Loosen a condition, or label a few images and train."
    said = f"Try {first} first: {reason}."
    if slow:
        said += f" It is not real time on {needs.device}, and nothing that fits is: let it label, and train a small model that is."
    if needs.labeled >= _ENOUGH and needs.task in ("detect", "classify"):
        said += (
            f" You have {needs.labeled} labelled images: a small model trained on them is likely to beat any prompt."
        )
    elif needs.goal == "label" and needs.task in ("detect", "classify"):
        said += " Let it label, check the labels, and train a small model on them."
    return said


def steps_for(needs: Needs, domain: Domain | None, first: str) -> tuple[str, ...]:
    """Commands to go on with."""
    words = ", ".join(needs.classes) or "..."
    if domain is not None or (needs.labeled >= _ENOUGH and needs.task in ("detect", "classify")):
        return (
            "ocella convert ./labels ./data",
            "ocella split ./data",
            "ocella train ./data --out ./student --minutes 5",
        )
    if not first:
        return ()
    pull = f"ocella pull {first}"
    classes = f' --classes "{words}"' if needs.task in ("detect", "classify", "semantic-segment") else ""
    if needs.wish == "ask":
        return (pull, f'ocella ask photo.jpg "what is this?" --model {first}')
    if needs.goal == "label" or (needs.realtime and needs.task == "detect"):
        return (pull, f"ocella distill ./photos --model {first}{classes} --out ./out")
    return (pull, f"ocella predict ./photos --model {first}{classes} --out ./look")


def measure_first(needs: Needs, domain: Domain | None, names: Sequence[str]) -> str:
    """When facts are not enough."""
    if domain is not None:
        return "Train on some, hold some back, and `ocella prove` says how good it is, with an interval."
    if not names or needs.task in ("depth", "embed", "track", "segment"):
        return (
            "These are facts from cards, not measurements on your images: look at some results before you rely on them."
        )
    others = " and ".join(names[:2])
    return (
        f"These are facts from cards, not measurements on your images. Prompts and thresholds matter more than models: run "
        f"{others} on 20 images, look at the pictures, and try other words for the same thing before a long run."
    )
