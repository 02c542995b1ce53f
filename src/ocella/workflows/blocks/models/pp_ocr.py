"""Text read by PP-OCR."""

from collections.abc import Mapping
from typing import Any, Literal

from ocella.workflows.blocks.models._example import example_on_images
from ocella.workflows.blocks.models._reader import ReaderBlock

__all__ = ["UNITS"]

Size = Literal["tiny", "small", "medium"]


class PpOcr(ReaderBlock):
    """Read text with PP-OCR, English and Chinese. There is one size of it here, which reads whichever of "tiny", "small" and
    "medium" is asked for.
    """

    type = "pp_ocr@v1"
    example = example_on_images("pp_ocr", "result")

    text_detection: Size = "small"
    text_recognition: Size = "small"

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Both parts are needed here."""
        return [
            (name, "'tiny', 'small' or 'medium'", "Finding and reading go together here. Leave it out.")
            for name in ("text_detection", "text_recognition")
            if step.get(name) == "none"
        ]

    def model_id(self) -> str:
        """The zoo's PP-OCR."""
        return "pp-ocr"


UNITS = (PpOcr,)
