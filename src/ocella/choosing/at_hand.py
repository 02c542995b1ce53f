"""Whether a model can run here and now: its parts installed, its weights fetched."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec

from ocella.choosing.fit import runs_out_of_the_box
from ocella.errors import OcellaError
from ocella.models.card import ModelCard
from ocella.models.hub.weights import find_weights, is_fetched

__all__ = ["AtHand", "lacking"]

AtHand = Callable[[ModelCard], str]
"""What a model lacks to run now, and the command that gets it; empty where it lacks nothing."""

_MODULES = {"transformers": "transformers", "timm": "timm", "open_clip": "open_clip", "port": "torch"}
"""What a card's library needs to be importable."""
_EXTRAS = {"ocr": "rapidocr", "doctr": "doctr", "rfdetr": "rfdetr", "timm": "timm", "torch": "torch"}


def lacking(card: ModelCard, cards: Mapping[str, ModelCard] | None = None) -> str:
    """As AtHand says; asks no network. `cards` by name are for models that are made of others."""
    if card.library == "server":
        return "needs a server of yours: --api-base and --api-model"
    if not runs_out_of_the_box(card):
        return "does not run out of the box: name it to try it all the same"
    needed = [_MODULES.get(card.library, ""), _EXTRAS.get(card.extra, "")]
    if any(module and find_spec(module) is None for module in needed):
        return f"not installed: pip install 'ocella[{card.extra or 'torch'}]', then ocella pull {card.name}"
    parts = [cards[name] for name in card.data.get("parts", ()) if cards and name in cards]
    return next((said for part in (card, *parts) if (said := _unfetched(part))), "")


def _unfetched(card: ModelCard) -> str:
    if not is_fetched(card):
        return ""
    try:
        found = find_weights(card)
    except OcellaError as error:
        return str(error)
    return "" if found is not None else f"not fetched ({card.megabytes:,.0f} MB): ocella pull {card.name}"
