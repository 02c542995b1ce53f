"""Published weights of a network that no library carries, opened into one that was written here."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ocella.errors import Mismatch, NotFound, Refused, Unreadable
from ocella.models.card import ModelCard
from ocella.models.checkpoints.transformers_checkpoint import Checkpoint, import_torch, readable, torch_dtype
from ocella.models.device import torch_device
from ocella.models.entry import LoadOptions
from ocella.models.hub.weights import ensure_weights, is_fetched

__all__ = ["open_port", "read_tensors"]

_PICKLES = (".pt", ".pth", ".bin", ".ckpt")


def open_port(
    card: ModelCard,
    options: LoadOptions,
    build: Callable[[Mapping[str, Any]], Any],
    rename: Callable[[str], str | None],
    *,
    part: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Checkpoint:
    """`build` makes the network for tensors by their new names, which `rename` gives to the published ones (None leaves
    one out); `part` then takes those apart that are several in one. Weights are a file in `options.weights`, or the
    hub's. Raises Mismatch where names or shapes do not fit.
    """
    torch = import_torch(card)
    device = torch_device(options.device)
    file = options.weights or _fetched(card)
    if options.threads:
        torch.set_num_threads(options.threads)
    published = read_tensors(card, file, allow_pickle=options.pickle)
    named = ((rename(name), tensor) for name, tensor in published.items())
    tensors = {name: tensor for name, tensor in named if name is not None}
    tensors = tensors if part is None else part(tensors)
    network = build(tensors)
    _fill(card, file, network, tensors)
    network = network.to(torch_dtype(card, options, device)).to(device).eval()
    return Checkpoint(network, file if file.is_dir() else file.parent, device, f"file {file.name}")


def read_tensors(card: ModelCard, file: Path, *, allow_pickle: bool) -> dict[str, Any]:
    """Tensors of a safetensors file (or a folder with model.safetensors), or of a torch file where `allow_pickle`. Raises
    NotFound, Refused, Unreadable.
    """
    if (file / "model.safetensors").is_file():
        file = file / "model.safetensors"
    if not file.is_file():
        raise NotFound(f"weights of '{card.name}' must be a file, got {file}, which is not there.")
    if file.suffix in _PICKLES:
        return _read_pickle(card, file, allow=allow_pickle)
    from safetensors.torch import load_file

    with readable(file):
        return dict(load_file(file))


def _read_pickle(card: ModelCard, file: Path, *, allow: bool) -> dict[str, Any]:
    import pickle

    import torch

    if not allow:
        raise Refused(
            f"{file.name} is a pickle, which can run code of whoever made it. Where you trust it, allow it: "
            f"ocella.load('{card.name}', weights=Path('{file.name}'), pickle=True), or --allow-pickle. Only tensors are "
            "then taken from it."
        )
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise Unreadable(f"{file} is no file of tensors: {str(error).partition(chr(10))[0][:200]}.") from error
    for wrapped in ("ema", "module", "model", "state_dict"):  # averaged weights go before the last ones
        if isinstance(found, dict) and isinstance(found.get(wrapped), dict):
            found = found[wrapped]
    if not isinstance(found, dict) or not all(isinstance(t, torch.Tensor) for t in found.values()):
        raise Unreadable(f"{file} must hold tensors by name, but does not.")
    return dict(found)


def _fetched(card: ModelCard) -> Path:
    """The fetched file, or the folder where the card names no single file of weights."""
    if is_fetched(card):
        place = ensure_weights(card)
        named = [f for f in card.data.get("files", ()) if f.endswith((".safetensors", *_PICKLES))]
        return place / named[0] if len(named) == 1 and place.is_dir() else place
    raise NotFound(
        f"The weights of '{card.name}' are on no hub: {card.checkpoint}. Fetch the file by hand and give it: "
        f"ocella.load('{card.name}', weights=Path('file'), pickle=True)."
    )


def _fill(card: ModelCard, file: Path, network: Any, tensors: dict[str, Any]) -> None:
    own = network.state_dict()
    lacking, beyond = sorted(set(own) - set(tensors)), sorted(set(tensors) - set(own))
    shapes = [n for n in own if n in tensors and own[n].shape != tensors[n].shape]
    if lacking or beyond or shapes:
        said = [f"lacks {len(lacking)}, like {lacking[0]}"] if lacking else []
        said += [f"has {len(beyond)} more, like {beyond[0]}"] if beyond else []
        said += [f"has {len(shapes)} of another shape, like {shapes[0]}"] if shapes else []
        raise Mismatch(
            f"{file.name} is not the published weights of '{card.name}': of {len(own)} tensors it {'; '.join(said)}."
        )
    network.load_state_dict(tensors)
