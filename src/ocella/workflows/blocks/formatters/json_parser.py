"""JSON text as values."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ocella.types import Answer
from ocella.workflows.block import Block
from ocella.workflows.blocks.formatters._json_text import json_of

__all__ = ["UNITS"]

_STATUS = "error_status"


class JsonParser(Block):
    """The fields of a JSON object in a text, each an output of its own by the name in `expected_fields`; None where it is not
    there, and then `error_status` is true. The JSON may be alone, fenced as Markdown, or within other text.
    """

    type = "json_parser@v1"
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowParameter", "name": "text"}],
        "steps": [{"type": "json_parser", "name": "parse", "raw_json": "$inputs.text", "expected_fields": ["city"]}],
        "outputs": [{"type": "JsonField", "name": "city", "selector": "$steps.parse.city"}],
    }

    expected_fields: list[str]

    @classmethod
    def outputs(cls, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """The status, and one output a field."""
        names = step.get("expected_fields")
        fields = [] if isinstance(names, str) or not isinstance(names, Sequence) else [str(n) for n in names]
        return {_STATUS: bool, **{name: Any for name in fields if name != _STATUS}}

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """The name of the status is taken."""
        names = step.get("expected_fields") or ()
        if isinstance(names, str):
            return [("expected_fields", "a list of names", "Write them down: they are the outputs of this step.")]
        return [("expected_fields", f"names other than '{_STATUS}'", "Leave it out.")] if _STATUS in names else []

    def run(self, raw_json: str | Answer) -> dict[str, Any]:
        """Outputs by name."""
        found = json_of(raw_json)
        values = found if isinstance(found, dict) else {}
        fields = {name: values.get(name) for name in self.expected_fields}
        return {_STATUS: any(name not in values for name in self.expected_fields), **fields}


UNITS = (JsonParser,)
