"""Text read by docTR, or another reader."""

from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelId
from ocella.workflows.blocks.models._reader import ReaderBlock

__all__ = ["UNITS"]


class OcrModel(ReaderBlock):
    """Read text with docTR, or with another reader of `ocella models --task ocr` in `reader`: pp-ocr comes with the install."""

    type = "ocr_model@v1"
    aliases = ("OCRModel",)
    example = example_on_images("ocr_model", "result", reader="pp-ocr")

    reader: ModelId = "doctr"

    def model_id(self) -> str:
        """As chosen."""
        return self.reader


UNITS = (OcrModel,)
