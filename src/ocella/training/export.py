"""A trained network to ONNX, and the proof on validation images that nothing was lost."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ocella.errors import Refused
from ocella.media.write import replacing, write_bytes
from ocella.models.onnx.runtime import Session

__all__ = ["ALLOWED_LOSS", "export", "halve", "prove_export"]

ALLOWED_LOSS = 0.002


def export(network: Any, path: Path, *, outputs: Sequence[str], cells: bool) -> Path:
    """Write `network` with input `images` (n, 3, h, w), batch and size free, weights float32; `cells` says that the
    second axis of the outputs grows with the image.
    """
    import torch

    axes: dict[str, dict[int, str]] = {"images": {0: "n", 2: "h", 3: "w"}}
    axes |= {name: {0: "n", 1: "cells"} if cells else {0: "n"} for name in outputs}
    portable = network.to("cpu", memory_format=torch.contiguous_format).eval()
    with replacing(path) as fresh, warnings.catch_warnings():
        # torch calls this exporter old; the new one takes ten times as long and brings warnings of its own
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", "Constant folding", UserWarning)  # a pad stays as it is: nothing is lost
        torch.onnx.export(
            portable,
            (torch.zeros(1, 3, 64, 96),),
            str(fresh),
            input_names=["images"],
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    return path


def halve(path: Path) -> Path:
    """A copy beside `path` whose weights are kept in half precision and widened when loaded: the sums stay float32."""
    import numpy as np
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(path))
    graph, casts = model.graph, []
    for held in list(graph.initializer):
        values = numpy_helper.to_array(held)
        if values.dtype == np.float32 and values.size > 1 and np.abs(values).max() < np.finfo(np.float16).max:
            name = f"{held.name}.f16"
            graph.initializer.remove(held)
            graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), name))
            casts.append(onnx.helper.make_node("Cast", [name], [held.name], to=onnx.TensorProto.FLOAT))
    for cast in reversed(casts):
        graph.node.insert(0, cast)
    return write_bytes(path.with_suffix(".half"), model.SerializeToString())


def prove_export(name: str, before: float, path: Path, metric: Callable[[Session], float]) -> float:
    """The metric of the exported file; raises Refused where it is worse or better than `before` by more than 0.002."""
    after = metric(Session(path, device="cpu"))
    if abs(after - before) > ALLOWED_LOSS:
        raise Refused(
            f"The export of {path.parent.name} has {name} {after:.4f} on the validation images, torch had {before:.4f}; "
            f"at most {ALLOWED_LOSS} may differ. Training is kept in {path.parent / '.train'}; the student is not written."
        )
    return after
