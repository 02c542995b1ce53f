"""An ONNX file that takes one image, and how it is fed: batches, types, and what it takes beside the image."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocella.errors import Mismatch, Unreadable
from ocella.models.batches import batches
from ocella.models.onnx.letterbox import GREY, ImageInput, Placement
from ocella.models.onnx.runtime import Session, Slot
from ocella.types import Image

__all__ = ["OnnxNetwork", "preprocessor_settings"]

_SIDE = 640
"""Of an input whose size is free, where nothing says another."""


class OnnxNetwork:
    """The network of a file. `input` says how images go in; `fixed` is its batch size, 0 where it takes any; `free`
    whether nothing says its size.
    """

    def __init__(self, path: Path, session: Session, input_hw: tuple[int, int] | None = None) -> None:
        self.path, self.session = path, session
        self._image = _image_slot(path, session.takes)
        self._beside = [slot for slot in session.takes if slot is not self._image]
        _check_beside(path, self._beside)
        shape = self._image.shape
        last = shape[3] in (1, 3) and shape[1] not in (1, 3)
        sides = shape[1:3] if last else shape[2:]
        self.free = input_hw is None and not any(sides)
        said = input_hw or (_SIDE, _SIDE)
        self.input = ImageInput(
            (sides[0] or said[0], sides[1] or said[1]),
            dtype=self._image.dtype,
            channels_last=last,
            channels=(shape[3] if last else shape[1]) or 3,
        )
        self.fixed = shape[0]

    def prepare(self, **settings: Any) -> None:
        """Let images go in otherwise. A network that takes whole numbers does its own scaling."""
        if self._image.dtype == "uint8":
            settings |= {"factor": 1.0, "mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
        if self.input.channels == 1:
            settings |= {name: (float(np.mean(settings[name])),) for name in ("mean", "std") if name in settings}
        self.input = replace(self.input, **settings)
        self.__dict__.pop("grey", None)

    def run(self, images: Sequence[Image]) -> Iterator[tuple[dict[str, npt.NDArray[Any]], list[Placement]]]:
        """Outputs and places of the images in groups that the network takes; rows beyond the places say nothing."""
        for group in batches(images, self.fixed or len(images) or 1):
            pixels, places = self.input.batch(group)
            if len(group) < self.fixed:
                pixels = np.concatenate([pixels, np.zeros((self.fixed - len(group), *pixels.shape[1:]), pixels.dtype)])
            yield self._outputs(pixels), places

    @cached_property
    def grey(self) -> dict[str, npt.NDArray[Any]]:
        """The outputs for a grey image."""
        image = Image(np.full((*self.input.input_hw, 3), GREY, np.uint8))
        return next(self.run([image]))[0]

    @property
    def outputs(self) -> tuple[Slot, ...]:
        """Outputs with their real shapes, looked up by a run where the file leaves them open."""
        if all(0 not in slot.shape[1:] and slot.shape for slot in self.session.gives):
            return self.session.gives
        return tuple(Slot(name, value.shape, str(value.dtype)) for name, value in self.grey.items())

    def _outputs(self, pixels: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
        feeds = {self._image.name: pixels} | {s.name: self._fed(s, len(pixels)) for s in self._beside}
        found = self.session.run(feeds)
        return {k: v.astype(np.float32) if v.dtype == np.float16 else v for k, v in found.items()}

    def _fed(self, slot: Slot, n: int) -> npt.NDArray[Any]:
        """Size of the input as (width, height), or a mask that every pixel is of the image."""
        if len(slot.shape) == 2:
            return np.tile(np.array(self.input.input_hw[::-1], slot.dtype), (n, 1))
        return np.ones((n, *self.input.input_hw), slot.dtype)


def _image_slot(path: Path, slots: Sequence[Slot]) -> Slot:
    found = [slot for slot in slots if len(slot.shape) == 4]
    if not found:
        shapes = ", ".join(f"{slot.name} {slot.shape}" for slot in slots)
        raise Mismatch(f"{path} must take an image, four axes, but takes {shapes}.")
    return found[0]


def _check_beside(path: Path, slots: Sequence[Slot]) -> None:
    """Nothing but the image, its size as RT-DETR takes it, and DETR's mask of pixels."""
    for slot in slots:
        known = (len(slot.shape) == 2 and "size" in slot.name) or (len(slot.shape) == 3 and "mask" in slot.name)
        if not known:
            raise Mismatch(
                f"{path} takes '{slot.name}' {slot.shape} beside the image, and what that is cannot be known here. "
                "Export it with the image as its only input; a YOLO-World export with texts is opened by "
                "ocella.load('yolo-world-onnx', weights=Path('file.onnx'))."
            )


def preprocessor_settings(path: Path) -> dict[str, Any]:
    """Settings of `ImageInput` from a preprocessor_config.json of transformers beside the file; empty where none is."""
    config = path.parent / "preprocessor_config.json"
    if not config.is_file():
        return {}
    try:
        said = json.loads(config.read_text(encoding="utf-8"))
        found: dict[str, Any] = {"factor": float(said.get("rescale_factor", 1 / 255))}
        if not said.get("do_rescale", True):
            found["factor"] = 1.0
        if said.get("do_normalize"):
            found["mean"], found["std"] = (tuple(map(float, said[key])) for key in ("image_mean", "image_std"))
        else:
            found |= {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
        if "do_center_crop" in said:
            found["fit"] = "shorter" if said["do_center_crop"] else "stretch"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            f"{config} is no configuration of image preparation: {error}. Repair it or take it away."
        ) from error
    return found
