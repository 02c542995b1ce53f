"""Where torch computes."""

from ocella.errors import InvalidValue

__all__ = ["torch_device"]


def torch_device(wanted: str) -> str:
    """`auto` takes the first of cuda, mps, cpu that torch can use here; raises InvalidValue for one that it cannot."""
    import torch

    have = [d for d, ok in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())) if ok]
    have.append("cpu")
    if wanted not in {"auto", *have}:
        raise InvalidValue(f"device must be auto or one of {', '.join(have)} here, got '{wanted}'.")
    return have[0] if wanted == "auto" else wanted
