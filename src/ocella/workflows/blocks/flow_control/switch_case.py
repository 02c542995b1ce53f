"""One of several branches."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from ocella.workflows.block import Block, Targets

__all__ = ["UNITS"]


class SwitchCase(Block):
    """Let the step run that `cases` gives for the value's text, `default_next_steps` where it gives none. True is the text
    "True", 1.0 is "1.0".
    """

    type = "switch_case@v1"
    aliases = ("SwitchCase",)
    example: ClassVar[Mapping[str, Any]] = {
        "inputs": [{"type": "WorkflowImage", "name": "image"}, {"type": "WorkflowParameter", "name": "mode"}],
        "steps": [
            {
                "type": "switch_case",
                "name": "by_mode",
                "value": "$inputs.mode",
                "cases": {"night": "$steps.grey"},
                "case_insensitive": True,
            },
            {"type": "convert_grayscale", "name": "grey", "image": "$inputs.image"},
        ],
        "outputs": [{"type": "JsonField", "name": "grey", "selector": "$steps.grey.image"}],
    }

    cases: Targets = []  # a default, never changed
    default_next_steps: Targets = []  # as above
    case_insensitive: bool = False

    @classmethod
    def problems(cls, step: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Cases by name, each its own."""
        cases = step.get("cases") or {}
        if not isinstance(cases, Mapping):
            return [("cases", "a mapping from values to steps", 'Write {"red": "$steps.on_red"}.')]
        twice = [name for name, n in Counter(str(c).lower() for c in cases).items() if n > 1]
        if step.get("case_insensitive") is True and twice:
            return [("cases", "values that differ in more than capitals", f"'{twice[0]}' is there more than once.")]
        return []

    def setup(self) -> None:
        """Steps by the text of their case."""
        cases = cast("Mapping[str, str]", self.cases or {})
        self._exact = {str(name): step for name, step in cases.items()}
        self._small = {name.lower(): step for name, step in self._exact.items()}

    def run(self, value: Any) -> Targets:
        """The step of the case, or the default ones."""
        text = str(value)
        step = self._small.get(text.lower()) if self.case_insensitive else self._exact.get(text)
        return self.default_next_steps if step is None else [step]


UNITS = (SwitchCase,)
