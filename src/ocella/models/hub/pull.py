"""Weights fetched ahead of use, for one model or many, into the cache or into a folder that can be carried away."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocella.models.card import ModelCard
from ocella.models.hub.roboflow_universe import fetch_universe_package, universe_card, universe_lock
from ocella.models.hub.weights import fetch_weights, find_weights, hub_card, is_fetched, lock_of
from ocella.models.hub.weights_lock import WeightsLock, lock_path
from ocella.models.load import find_entry
from ocella.progress import Progress, silent

__all__ = ["Pulled", "card_to_pull", "pull"]


@dataclass(frozen=True)
class Pulled:
    """What a pull came to: `place` is the folder, or the file, of the weights, None where there was nothing to fetch."""

    card: ModelCard
    place: Path | None
    fetched: bool
    lock: WeightsLock | None = None
    lock_file: Path | None = None

    @property
    def folder(self) -> Path | None:
        """The folder that the locked files lie in."""
        return self.place if self.place is None or self.place.is_dir() else self.place.parent

    @property
    def license(self) -> str:
        """Of the weights: the card's, or what their page says."""
        said = self.lock.license if self.lock else ""
        return (
            f"{said}, as its page says"
            if self.card.weights_license == "unknown" and said
            else self.card.weights_license
        )

    def to_json(self) -> Mapping[str, Any]:
        """JSON form."""
        return {
            "name": self.card.name,
            "weights_license": self.license,
            "commercial_use": self.card.commercial_use,
            "fetched": self.fetched,
            "folder": str(self.place) if self.place else None,
        }


def card_to_pull(name: str) -> ModelCard:
    """The card of a model's name, `hf:organisation/name@revision` or `roboflow:workspace/project/version`; raises
    NotFound.
    """
    if name.startswith("hf:"):
        repository, _, revision = name.removeprefix("hf:").partition("@")
        return hub_card(repository, revision)
    if name.startswith("roboflow:"):
        return universe_card(name.removeprefix("roboflow:"))
    return find_entry(name).card


def pull(
    card: ModelCard,
    *,
    cache: Path,
    again: bool = False,
    accept_new: bool = False,
    pickle: bool = False,
    progress: Progress = silent,
) -> Pulled:
    """The weights of a card, fetched into `cache` where they are not there. Raises as `fetch_weights` does."""
    if "roboflow" in card.data:
        before = universe_lock(card, cache)
        place = fetch_universe_package(card, cache, again=again, accept_new=accept_new, progress=progress)
        path = lock_path(cache, card.name)
        return Pulled(card, place, fetched=before is None or again, lock=universe_lock(card, cache), lock_file=path)
    if not is_fetched(card):
        return Pulled(card, None, fetched=False)
    known = None if again or accept_new else find_weights(card, cache=cache, pickle=pickle)
    place = fetch_weights(card, cache=cache, again=again, accept_new=accept_new, pickle=pickle, progress=progress)
    path = lock_path(cache, *_source(card))
    return Pulled(card, place, fetched=place != known, lock=lock_of(card, cache=cache), lock_file=path)


def _source(card: ModelCard) -> tuple[str, ...]:
    if card.data.get("hub"):
        return str(card.data["hub"]), str(card.data.get("revision") or "main")
    return (str(card.data["url"]),)
