"""QR codes, found and read."""

from ocella.ops.grey import to_grey
from ocella.types import Image
from ocella.workflows.block import Block
from ocella.workflows.blocks.models._codes import as_objects
from ocella.workflows.kinds import QrCodes

__all__ = ["UNITS"]


class QrCodeDetector(Block):
    """Find QR codes and read them: an object of class qr_code each, its text in the column `data`, empty where it could not
    be read.
    """

    type = "qr_code_detector@v1"
    aliases = ("QRCodeDetector", "QRCodeDetection")
    output = "predictions"
    slow = True
    example = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}],
        "steps": [{"type": "qr_code_detector", "name": "codes", "images": "$inputs.image"}],
        "outputs": [{"type": "JsonField", "name": "codes", "selector": "$steps.codes.predictions"}],
    }

    def run(self, images: Image) -> QrCodes:
        """The codes."""
        import cv2

        found, texts, corners, _ = cv2.QRCodeDetector().detectAndDecodeMulti(to_grey(images))
        return as_objects(corners if found else [], texts if found else [], "qr_code", images)


UNITS = (QrCodeDetector,)
