"""The licence gate: what a person may use for money."""

from ocella.errors import InvalidValue, Refused
from ocella.models.card import ModelCard
from ocella.models.entry import zoo

__all__ = ["check_license", "nearest_allowed"]


def check_license(card: ModelCard, license: str) -> None:  # noqa: A002  # the field's word
    """Nothing where `license` is empty; for "commercial" raises Refused where the card's licences forbid that, with the
    clause and the nearest model that allows it.
    """
    if license not in ("", "commercial"):
        raise InvalidValue(f"license must be 'commercial' or nothing, got {license!r}.")
    if license and not card.commercial_use:
        clause = card.clause or f"its weights are under {card.weights_license}, its code under {card.code_license}"
        nearest = nearest_allowed(card)
        way_out = (
            "No model here does this and allows it." if nearest is None else f"The nearest that may be: '{nearest}'."
        )
        raise Refused(f"'{card.name}' may not be used commercially: {clause}. {way_out}")


def nearest_allowed(card: ModelCard) -> str | None:
    """The model that allows commercial use and does most of what `card` does: the stand-in that it names, else its task, its own system, its vocabulary and
    prompts, what is to be tried first, the nearest size; None where no model of the task allows it.
    """
    able = [
        e.card
        for e in zoo
        if e.card.commercial_use
        and e.card.task == card.task
        and e.card.library not in ("server", "package", "remote-code")
    ]

    def distance(other: ModelCard) -> tuple[bool, bool, bool, bool, bool, int, int, str]:
        return (
            other.name != card.stand_in,
            other.system != card.system,
            other.open_vocabulary != card.open_vocabulary,
            not set(card.prompts) <= set(other.prompts),
            not set(card.languages) & set(other.languages),
            other.try_order,
            abs(other.parameters - card.parameters),
            other.name,
        )

    return min(able, key=distance).name if able else None
