"""Bar codes, found and read."""

from typing import Any, Literal

import numpy as np

from ocella.errors import MissingExtra
from ocella.ops.grey import to_grey
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.models._codes import as_objects
from ocella.workflows.kinds import BarCodes

__all__ = ["UNITS"]


class BarcodeDetector(Block):
    """Find codes and read them: an object of class barcode each, its text in the column `data`. The `reader` "zxing" knows
    EAN, UPC, Code 128, Code 39, ITF, Codabar, DataMatrix, PDF417, Aztec and QR, turned and blurred too, and needs the extra
    `codes`; "opencv" knows EAN and UPC, misses more of them, and needs
    nothing.
    """

    type = "barcode_detector@v1"
    aliases = ("BarcodeDetector", "BarcodeDetection")
    output = "predictions"
    slow = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "barcode_detector", "name": "codes", "images": "$inputs.image", "reader": "opencv"}],
        "outputs": [{"type": "JsonField", "name": "codes", "selector": "$steps.codes.predictions"}],
    }

    reader: Literal["zxing", "opencv"] = "zxing"

    def setup(self) -> None:
        """Refuses a reader that is not installed."""
        if self.reader == "zxing":
            _zxing()

    def run(self, images: Image) -> BarCodes:
        """The codes."""
        grey = to_grey(images)
        corners, texts = _by_zxing(grey) if self.reader == "zxing" else _by_opencv(grey)
        return as_objects(corners, texts, "barcode", images)


def _by_zxing(grey: Any) -> tuple[list[Any], list[str]]:
    found = _zxing().read_barcodes(np.ascontiguousarray(grey))
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    corners = [[(p.x, p.y) for p in (getattr(code.position, name) for name in names)] for code in found]
    return corners, [code.text for code in found]


def _by_opencv(grey: Any) -> tuple[list[Any], list[str]]:
    import cv2

    found, texts, _, corners = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(grey)
    read = [(c, t) for c, t in zip(corners, texts, strict=True) if t] if found else []
    return [c for c, _ in read], [t for _, t in read]


def _zxing() -> Any:
    try:
        import zxingcpp
    except ImportError as error:
        raise MissingExtra("The block 'barcode_detector'", "codes") from error
    return zxingcpp


UNITS = (BarcodeDetector,)
