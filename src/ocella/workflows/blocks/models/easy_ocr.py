"""Text read for definitions that use EasyOCR."""

from collections.abc import Mapping
from typing import Any

from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._model import ModelId
from ocella.workflows.blocks.models._reader import ReaderBlock

__all__ = ["UNITS"]

_READ = ("English", "Simplified Chinese")


class EasyOcr(ReaderBlock):
    """Read text for definitions that use EasyOCR, which is not here: another reader of `ocella models --task ocr` does it,
    PP-OCR unless `reader` says otherwise. PP-OCR reads English and Simplified Chinese.
    """

    type = "easy_ocr@v1"
    aliases = ("EasyOCR",)
    ignored = frozenset({"quantize"})
    example = example_on_images("easy_ocr", "result")

    language: str = "English"
    reader: ModelId = "pp-ocr"

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Languages that the usual reader does not know."""
        language = step.get("language", "English")
        if language in _READ or "reader" in step or str(language).startswith("$"):
            return []
        return [("language", " or ".join(_READ), "Or name another reader in 'reader'. See `ocella models --task ocr`.")]

    def model_id(self) -> str:
        """As chosen."""
        return self.reader


UNITS = (EasyOcr,)
