"""Weights that are not in the package: found in the hub's usual cache folder, or fetched into it."""

import json
from pathlib import Path

from ocella import environment
from ocella.errors import InvalidValue, MissingExtra, NotFound
from ocella.models.card import ModelCard

__all__ = [
    "PATTERNS",
    "cache_folder",
    "ensure_weights",
    "fetch_repository",
    "fetch_weights",
    "find_weights",
    "is_complete",
    "on_hub",
]

PATTERNS = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What is fetched: no pickles, which run code when they are read, and no twins for other frameworks."""


def on_hub(card: ModelCard) -> bool:
    """Whether the weights are fetched from the hub; else they come with a package or from a server."""
    return bool(card.data.get("hub"))


def cache_folder() -> Path:
    """The hub's cache folder, which other programs share; HF_HOME moves it."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def is_complete(folder: Path) -> bool:
    """Whether a checkpoint's folder has a configuration and every file of its weights."""
    index = folder / "model.safetensors.index.json"
    parts = {"model.safetensors"}
    if index.is_file():
        parts = set(json.loads(index.read_text(encoding="utf-8")).get("weight_map", {}).values()) or parts
    return all((folder / name).is_file() for name in ("config.json", *parts))


def find_weights(card: ModelCard, *, cache: Path | None = None) -> Path | None:
    """The folder of weights that were fetched before, or None. Asks no network."""
    _check(card)
    try:
        folder = _download(card, cache=cache, endpoint=None, local=True)
    except OSError:  # the hub's "not in the cache" and "cache not complete"
        return None
    return folder if is_complete(folder) else None


def fetch_weights(card: ModelCard, *, cache: Path | None = None, endpoint: str | None = None) -> Path:
    """The folder of the weights after fetching what the cache lacks; an interrupted fetch goes on where it was.
    Raises NotFound where there is no network, or none is wanted.
    """
    found = find_weights(card, cache=cache)
    if environment.read().offline:
        if found is None:
            raise NotFound(_offline(card, cache))
        return found
    try:
        folder = _download(card, cache=cache, endpoint=endpoint, local=False)
    except _failures() as error:
        raise NotFound(_unreachable(card, cache, str(error))) from error
    if not is_complete(folder):
        raise NotFound(
            f"{card.data['hub']} was fetched into {folder}, but has no model.safetensors with config.json. Expected a "
            "checkpoint of transformers in safetensors form; is the mirror in HF_ENDPOINT complete?"
        )
    return folder


def ensure_weights(card: ModelCard, *, cache: Path | None = None, endpoint: str | None = None) -> Path:
    """The folder of the weights: as they are in the cache, and fetched only if they are not."""
    return find_weights(card, cache=cache) or fetch_weights(card, cache=cache, endpoint=endpoint)


def fetch_repository(repository: str, revision: str = "") -> Path:
    """The folder of a checkpoint on the hub that is no model of the zoo, from the cache or fetched."""
    from ocella.models.card import ModelCard

    name = f"hf:{repository}"
    card = ModelCard(
        name,
        "detect",
        "",
        f"hub: {repository}",
        "",
        "",
        False,
        0,
        0,
        (0, 0),
        data={"hub": repository, "revision": revision},
    )
    return ensure_weights(card)


def _check(card: ModelCard) -> None:
    if not on_hub(card):
        raise InvalidValue(f"'{card.name}' has no weights on a hub: {card.checkpoint}. There is nothing to fetch.")


def _download(card: ModelCard, *, cache: Path | None, endpoint: str | None, local: bool) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtra(f"The weights of '{card.name}'", card.extra or "torch") from error
    return Path(
        snapshot_download(
            card.data["hub"],
            revision=card.data.get("revision") or None,
            cache_dir=cache,
            endpoint=endpoint,
            local_files_only=local,
            allow_patterns=list(PATTERNS),
        )
    )


def _failures() -> tuple[type[Exception], ...]:
    """What a fetch may raise: the hub's HTTP error is one of files and one of the HTTP client in use, by its bases."""
    from huggingface_hub.errors import HfHubHTTPError

    return tuple(base for base in (OSError, *HfHubHTTPError.__bases__) if issubclass(base, Exception))


def _offline(card: ModelCard, cache: Path | None) -> str:
    return (
        f"The weights of '{card.name}' are not in {cache or cache_folder()}, and OCELLA_OFFLINE or HF_HUB_OFFLINE "
        f"forbids to fetch them. {_remedy(card)}"
    )


def _unreachable(card: ModelCard, cache: Path | None, reason: str) -> str:
    first = next((line.strip() for line in reason.splitlines() if line.strip()), "no reason given").removeprefix(
        "Got: "
    )
    return (
        f"The weights of '{card.name}' ({card.data['hub']}) are not all in {cache or cache_folder()} and could not be "
        f"fetched: {first[:300]}. {_remedy(card)}"
    )


def _remedy(card: ModelCard) -> str:
    return (
        f"Run `ocella pull {card.name}` where there is a network; set HF_ENDPOINT to use a mirror; or give the folder "
        f"of a checkpoint: ocella.load('{card.name}', weights=Path('folder'))."
    )
